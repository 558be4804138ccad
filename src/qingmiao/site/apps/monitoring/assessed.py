"""What a run has been assessed to be, kept beside it: whoever needs a year first assesses it, all others read it.

Two files a year under `settings.HOME/assessed`, named by the run's values: they hold nothing that could not be assessed
again, so they may be lost, are in no backup, and what another program or content wrote is passed over.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.remembered import RowMemory
from qingmiao.assess.run import Assessment, assess_pack
from qingmiao.content.pack import Pack
from qingmiao.figures.adapt import findings_from
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.kernel.whole_files import write_whole
from qingmiao.site.pack import program

ASSESSMENT, FINDINGS = TypeAdapter(Assessment), TypeAdapter(Findings)
MEMORY = RowMemory()
"""What this process has assessed: the next run judges anew only what has changed."""
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OfRun:
    """What decides a run's assessments: its values' file name, and what it knows of returns and of the data."""

    pack: Pack
    file: str
    states: tuple[DueReturn, ...]
    findings: tuple[QualityFinding, ...]

    def named(self, what: str, year: int) -> str:
        """The name of a file that is kept: of the same name are only those that the same program made of the same."""
        told = hashlib.sha256(repr((program(), self.pack.digest, self.states, self.findings)).encode())
        return f"{_begins(self.file)}{what}-{year}-{told.hexdigest()[:20]}.json"


def assessment_of(run: OfRun, values: pa.Table, year: int) -> Assessment:
    """The assessment of a run as of a year: as it is kept, else made of its `values` now and kept."""

    def make() -> Assessment:
        states = [s for s in run.states if s.return_id in run.pack.returns]
        return assess_pack(run.pack, values, year=year, return_status=states, findings=run.findings, memory=MEMORY)

    return _kept(ASSESSMENT, run.named("assessment", year), make)


def findings_of(run: OfRun, book: Book, year: int, assessment: Callable[[int], Assessment]) -> Findings:
    """The three answers for every target as reports tell them: as they are kept, else made now and kept."""
    return _kept(FINDINGS, run.named("findings", year), lambda: findings_from(assessment(year), run.pack, book))


def drop_others(file: str) -> None:
    """Drop what is kept of other runs than the one with this values `file`: pages show the newest."""
    for path in _folder().glob("*.json"):
        if not path.name.startswith(_begins(file)):
            path.unlink(missing_ok=True)


def _kept(adapter: TypeAdapter[T], name: str, make: Callable[[], T]) -> T:
    path = _folder() / name
    try:
        return adapter.validate_json(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, ValidationError) as e:
        log.warning("what was kept cannot be read and is made again: %s (%s)", name, type(e).__name__)
    made = make()
    _keep(path, adapter.dump_json(made))
    return made


def _keep(path: Path, content: bytes) -> None:
    """Written whole or not at all; a disk that takes nothing costs the next reader time, and no page."""
    try:
        write_whole(path, content)
    except OSError as e:
        log.warning("what was assessed cannot be kept: %s (%s)", path.name, e.strerror)


def _begins(file: str) -> str:
    return f"{Path(file).stem}-"


def _folder() -> Path:
    return Path(settings.HOME) / "assessed"
