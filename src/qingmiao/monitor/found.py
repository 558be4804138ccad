"""What collecting and measuring found, in the words of the assessment; kept with a run, so that it can be assessed
again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.collect import Collected
from qingmiao.content.pack import Pack
from qingmiao.measure.result import Measured

FILE = "collected.json"
"""The file of a run that holds what collecting found."""

_DAYS = ("due", "received", "as_of")


@dataclass(frozen=True)
class Found:
    """What the assessment is told beside the values: the returns that were due, and findings of collecting."""

    returns: tuple[DueReturn, ...]
    findings: tuple[QualityFinding, ...]


def found_in(pack: Pack, collected: Collected, *, year: int, on: date) -> Found:
    """The returns of `year` as they stand on `on`, and what collecting found."""
    returns = [s for s in return_states(pack, collected, on=on) if s.year == year]
    return Found(tuple(returns), tuple(collected_findings(pack, collected)))


def write_found(path: Path, found: Found) -> None:
    """Write it as JSON, days as 2025-03-01."""
    text = json.dumps(asdict(found), ensure_ascii=False, indent=1, default=date.isoformat)
    path.write_text(text + "\n", "utf-8")


def read_found(path: Path) -> Found:
    """Read it again. Raises KeyError, TypeError or ValueError where the file is none of ours."""
    record = json.loads(path.read_text("utf-8"))
    returns = tuple(DueReturn(**{k: _day(k, v) for k, v in r.items()}) for r in record["returns"])
    return Found(returns, tuple(QualityFinding(**f) for f in record["findings"]))


def _day(name: str, value: Any) -> Any:
    """JSON is untyped until here: the days among a return's fields."""
    return date.fromisoformat(value) if name in _DAYS and value is not None else value


def return_states(pack: Pack, collected: Collected, *, on: date) -> list[DueReturn]:
    """Each return that was due, in the words of the assessment; one without a submission date counts as in time."""
    states = []
    for s in collected.return_status:
        received = None if s.state == "missing" else s.submitted or s.due
        label = f"{pack.returns[s.return_id].form_no} {pack.returns[s.return_id].label.zh}"
        states.append(DueReturn(s.return_id, s.area, s.year, s.due, received, on, label))
    return states


def findings(measured: Measured, found: Sequence[QualityFinding]) -> list[QualityFinding]:
    """What collecting found, and then what measuring found."""
    more = (
        QualityFinding(m.code, m.message, indicator=m.indicator, area=m.area, year=m.year or None)
        for m in measured.findings
    )
    return [*found, *more]


def collected_findings(pack: Pack, collected: Collected) -> list[QualityFinding]:
    """What collecting found, in the words of the assessment."""
    found = []
    for f in collected.findings:
        rows = "、".join(str(r) for r in f.rows[:10])
        data = f"文件 {f.file}，{f.count} 处" + (f"，第 {rows} 行{'等' if f.count > 10 else ''}" if rows else "")
        found.append(
            QualityFinding(
                f.code,
                f.message,
                data=data,
                subject=_table_name(pack, f.table),
                basis=f.basis,
                lead=_in_charge(pack, f.table),
            )
        )
    return found


def _in_charge(pack: Pack, table: str) -> str:
    """The unit that reports a return or owns a fact table; empty where none is named."""
    if table in pack.returns:
        return pack.returns[table].reporter
    return (pack.facts[table].owner or "") if table in pack.facts else ""


def _table_name(pack: Pack, table: str) -> str:
    """What people call a fact table or a return."""
    if table in pack.returns:
        return f"{pack.returns[table].form_no} {pack.returns[table].label.zh}"
    return pack.facts[table].label.zh if table in pack.facts else table
