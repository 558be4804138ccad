"""Cases as facts: what may be counted of a case, published in the transaction of the step that says it; each version
takes the place of the one before. Nothing is published anew where nothing that counts has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from qingmiao.casework.case import CaseFile
from qingmiao.casework.counted import CaseCounted, case_rows, tables
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.facts import Fact
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import programmes, standing
from qingmiao.site.apps.cases.models import CORE, KeptCase
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records.api import about, sealing

SOURCE = "case"
COUNTY = 6
"""Digits of a county's code."""


def publish(case: KeptCase, ready: ReadyProgramme, file: CaseFile, now: datetime) -> int:
    """Publish what counts of a case at a moment (China's clock, no offset), where it is other than before; how many
    rows it gives now. In the transaction of what it tells of."""
    return publish_all([(case, ready, file, now)])


def publish_all(told: Iterable[tuple[KeptCase, ReadyProgramme, CaseFile, datetime]]) -> int:
    """The same of many cases at once: each table is written once for each day."""
    pack, given = site_pack.pack(), 0
    sheaves: dict[tuple[str, date], tuple[list[dict[str, Any]], list[facts.Sheaf]]] = {}
    for case, ready, file, now in told:
        area = known_area(case.area)
        wanted = [t for t in tables(ready) if t in pack.facts]
        if not area or not wanted:
            continue
        rows = case_rows(ready, file, _counted(case, area), now)
        digest = hashlib.sha256(json.dumps([rows.get(t, []) for t in wanted], default=str).encode()).hexdigest()
        if digest == case.facts_digest or (not case.facts_version and not any(rows.values())):
            continue
        case.facts_version, case.facts_digest = case.facts_version + 1, digest
        KeptCase.objects.filter(pk=case.pk).update(facts_version=case.facts_version, facts_digest=digest)
        name = f"{SOURCE}:{case.pk}@{case.facts_version}"
        for table in wanted:
            made = [_of_house(pack.facts[table], case, file, area, now.date()) | row for row in rows.get(table, [])]
            before, of = sheaves.setdefault((table, now.date()), ([], []))
            of.append(facts.Sheaf(f"{SOURCE}:{case.pk}", case.facts_version, len(before), len(before) + len(made)))
            before += [r | {"_file": name, "_row": n + 1} for n, r in enumerate(made)]
        given += sum(map(len, rows.values()))
    for (table, day), (written, of) in sheaves.items():
        facts.renew_each(table, written, of, on=day)
    return given


def _counted(case: KeptCase, area: str) -> CaseCounted:
    brief = about.briefs([case.child_id]).get(case.child_id) if case.child_id is not None else None
    known: dict[str, Any] = {"sex": brief.sex, "birth_date": brief.birth_date} if brief is not None else {}
    kind = Organisation.objects.values_list("kind", flat=True).get(pk=case.owner_id)
    return CaseCounted(
        sealing.case_pseudonym(case.pk),
        area,
        known_area(area[:COUNTY]) or area,
        str(kind),
        known,
        case.state == "sealed",
    )


def known_area(code: str) -> str:
    """A place as facts know it: itself, or the nearest one around it that the pack lists; "" for none."""
    areas = site_pack.pack().areas
    return next((code[:n] for n in range(len(code), 1, -1) if code[:n] in areas), "")


def _of_house(fact: Fact, case: KeptCase, file: CaseFile, area: str, day: Any) -> dict[str, Any]:
    """The columns that the house fills of a case in any table; what the case's own rows say of them wins."""
    found: dict[str | None, Any] = {
        fact.key[0]: sealing.case_pseudonym(case.pk), fact.area: area, fact.version: day,
        fact.date: file.history[0].at.date(),
    }  # fmt: skip
    return {column: value for column, value in found.items() if column is not None and column in fact.columns}


def _case(name: str) -> KeptCase | None:
    return KeptCase.objects.select_related("owner").filter(pk=int(name) if name.isdigit() else 0).first()


def _label(name: str) -> str:
    case = _case(name)
    one = programmes.every().get(case.programme) if case is not None else None
    open_to_all = case is not None and case.secrecy != CORE and case.state != "sealed"
    return f"个案：{one.label.zh}" if one is not None and open_to_all else "个案"


def _seen(name: str, reach: Reach) -> bool:
    """For whom the case is to see."""
    case = _case(name)
    return case is not None and standing.sights(reach).of(case) is not None


def _entered(name: str) -> facts.Entered:
    case = _case(name)
    return facts.Entered(str(case.owner_id), "") if case is not None else facts.Entered()


facts.register(
    SOURCE, label=_label, address=lambda name: f"/cases/{name}", entered=_entered, of_records=True, seen=_seen
)
