"""Pages of registers: entered by the form, changed, confirmed; a keeper sees what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from website.registered import GOOD, a_nursery
from website.role_ids import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(directory: Any, make_person: Any, browser_of: Any) -> Any:
    return browser_of(make_person("health", Role.LIAISON, "register-keeper"))


def posted(**changed: Any) -> dict[str, Any]:
    return {k: "是" if v is True else v for k, v in {**GOOD, **changed}.items()}


def test_a_keeper_enters_by_the_form_and_the_list_shows_it(browser: Any) -> None:
    answer = browser.post(reverse("registers.new", args=("nurseries",)), posted())
    assert answer.status_code == 302, answer.content.decode()[:3000]
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert "演示托育园" in page.content.decode()
    rows = browser.get(reverse("registers.entries", args=("nurseries",)), {"q": "yanshi", "kind": "nursery"})
    assert [r.name for r in rows.context["rows"]] == ["演示托育园"]
    nothing = browser.get(reverse("registers.entries", args=("nurseries",)), {"kind": "family"})
    assert list(nothing.context["rows"]) == []


def test_the_same_entered_again_is_refused_with_its_number(browser: Any, make_person: Any) -> None:
    number = a_nursery(make_person)
    answer = browser.post(reverse("registers.new", args=("nurseries",)), posted(alike="yes"))
    assert answer.status_code == 400
    assert f"第 {number} 号" in answer.content.decode()


def test_what_is_not_filled_in_is_said_at_its_field(browser: Any) -> None:
    answer = browser.post(reverse("registers.new", args=("nurseries",)), posted(places=""))
    assert answer.status_code == 400
    assert [f.field for f in answer.context["refused"].faults] == ["places"]


def test_a_change_keeps_what_was_and_a_stale_one_is_told(browser: Any, make_person: Any) -> None:
    number = a_nursery(make_person)
    where = reverse("registers.change", args=(number,))
    assert browser.get(where).status_code == 200
    assert browser.post(where, posted(places=50, version=1)).status_code == 302
    assert browser.post(where, posted(places=60, version=1)).status_code == 409
    page = browser.get(reverse("registers.entry", args=(number,)))
    assert [h.version for h in page.context["e"].history] == [2, 1]


def test_what_is_missing_where_is_on_one_page(browser: Any, make_person: Any) -> None:
    a_nursery(make_person)
    page = browser.get(reverse("registers.missing", args=("nurseries",)))
    assert [(r.verdict.minimum.id, r.verdict.short) for r in page.context["short"]] == [("carers", 6)]


def test_closing_tells_what_hangs_on_a_site(browser: Any, make_person: Any) -> None:
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api

    number = a_nursery(make_person)
    keeper = Reach(make_person("health", Role.LIAISON, "register-keeper"))
    carer = {"name": "演示保育员", "kind": "nursery", "area": "141029100"}
    made = api.enter(keeper, "nursery_staff", api.EntryGiven(carer, within=number, number="79000019900101001X"))
    assert isinstance(made, int)
    where = reverse("registers.entry", args=(number,))
    said = {"do": "close", "version": 1, "reason": "停止办园，全部儿童已经转出"}
    refused = browser.post(where, said)
    assert refused.status_code == 400
    assert "托育机构保育人员登记册 1" in refused.content.decode()
    assert browser.post(where, {**said, "acknowledged": "yes"}).status_code == 302
    assert browser.get(where).context["e"].row.state.name == "closed"


def test_all_are_confirmed_for_the_year_on_one_page(browser: Any, make_person: Any) -> None:
    from qingmiao.site.apps.registers.models import RegisterEntry

    number = a_nursery(make_person)
    RegisterEntry.objects.update(confirmed_year=2020)
    where = reverse("registers.confirm", args=("nurseries",))
    assert browser.get(where).context["waiting"] == 1
    assert browser.post(where, {"entry": [number]}).context["done"] == 1
    assert browser.get(where).context["waiting"] == 0


@pytest.mark.parametrize("name", ["entries", "missing", "map", "new", "confirm"])
def test_every_page_of_a_register_opens(browser: Any, make_person: Any, name: str) -> None:
    a_nursery(make_person)
    assert browser.get(reverse(f"registers.{name}", args=("nurseries",))).status_code == 200


def a_list(*rows: dict[str, Any]) -> Any:
    """A CSV of nurseries, by the headings of the register."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    heads = {
        "名称": "name", "机构类别": "kind", "所在乡镇": "area", "统一社会信用代码": "credit_code", "是否普惠": "inclusive",
        "乳儿班班数": "classes_infant", "乳儿班人数": "infants", "托小班班数": "classes_toddler", "托小班人数": "toddlers",
        "托大班班数": "classes_senior", "托大班人数": "seniors", "混合班班数": "classes_mixed", "混合班人数": "mixed",
        "托位": "places",
    }  # fmt: skip
    lines = [",".join(heads), *(",".join(str(r[f]) for f in heads.values()) for r in rows)]
    return SimpleUploadedFile("nurseries.csv", "\n".join(lines).encode())


TYPED = {**GOOD, "kind": "托育机构", "area": "昌宁镇", "inclusive": "是"}
SECOND = {**TYPED, "name": "演示第二托育园", "credit_code": "91350100M000100Y43"}


def uploaded(browser: Any, *rows: dict[str, Any]) -> str:
    answer = browser.post(reverse("registers.import", args=("nurseries",)), {"file": a_list(*rows)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"])


def test_a_list_is_reviewed_and_taken_whole(browser: Any, make_person: Any) -> None:
    from qingmiao.site.apps.registers.models import RegisterEntry

    number = a_nursery(make_person)
    where = uploaded(browser, {**TYPED, "places": 55}, SECOND)
    page = browser.get(where)
    assert set(page.context["r"].unknown.values()) == {"托位"}
    said = {"do": "headings", "heading.托位": "托位数"}
    assert browser.post(where, said).status_code == 302
    seen = browser.get(where).context["r"]
    assert (seen.new, seen.changes, [f.message for f in seen.faults]) == (1, 1, [])
    assert browser.post(where, {"do": "import"}).status_code == 302
    assert RegisterEntry.objects.get(pk=number).answers["places"] == 55
    assert RegisterEntry.objects.filter(register="nurseries").count() == 2
    assert browser.get(where).context["r"].imported == 2


def test_a_list_with_one_fault_imports_nothing_and_says_the_cell(browser: Any) -> None:
    import io

    import openpyxl

    from qingmiao.site.apps.registers.models import RegisterEntry, RegisterHeadings

    where = uploaded(browser, TYPED, {**SECOND, "infants": "六"})
    browser.post(where, {"do": "headings", "heading.托位": "托位数"})
    assert RegisterHeadings.objects.get().headings == {"托位": "托位数"}
    (fault,) = browser.get(where).context["r"].faults
    assert fault.cell == "G3"
    assert browser.post(where, {"do": "import"}).status_code == 400
    assert RegisterEntry.objects.count() == 0
    answer = browser.get(where + "/marked")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [c.value for c in sheet["O"]][:2] == ["需要改正", None]
    assert str(sheet["O3"].value).startswith("G3 ")


def test_what_is_exported_is_read_again_and_changes_nothing(browser: Any, make_person: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    a_nursery(make_person)
    answer = browser.get(reverse("registers.export", args=("nurseries", "csv")))
    assert answer.status_code == 200
    file = SimpleUploadedFile("again.csv", answer.content)
    where = browser.post(reverse("registers.import", args=("nurseries",)), {"file": file})["Location"]
    seen = browser.get(where).context["r"]
    assert (seen.new, seen.changes, [f.message for f in seen.faults], seen.unknown) == (0, 1, [], {})


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_number_of_a_person_is_never_exported(browser: Any, make_person: Any, form: str) -> None:
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api

    keeper = Reach(make_person("health", Role.LIAISON, "register-keeper"))
    carer = {"name": "演示保育员", "kind": "nursery", "area": "141029100"}
    given = api.EntryGiven(carer, within=a_nursery(make_person), number="79000019900101001X")
    assert isinstance(api.enter(keeper, "nursery_staff", given), int)
    _, data = api.exported(keeper, "nursery_staff", _everything(), form)
    assert b"79000019900101001" not in data
    if form == "csv":
        assert "**************001X" in data.decode("utf-8-sig")


def _everything() -> Any:
    from qingmiao.site.narrowing import EVERYTHING

    return EVERYTHING


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_a_sheet_and_a_card_are_printed(browser: Any, make_person: Any, form: str) -> None:
    number = a_nursery(make_person)
    begins = b"%PDF" if form == "pdf" else b"PK"
    for where in (reverse("registers.sheet", args=("nurseries", form)), reverse("registers.card", args=(number, form))):
        answer = browser.get(where)
        assert answer.status_code == 200
        assert answer.content.startswith(begins)


def test_a_list_that_was_given_up_is_gone_and_nothing_was_taken(browser: Any) -> None:
    from qingmiao.site.apps.registers.models import RegisterEntry, RegisterUpload

    where = uploaded(browser, SECOND)
    assert browser.post(where, {"do": "give_up"}).status_code == 302
    assert bytes(RegisterUpload.objects.get().data) == b""
    refused = browser.post(where, {"do": "import"})
    assert refused.status_code == 400
    assert "已经导入或者放弃" in refused.content.decode()
    assert RegisterEntry.objects.count() == 0
