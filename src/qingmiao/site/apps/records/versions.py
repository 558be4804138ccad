"""The versions of a record: the form that it was made by, its answers, what it said on an earlier day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from qingmiao.forms import Filled, ReadyForm, fill
from qingmiao.forms.frozen import freeze, thaw
from qingmiao.forms.ready import places
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records.event_models import FormKept, HealthRecord, RecordVersion


def form_kept(form: str) -> FormKept:
    """The present form as it is kept with what is recorded by it."""
    frozen, digest = _frozen(form, site_pack.pack().root)
    version = int(frozen["form"]["version"])
    made, _ = FormKept.objects.get_or_create(
        digest=digest, defaults={"form": form, "form_version": version, "frozen": frozen}
    )
    return made


@lru_cache(maxsize=256)
def _frozen(form: str, root: Path) -> tuple[dict[str, Any], str]:
    frozen = freeze(site_pack.pack(), form)
    said = json.dumps(frozen, ensure_ascii=False, sort_keys=True).encode()
    return frozen, hashlib.sha256(said).hexdigest()


def present(form: str) -> ReadyForm:
    """The pack's present form, ready; unlike `form_kept` it asks and keeps nothing."""
    return _present(form, site_pack.pack().root)


@lru_cache(maxsize=256)
def _present(form: str, root: Path) -> ReadyForm:
    return thaw(_frozen(form, root)[0], places(site_pack.pack()))


@lru_cache(maxsize=512)
def _thawed(digest: str, root: Path) -> ReadyForm:
    kept = FormKept.objects.get(digest=digest)
    return thaw(kept.frozen, places(site_pack.pack()))


def ready(kept: FormKept) -> ReadyForm:
    """A kept form, ready; each is made ready once a process."""
    return by_digest(kept.digest)


def by_digest(digest: str) -> ReadyForm:
    """The same of the form that is kept under a digest."""
    return _thawed(digest, site_pack.pack().root)


def newest(record: HealthRecord) -> RecordVersion:
    """What a record says now; of a withdrawn one what it said before."""
    found = RecordVersion.objects.filter(record=record, withdrawn=False).select_related("form")
    return found.defer("form__frozen").order_by("-number")[0]


def last(record: HealthRecord) -> RecordVersion:
    """The newest version, with who made it; of a withdrawn record the withdrawal."""
    return RecordVersion.objects.filter(record=record).select_related("by").order_by("-number")[0]


def standing(children: Iterable[int], known: datetime | None = None) -> QuerySet[RecordVersion]:
    """What the records in these files say, a version each: now, or as they were known before a moment. Withdrawn ones,
    and those that were not made yet, are not among them."""
    rows = RecordVersion.objects.filter(record__child__in=list(children)).select_related("form", "record")
    rows = rows.defer("form__frozen")  # large, and made ready once a process
    if known is None:
        return rows.filter(number=F("record__version")).exclude(record__state="withdrawn")
    later = RecordVersion.objects.filter(record=OuterRef("record"), at__lt=known, number__gt=OuterRef("number"))
    return rows.filter(~Exists(later), at__lt=known, withdrawn=False)


def filled(version: RecordVersion) -> Filled:
    """A version's answers, judged by its own form as of the day on which they were filled in."""
    return fill(ready(version.form), version.answers, on=version.filled_date)


def values(version: RecordVersion) -> Mapping[str, Any]:
    """Field → value of a version, computed ones too."""
    return filled(version).values
