"""The demonstration's benefits: as many children as the scenario says, last month's run paid but for two that came
back, and this month some who are new, changed, or reached the age at which it ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.benefits.bank import yuan_text
from qingmiao.casework.case import Taken
from qingmiao.content.benefits import Benefit, PaymentFile
from qingmiao.content.pack import Pack
from qingmiao.demo.scenario import ScenarioError, read_scenario
from qingmiao.kernel.days import add_months
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.benefits import api, keeping
from qingmiao.site.apps.benefits.models import BenefitPayment, BenefitRun
from qingmiao.site.apps.cases import parties
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.directory.models import Assignment, Person
from qingmiao.site.apps.records.api import about
from qingmiao.site.demo.accounts import MARK
from qingmiao.site.demo.cases import SEED, Cast, Played, case_of, scripts

PLACE = "benefits"
"""Where the scenario says which benefits are shown: how many children (`children`), and yuan by place of care
(`standards`)."""
NEW, CHANGED, EARLIER, GROWN, GROWING, BOUNCED = 3, 1, 5, 2, 1, 2
"""Of the children: who is new this month, has another account from this month on, was paid two months in arrears,
reached the age last month, reaches it this month; and whose payment came back last month."""
ADULT = 18
"""The age of a benefit that names none."""
SET_BEFORE = 900
"""Days before today on which the standard was set."""


@dataclass(frozen=True)
class Wanted:
    """A benefit as it is shown: the script that leads to its payment, the step that changes the account, and what the
    scenario says."""

    kind: Benefit
    paid: Played
    change: Taken | None
    children: int
    standards: Mapping[str, float]


def stage(pack: Pack, *, now: datetime | None = None) -> int:
    """Cases and last month's run of every benefit of the scenario, once; how many children there are."""
    at, made = timezone.make_naive(now or timezone.now()), 0
    if BenefitRun.objects.exists():
        return 0
    for wanted in _wanted(pack):
        staff = [Reach(p) for p in _payers(wanted.kind)]
        if not staff:
            continue
        with transaction.atomic(), audit.through("cases"):
            children = _cases(pack, wanted, at, staff[0])
            audit.append(audit.SYSTEM, "cases.stage", object_type="case", detail={"cases": children})
        made += children
        if len(staff) > 1:
            _last_month(wanted.kind, staff, add_months(at.date().replace(day=1), -1))
    return made


def _wanted(pack: Pack) -> list[Wanted]:
    try:
        told = read_scenario(pack).group(PLACE)
    except ScenarioError:  # a pack without a scenario of its own
        return []
    found, kinds = [], pack.entries("benefits", Benefit)
    for id_, said in told.items():
        if id_ not in kinds:
            raise ScenarioError(f"演示参数 {PLACE}.{id_}：没有这种待遇")
        played = next((p for p in scripts(pack) if _pays(kinds[id_], p)), None)
        if played is None:
            raise ScenarioError(f"演示参数 {PLACE}.{id_}：没有开始发放并写明账户的脚本")
        paid, change = _parts(kinds[id_], played)
        found.append(Wanted(kinds[id_], paid, change, int(said["children"]), said["standards"]))
    return found


def _pays(kind: Benefit, played: Played) -> bool:
    """Whether a script comes to a payment with an account."""
    steps = [t for t in played.history if t.target in kind.paid_in and kind.account.number in t.values]
    return played.ready.programme.id == kind.programme and bool(steps)


def _parts(kind: Benefit, played: Played) -> tuple[Played, Taken | None]:
    """The steps up to the payment, and the later one that changes the account from a month on."""
    last = next(n for n, t in enumerate(played.history, start=1) if t.target in kind.paid_in)
    change = next((t for t in played.history[last:] if {kind.account.number, kind.changes_from} <= set(t.values)), None)
    return replace(played, history=played.history[:last]), change


def _payers(kind: Benefit) -> list[Person]:
    """The people of the first unit that makes runs: one makes, another releases."""
    rows = Assignment.objects.filter(role__in=kind.pays, person__is_demo=True).select_related("person").order_by("pk")
    return [a.person for a in rows if a.organisation_id == rows[0].organisation_id]


def _cases(pack: Pack, wanted: Wanted, at: datetime, clerk: Reach) -> int:
    """The cases of as many children as the scenario says are paid this month, those of other scripts among them; and of
    those who have reached the age. How many."""
    kind, draw, find = wanted.kind, Random(f"benefits {SEED}"), lru_cache(maxsize=2000)(parties.nearest)
    people, month = Cast(), at.date().replace(day=1)
    _standard(pack, wanted, draw, at, people, find)
    there = keeping.worked_out(clerk, kind.id, month, "-")[0].children
    age = kind.until_age or ADULT
    root = pack.root_area.code if pack.root_area is not None else ""
    born = (at.date() - timedelta(days=365 * (age - 2)), at.date() - timedelta(days=365))
    briefs = about.many(root, born, max(0, wanted.children - there - GROWING))
    missing = range(len(briefs), max(0, wanted.children - there - GROWING))
    where = sorted(a.code for a in pack.areas.values() if a.level == "township") or [root]
    briefs += [
        about.ChildBrief(
            0, f"演示儿童{n + 1:03d}", "FM"[n % 2], born[0] + timedelta(days=9 * n), where[n % len(where)], ""
        )
        for n in missing
    ]
    made = 0
    for n, brief in enumerate(briefs):
        first = month if n < NEW else add_months(month, -3) if n < NEW + EARLIER else add_months(month, -1)
        changed = NEW + EARLIER <= n < NEW + EARLIER + CHANGED
        made += _one(wanted, draw, at, brief, n, first, people, find, month if changed else None)
    for n in range(GROWN + GROWING):
        day = add_months(month, -1 if n < GROWN else 0) + timedelta(days=4 + n)
        born_on = day.replace(year=day.year - age)
        grown = about.ChildBrief(0, f"演示成年{n + 1}", "FM"[n % 2], born_on, where[n % len(where)], "")
        made += _one(wanted, draw, at, grown, len(briefs) + n, add_months(month, -1), people, find, None)
    people.publish()
    return made


def _one(
    wanted: Wanted, draw: Random, at: datetime, brief: about.ChildBrief, n: int, month: date, people: Cast, find: Any,
    changed: date | None,
) -> bool:  # fmt: skip
    """One child's case up to the payment from a month on; with another account from `changed` on."""
    kind, history = wanted.kind, wanted.paid.history
    paid = min(datetime.combine(month, time(10)) - timedelta(days=draw.randint(1, 20)), at)
    first = paid - (history[-1].at - history[0].at)
    moved = first - history[0].at
    account: dict[Any, Any] = {
        kind.account.holder: f"演示监护人{n + 1:03d}", kind.account.number: f"0000{n + 1:08d}",
        kind.account.bank: f"演示银行{MARK}", kind.first_month: month - timedelta(days=moved.days),
    }  # fmt: skip
    care = next((c for place in reversed(list(kind.care.values())) for c in place.codes), None)
    steps = [_with(t, {kind.place: care} if kind.place in t.values else {}) for t in history[:-1]]
    steps.append(_with(history[-1], {k: v for k, v in account.items() if k is not None}))
    if changed is not None and wanted.change is not None:
        new: dict[Any, Any] = {
            kind.account.number: f"0000{n + 1:08d}9", kind.changes_from: changed - timedelta(days=moved.days),
            kind.account.holder: account[kind.account.holder],
        }  # fmt: skip
        steps.append(replace(_with(wanted.change, new), at=min(at, datetime.combine(changed, time(9))) - moved))
    return case_of(
        replace(wanted.paid, history=tuple(steps)), draw, first, at, brief.area, people, find, brief=brief
    )  # fmt: skip


def _with(taken: Taken, values: Mapping[Any, Any]) -> Taken:
    return replace(taken, values={**taken.values, **values})


def _standard(pack: Pack, wanted: Wanted, draw: Random, at: datetime, people: Cast, find: Any) -> None:
    """The county's standard, set long enough ago."""
    rule = wanted.kind.standards
    if rule is None:
        return
    for played in scripts(pack):
        reached = next((n for n, t in enumerate(played.history, start=1) if t.target in rule.set_in), 0)
        said = {k: v for t in played.history[:reached] for k, v in t.values.items()}
        if played.ready.programme.id == rule.programme and reached and rule.only.items() <= said.items():
            first = at - timedelta(days=SET_BEFORE)
            since = first.date() - timedelta(days=(first - played.history[0].at).days)
            amounts = {rule.amounts[care]: yuan for care, yuan in wanted.standards.items()}
            steps = [
                _with(t, {k: v for k, v in ({rule.since: since} | amounts).items() if k in t.values})
                for t in played.history[:reached]
            ]
            root = pack.root_area.code if pack.root_area is not None else ""
            case_of(replace(played, history=tuple(steps)), draw, first, at, root, people, find)
            return


def _last_month(kind: Benefit, staff: Sequence[Reach], month: date) -> None:
    """Last month's run: made, released by another person, paid by the bank but for two."""
    made, released = staff[0], staff[1]
    unit = next(o.unit for o in api.offered(made) if o.id == kind.id)
    number = api.make(made, kind.id, unit, month)
    api.move(released, number, "release", version=1)
    api.move(made, number, "hand_over", version=2)
    layouts = site_pack.pack().entries("payment_files", PaymentFile)
    id_, layout = next(iter(layouts.items()))
    said, out = layout.answer, io.StringIO(newline="")
    heads = [h for h in (said.reference, said.yuan, said.result, said.reason) if h is not None]
    writer = csv.writer(out)
    writer.writerow(heads)
    rows = list(BenefitPayment.objects.filter(run=number).order_by("case", "pk"))
    staying = len(rows) - GROWN - GROWING
    """Behind them stand those who reach the age: what comes back is of children who are paid on."""
    for n, p in enumerate(rows):
        back = staying - BOUNCED <= n < staying
        cells = {
            said.reference: p.reference, said.yuan: yuan_text(p.fen), said.result: "失败" if back else said.paid[0],
            said.reason: "账户已注销" if back else "",
        }  # fmt: skip
        writer.writerow([cells[h] for h in heads])
    api.book(made, number, id_, name="回盘.csv", data=out.getvalue().encode("utf-8-sig"), version=3)
