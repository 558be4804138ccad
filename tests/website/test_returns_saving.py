"""Saving cells: what is understood as a number, what others changed meanwhile, what the rules say, what counts as an
explanation."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import api, sheet
from qingmiao.site.apps.returns.explanations import is_real
from qingmiao.site.apps.returns.models import Cell
from website import returns_world as world
from website.role_ids import Role


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234", "1234"),
        ("１２３４", "1234"),
        ("1,234", "1234"),
        ("1，234.5", "1234.5"),
        (" 1 234 ", "1234"),
        ("１２．５", "12.5"),
        ("－3", "-3"),
        ("12\u3000345", "12345"),
        ("0", "0"),
        ("007", "7"),
    ],
)
def test_numbers_as_people_type_them(typed, number):
    assert sheet.typed_number(typed) == Decimal(number)


@pytest.mark.parametrize("typed", ["1,5", "12人", "约100", "1.2.3", "=1+1", "NaN", "inf", "1e20", "0.0000001", "①②a"])
def test_what_is_no_number_is_said_to_be_none(typed):
    with pytest.raises(ValueError, match="「"):
        sheet.typed_number(typed)


@pytest.mark.parametrize("typed", ["", "  ", "\u3000"])
def test_nothing_is_nothing_and_not_zero(typed):
    assert sheet.typed_number(typed) is None


RULE = "应筛查新生儿数与上期相比变动超过30%，请说明原因"


@pytest.mark.parametrize(
    "text",
    [
        "核实无误", "经核实，属实。", "属实", "无误", "正常", "情况正常，数据无误", "", "   ", "。。。", "核实 无误 核实 无误", "已核实数据属实无误",
        "无", "111111111111", "OK", "同上", "变动超过30%", RULE, "应筛查新生儿数与上期相比变动超过30%，属实", "数据真实准确，情况属实，请通过", "出生少了",
    ],
)  # fmt: skip
def test_stock_phrases_and_the_rule_itself_explain_nothing(text):
    decision = is_real(text, RULE)
    assert not decision
    assert "例如" in decision.reason


@pytest.mark.parametrize(
    "text",
    [
        "2024年县医院产科停诊三个月，孕妇转到邻县分娩，出生人数减少312人",
        "经核实无误：本年起把外县户籍在本县分娩的新生儿也纳入筛查对象",
        "因2024年9月新建光华镇妇幼服务站，新增覆盖5个村",
    ],
)
def test_what_happened_is_an_explanation(text):
    assert is_real(text, RULE)


@pytest.mark.django_db
def test_what_others_changed_is_kept_and_told_and_the_rest_is_saved(make_person):
    one, two = make_person("health", Role.LIAISON), make_person("health", Role.LIAISON, "second")
    filing = world.opened()
    first = api.save(one, filing.pk, api.Edits(0, cells={"01.1": "10", "02.1": "20"}))
    assert first.conflicts == {}
    second = api.save(two, filing.pk, api.Edits(0, cells={"01.1": "99", "03.1": "30"}))
    assert {c: s.changed_by for c, s in second.conflicts.items()} == {"01.1": one.name}
    assert second.changed >= {"01.1", "02.1", "03.1"}
    assert [world.value(filing, c) for c in ("01.1", "02.1", "03.1")] == [10, 20, 30]
    again = api.save(two, filing.pk, api.Edits(second.sheet.filing.revision, cells={"01.1": "99"}))
    assert again.conflicts == {}
    assert world.value(filing, "01.1") == 99
    assert Cell.objects.get(filing=filing, code="01.1").changed_by == two


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "key"), [("notes", "01.1"), ("explanations", "Q03:01.1")])
def test_notes_and_explanations_conflict_like_cells(make_person, kind, key):
    """Also where somebody emptied one that another still sees; the same text twice is none."""
    one, two = make_person("health", Role.LIAISON), make_person("health", Role.LIAISON, "second")
    filing = world.opened()

    def save(person, revision, text):
        return api.save(person, filing.pk, api.Edits(revision, **{kind: {key: text}}))

    def stands():
        entry = getattr(api.load(api.found(Reach(one), filing.pk)), kind).get(key)
        return entry.text if entry else ""

    first = "2024年9月双鹤乡新设一所小学，在校生增加420人"
    assert save(one, 0, first).conflicts == {}
    met = save(two, 0, "另一个人的另一种说法")
    assert {k: s.changed_by for k, s in met.conflicts.items()} == {key: one.name}
    assert stands() == first
    assert save(two, 0, first).conflicts == {}
    assert save(one, 1, "").conflicts == {}
    assert stands() == ""
    assert {k: s.changed_by for k, s in save(two, 1, "改第一种说法").conflicts.items()} == {key: one.name}
    assert save(two, 2, "现在看过了再写的说法").conflicts == {}
    assert stands() == "现在看过了再写的说法"


@pytest.mark.django_db
def test_a_revision_that_never_was_saves_nothing(make_person, browser_of):
    """A page of before a restore would win over everybody: it is told, and nothing is kept of it."""
    person = make_person("health", Role.LIAISON)
    filing = world.opened()
    with pytest.raises(api.NotAllowedError, match="备份"):
        api.save(person, filing.pk, api.Edits(1, cells={"01.1": "10"}))
    body = json.dumps({"revision": 10**8, "cells": {"01.1": "10"}})
    answer = browser_of(person).post(f"/returns/{filing.pk}/cells", body, content_type="application/json")
    assert (answer.status_code, "cells" in answer.json()) == (409, False)
    assert world.value(filing, "01.1") is None


@pytest.mark.django_db
def test_the_same_save_twice_is_no_conflict_and_no_second_event(make_person):
    """The answer was lost on the way and the browser sends again."""
    person = make_person("health", Role.LIAISON)
    filing = world.opened()
    edits = api.Edits(0, cells={"01.1": "10"}, notes={"01.1": "含外县"})
    first, second = api.save(person, filing.pk, edits), api.save(person, filing.pk, edits)
    assert second.conflicts == {}
    assert second.sheet.filing.revision == first.sheet.filing.revision == 1
    saves = [e for e in audit.of_object("filing", filing.pk) if e.action == "returns.save"]
    assert [e.detail["cells"] for e in saves] == [{"01.1": ["", "10"]}]


@pytest.mark.django_db
def test_emptied_is_empty_and_not_zero(make_person):
    person = make_person("health", Role.LIAISON)
    filing = world.filled(world.opened(), person)
    api.save(person, filing.pk, api.Edits(filing.revision, cells={"01.1": ""}))
    assert world.value(filing, "01.1") is None
    assert [m.rule for m in api.load(world.opened()).blocking] == ["empty"]


@pytest.mark.django_db
def test_error_rules_block_and_an_empty_cell_wants_a_note(make_person):
    person = make_person("health", Role.LIAISON)
    filing = world.filled(world.opened(), person)
    api.save(person, filing.pk, api.Edits(filing.revision, cells={"01.2": "1001", "04.3": ""}))
    marks = {(m.rule, m.level, m.cells) for m in api.load(filing).marks}
    assert marks == {("E01", "error", ("01.2", "01.1")), ("empty", "error", ("04.3",))}
    with pytest.raises(api.NotAllowedError, match=r"E01.*empty"):
        api.move(person, filing.pk, "submit", seen=world.seen(filing))
    api.save(
        person,
        filing.pk,
        api.Edits(world.seen(filing).revision, cells={"01.2": "999"}, notes={"04.3": "本年没有免费项目"}),
    )
    api.move(person, filing.pk, "submit", seen=world.seen(filing))
    filing.refresh_from_db()
    assert filing.state == "submitted"


@pytest.mark.django_db
def test_a_query_rule_wants_a_real_explanation(make_person):
    """[06.1] was 500 last year and is 1000 now: more than 30 % of 500 away."""
    person = make_person("health", Role.LIAISON)
    filing = world.opened()
    world.last_year(filing, {"06.1": "500", "06.2": "450", "06.3": "400"}, make_person)
    world.filled(filing, person)
    (mark,) = api.load(filing).marks
    assert (mark.rule, mark.level, mark.key, mark.explained) == ("Q03", "query", "Q03:06.1", False)
    for text, hint in (("核实无误", "套话"), (mark.message, "重复")):
        saved = api.save(person, filing.pk, api.Edits(world.seen(filing).revision, explanations={mark.key: text}))
        assert hint in saved.sheet.marks[0].hint
        with pytest.raises(api.NotAllowedError, match="Q03"):
            api.move(person, filing.pk, "submit", seen=world.seen(filing))
    real = "县妇幼机构2024年起承担邻县两个乡镇的分娩，筛查对象增加约500人"
    saved = api.save(person, filing.pk, api.Edits(world.seen(filing).revision, explanations={mark.key: real}))
    assert saved.sheet.marks[0].explained
    api.move(person, filing.pk, "submit", seen=world.seen(filing))


@pytest.mark.django_db
def test_a_form_that_is_not_open_for_changes_takes_nothing(make_person):
    person = make_person("health", Role.LIAISON)
    filing = world.brought_to(world.opened(), "signed", make_person)
    with pytest.raises(api.NotAllowedError, match="不能再改"):
        api.save(person, filing.pk, api.Edits(filing.revision, cells={"01.1": "1"}))
    assert world.value(filing, "01.1") == 1000


@pytest.mark.django_db
def test_autosave_answers(make_person, browser_of):
    """200, 422 with the cell named and the rest saved, 409 with who and when; closed: 409 without cells; rubbish:
    400."""
    one, two = make_person("health", Role.LIAISON), make_person("health", Role.LIAISON, "second")
    filing = world.opened()
    url = f"/returns/{filing.pk}/cells"

    def post(person, body):
        got = browser_of(person).post(url, json.dumps(body), content_type="application/json")
        return got.status_code, got.json()

    status, body = post(one, {"revision": 0, "cells": {"01.1": "１，２３４"}, "notes": {}, "explanations": {}})
    assert (status, body["revision"]) == (200, 1)
    assert body["cells"]["01.1"] == {"value": "1234", "text": "1,234", "fault": ""}
    assert [m["rule"] for m in body["marks"]] == ["empty"]
    status, body = post(one, {"revision": 1, "cells": {"01.2": "十二", "01.3": "5", "99.9": "1"}})
    assert status == 422
    assert set(body["faults"]) == {"01.2", "99.9"}
    assert "不是数" in body["cells"]["01.2"]["fault"]
    assert world.value(filing, "01.3") == 5
    status, body = post(two, {"revision": 0, "cells": {"01.1": "9", "02.1": "7"}})
    assert status == 409
    assert body["conflict"]["who"] == one.name
    assert (body["cells"]["01.1"]["value"], body["cells"]["02.1"]["value"]) == ("1234", "7")
    assert (body["cells"]["01.1"]["who"], body["revision"]) == (one.name, 3)
    for rubbish in ([], {"cells": {}}, {"revision": "1"}, {"revision": 1, "cells": [1]}, {"revision": True}):
        assert post(one, rubbish)[0] == 400
    assert browser_of(one).post(url, b"\xff\xfe", content_type="application/json").status_code == 400
    world.brought_to(world.filled(filing, one), "submitted", make_person)
    status, body = post(one, {"revision": 3, "cells": {"01.1": "1"}})
    assert status == 409
    assert "cells" not in body
    assert body["state"] == "submitted"


@pytest.mark.django_db
def test_the_page_without_script_saves_and_says_what_is_wrong(make_person, browser_of):
    person = make_person("health", Role.LIAISON)
    filing = world.opened()
    browser = browser_of(person)
    got = browser.post(
        f"/returns/{filing.pk}",
        {"revision": "0", "01.1": "12", "01.2": "x", "note_code": "01.3", "note_text": "未开展"},
    )
    assert got.status_code == 422
    text = got.content.decode()
    assert "「x」不是数" in text
    assert 'value="x"' in text
    assert world.value(filing, "01.1") == 12
    assert api.load(filing).notes["01.3"].text == "未开展"
    assert browser.post(f"/returns/{filing.pk}", {"revision": "1", "01.2": "11"}).status_code == 302
