"""What pages of children's files post, for the matrix of posts."""

from __future__ import annotations

import base64
from typing import Any

from django.utils import timezone

from qingmiao.site.apps.records import kinds, lists, sealing
from qingmiao.site.apps.records.event_models import Charge, HealthRecord, SameChild
from qingmiao.site.apps.records.list_models import ChildList
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.mothers.models import MotherFile, SameMother
from website import filed_mothers
from website.filed import HOME, KIND, answers, born
from website.filed_steps import LAYOUT, child_said

Body = dict[str, Any]
WHO = {"name": "演示娃", "sex": "F", "birth_date": born().isoformat(), "certainty": "day"}
PLACE = {"area": HOME, "village": "演示村", "address": "演示路1号"}
OWN_HEADING = "本单位自己的表头"
REASON = {"reason": "写清楚了的话"}
EXPLAINED = {f"explain.{key}": "核对无误" for key in ("visit_age", "growth_refer", "signs_refer")}
SENT: dict[str, tuple[str, Body]] = {
    "amend": ("here", {**WHO, **REASON}),
    "reside": ("here", PLACE),
    "attend": ("here", {"school_unit": "", "school_class": "", "grade": ""}),
    "relate": ("here", {"relative_name": "演示母", "relative_kind": "mother", "guardian": "1"}),
    "part": ("here", {"relation": "1", **REASON}),
    "hand_over": ("here", {"unit": "cdc", **REASON}),
    "move_out": ("here", {"on": timezone.localdate().isoformat(), "to": "演示省演示市"}),
    "return": ("moved_out", PLACE),
    "die": ("here", {"on": timezone.localdate().isoformat(), **REASON}),
    "reopen": ("died", REASON),
    "merge": ("here", REASON),
    "unmerge": ("merged", REASON),
}
"""Step of a file → the state in which it is posted, and the body."""


def _held(wanted: Any, *, wide: bool = False) -> frozenset[str]:
    """The roles whose rule says so and that see the files of their own unit; `wide`: of every unit of the area."""
    from qingmiao.content.roles import Scope, grants
    from qingmiao.site.pack import pack

    rules, found = kinds.rules(), set()
    for role in pack().roles.values():
        mine = [rules[g] for g in grants(pack().roles, role.id) & set(rules)]
        if any(map(wanted, mine)) and any(r.over != "charge" for r in mine) and (role.scope is Scope.AREA or not wide):
            found.add(role.id)
    return frozenset(found)


def _keeping(*, wide: bool = False) -> frozenset[str]:
    """The roles that keep mothers' files of their own unit; `wide`: of every unit of the area."""
    from qingmiao.content.roles import Scope, grants
    from qingmiao.site.pack import pack

    rules, roles = kinds.mothers_rules(), pack().roles
    return frozenset(
        r.id for r in roles.values()
        if any(rules[g].keeps and rules[g].over != "charge" for g in grants(roles, r.id) & set(rules))
        and (r.scope is Scope.AREA or not wide)
    )  # fmt: skip


def _recording(kind: str = KIND) -> frozenset[str]:
    from qingmiao.content.roles import grants
    from qingmiao.site.pack import pack

    wanted = set(kinds.kinds()[kind].recorded_by)
    return frozenset(r for r in pack().roles if grants(pack().roles, r) & wanted)


def actions(action: Any, thing_in: Any) -> tuple[Any, ...]:
    """The actions, made with the matrix's own makers."""

    def step(name: str, state: str, body: Body) -> Any:
        def make(world: Any, unit: str) -> tuple[Body, Body]:
            thing = world.thing(Child, unit, state)
            into = {"into": str(child_said(world, thing)["into"])} if name == "merge" else {}
            if name == "hand_over" and unit == "cdc":
                into = {"unit": "mch_hospital"}
            return {"number": thing.pk}, {"do": name, "version": "1", **body, **into}

        ruled = (lambda r: r.settles) if name in ("merge", "unmerge") else (lambda r: r.keeps)
        return action("records.change", name, make, _held(ruled), _held(ruled, wide=True))

    def of_mother(name: str, state: str, body: Body) -> Any:
        def make(world: Any, unit: str) -> tuple[Body, Body]:
            thing = world.thing(MotherFile, unit, state)
            into = {"into": str(filed_mothers.another(world, thing).pk)} if name == "merge" else {}
            return {"number": thing.pk}, {"do": name, "version": "1", **body, **into}

        return action("mothers.change", name, make, _keeping(), _keeping(wide=True))

    def pair(do: str) -> Any:
        body = {"do": do, "version": "1", **REASON}
        settles = _held(lambda r: r.settles)

        def make(world: Any, unit: str) -> tuple[Body, Body]:
            return {}, {**body, "pair": str(world.thing(SameChild, unit, "open").pk)}

        return action("records.pairs", do, make, settles, _held(lambda r: r.settles, wide=True))

    def pair_of_mothers(do: str) -> Any:
        def make(world: Any, unit: str) -> tuple[Body, Body]:
            return {}, {"do": do, "version": "1", **REASON, "pair": str(world.thing(SameMother, unit, "open").pk)}

        return action("mothers.pairs", do, make, _keeping(), _keeping(wide=True))

    def add(world: Any, unit: str) -> tuple[Body, Body]:
        thing = world.thing(Child, unit, "here")
        if unit.startswith("other."):  # it lives in the other county too
            Child.objects.filter(pk=thing.pk).update(area=f"{thing.unit.area_id}100")
        return {"number": thing.pk, "kind": KIND}, {**answers(), **EXPLAINED, "operation": f"posted-for-{unit}"}

    def line(world: Any, unit: str) -> tuple[Body, Body]:
        arguments, sent = add(world, unit)
        said = {k: v if isinstance(v, list) else str(v) for k, v in answers().items()}
        explained = {key.removeprefix("explain."): words for key, words in EXPLAINED.items()}
        of = {"child": arguments["number"], "kind": KIND, "operation": f"line-{sent['operation']}", "seen": 0}
        return {}, {**of, "answers": said, "explanations": explained}

    def charge(world: Any, unit: str) -> tuple[Body, Body]:
        thing = world.thing(Charge, unit, "held")
        return {}, {"do": "end", "charge": str(thing.pk), "version": "1"}

    def headings(world: Any, unit: str) -> tuple[Body, Body]:
        thing = world.thing(ChildList, unit, "open")
        ours, *others = (c.heading for c in lists.layouts()[thing.layout].columns if c.required)
        file = ",".join([OWN_HEADING, *others]).encode()
        sealed = sealing.seal(sealing.LIST, sealing.LISTED, thing.pk, base64.b64encode(file).decode())
        ChildList.objects.filter(pk=thing.pk).update(file_sealed=sealed, unknown=[OWN_HEADING])
        return {"number": thing.pk}, {"do": "map", "version": "1", "theirs": OWN_HEADING, "ours": ours}

    record = thing_in(HealthRecord, "recorded")
    corrected = {**answers(), **EXPLAINED, "version": "1", "correction_reason": "抄错了一位数"}
    wide = frozenset(r for r in _recording() if r in _held(lambda r: True, wide=True))
    return (
        *(step(name, state, body) for name, (state, body) in SENT.items()),
        *(of_mother(name, state, body) for name, (state, body) in filed_mothers.SENT.items()),
        pair("same"), pair("two"), pair_of_mothers("same"), pair_of_mothers("two"),
        action("records.listed", "map", headings, _recording(lists.layouts()[LAYOUT].record)),
        action("records.add", "", add, _recording(), _seeing(), True),
        action("records.day", "", line, _recording(), _seeing(), True, True),
        action("records.record", "", record(lambda r: {"version": "1", **REASON}), _recording(), wide),
        action("records.correct", "", record(lambda r: corrected), _recording(), wide),
        action("records.charges", "end", charge, kinds.roles_that(lambda r: r.charges)),
    )  # fmt: skip


def _seeing() -> frozenset[str]:
    """Of the recorders, those who see the child of another unit too: it lives in their area."""
    from qingmiao.content.roles import grants
    from qingmiao.site.pack import pack

    rules, roles = kinds.rules(), pack().roles
    return frozenset(r for r in _recording() if any(rules[g].over == "area" for g in grants(roles, r) & set(rules)))


OTHERWISE = {
    "records.ask": "FileRequest.receive among the steps; tests/website/test_requests.py",
    "records.request": "the other steps of FileRequest among the steps; tests/website/test_requests.py",
    "records.consents": "Consent among the steps; tests/website/test_requests.py",
    "records.glass": "GlassReview among the steps; tests/website/test_requests.py",
    "records.past": "Erasure among the steps; tests/website/test_requests.py",
    "mothers.list": "search reads only: tests/website/test_mothers.py",
    "mothers.one": "a number shown in full: tests/website/test_mothers.py",
    "mothers.new": "MotherFile.register among the steps; tests/website/test_mothers.py",
    "mothers.add": "HealthRecord.record among the steps; tests/website/test_mothers.py",
    "records.list": "search reads only; the file opened urgently: tests/website/test_records_pages.py",
    "records.one": "a number shown in full: tests/website/test_records_pages.py",
    "records.lists": "ChildList.receive among the steps; tests/website/test_child_lists.py",
    "records.out": "an export reads only; its line in the ledger: tests/website/test_list_out.py",
    "records.listed": "the other steps of ChildList among the steps; tests/website/test_child_lists.py",
    "records.new": "Child.register among the steps; tests/website/test_records_pages.py",
}
