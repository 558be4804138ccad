"""Cases opened from a list: each row is judged as one case would be; the same list again opens nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from qingmiao.site.apps.cases import api, listing
from qingmiao.site.apps.cases.models import CaseParty, KeptCase
from qingmiao.site.apps.directory.permissions import Reach
from website.role_ids import Role

pytestmark = pytest.mark.django_db
SHARED = {"signal_source": "roll_register", "compare_result": "no_roll", "compared_on": "2026-11-02"}
HEADS = "record_id,name,sex,birth_date,area\n"
ROWS = "1,演示甲,女,2014-05-01,\n2,演示乙,男,2013-02-03,\n3,演示甲,女,2014-05-01,\n4,演示丙,女,,\n"


@pytest.fixture
def officer(make_person: Callable[..., Any]) -> Reach:
    """Whoever compares the lists: the education department's officer."""
    return Reach(make_person("education", Role.EDUCATION_OFFICER, "officer"))


def compared(officer: Reach, rows: str = ROWS, **more: str) -> api.CaseList:
    """A list of differences, looked at."""
    data = (HEADS + rows).encode()
    return api.read_case_list(officer, "dropout", "学籍.csv", data, step="compared", shared=SHARED | more)


def stands(found: api.CaseList) -> list[tuple[int, str]]:
    """Row and how it stands, as people count rows: the headings are the first."""
    return [(r.place, r.standing) for r in found.rows]


def test_a_list_of_differences_becomes_cases_in_one_step_and_the_same_list_again_none(officer: Reach) -> None:
    looked = compared(officer)
    assert stands(looked) == [(2, "new"), (3, "new"), (4, "twice"), (5, "wrong")]
    assert [r.reason for r in looked.rows][2:] == ["与第 2 行是同一件", "没有写出生日期，说不出是不是已经受理过"]
    assert looked.unread == ("record_id",)
    assert not KeptCase.objects.exists(), "looking opens nothing"
    done = api.open_listed(officer, looked.token)
    assert stands(done) == [(2, "opened"), (3, "opened"), (4, "twice"), (5, "wrong")]
    numbers = [r.case for r in done.rows if r.standing == "opened"]
    page = api.case(officer, numbers[0])
    assert (page.stage, page.file.values["compare_result"], page.file.values["child_name"]) == (
        "signal", "no_roll", "演示甲"
    )  # fmt: skip
    again = api.open_listed(officer, looked.token)
    assert [r.case for r in again.rows if r.standing == "opened"] == numbers
    later = compared(officer, compared_on="2026-11-03")
    assert stands(later)[:2] == [(2, "there"), (3, "there")]
    assert [r.case for r in later.rows][:2] == numbers
    assert later.token == ""
    assert KeptCase.objects.count() == 2


def test_what_a_row_says_itself_goes_before_what_is_said_for_all(officer: Reach) -> None:
    head, row = "儿童姓名,性别,出生日期,比对结果\n", "演示甲,女,2014-05-01,重复学籍\n"
    looked = api.read_case_list(
        officer, "dropout", "a.csv", (head + row).encode(), step="compared", shared=SHARED
    )  # fmt: skip
    made = api.open_listed(officer, looked.token).rows[0].case
    assert api.case(officer, made).file.values["compare_result"] == "double_roll"


def test_a_row_that_is_left_out_and_one_that_the_programme_refuses_are_not_opened(officer: Reach) -> None:
    looked = compared(officer, ROWS + "5,演示丁,女,1990-01-01,\n")
    assert looked.rows[4].standing == "wrong", "compulsory schooling is not for a grown-up"
    done = api.open_listed(officer, looked.token, without=[2])
    assert [r.standing for r in done.rows] == ["new", "opened", "twice", "wrong", "wrong"]
    assert KeptCase.objects.count() == 1


def test_a_list_is_its_senders_and_holds_for_a_while(
    officer: Reach, make_person: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = compared(officer)
    other = Reach(make_person("education", Role.EDUCATION_OFFICER, "other"))
    with pytest.raises(api.AbsentError):
        api.open_listed(other, looked.token)
    with pytest.raises(Exception, match="放得太久"):
        api.open_listed(officer, looked.token[:-2] + "xx")
    monkeypatch.setattr(listing, "HOLDS", -1)
    with pytest.raises(Exception, match="放得太久"):
        api.open_listed(officer, looked.token)
    assert not KeptCase.objects.exists()


def test_only_programmes_that_say_when_two_are_the_same_take_lists(
    officer: Reach, make_person: Callable[..., Any]
) -> None:
    teacher = Reach(make_person("education", Role.CLASS_TEACHER, "teacher"))
    with pytest.raises(api.AbsentError):
        api.list_offered(teacher, "mandatory_report")
    with pytest.raises(api.AbsentError):
        api.list_offered(teacher, "quality_review")
    assert api.list_offered(officer, "quality_review").entries is not None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_the_same_list_at_once_each_case_is_opened_once(officer: Reach) -> None:
    tokens = [compared(officer, compared_on=f"2026-11-0{n}").token for n in (2, 3)]
    came: list[api.CaseList] = []
    start = threading.Barrier(2)

    def go(token: str) -> None:
        start.wait()
        came.append(api.open_listed(officer, token))
        connection.close()

    threads = [threading.Thread(target=go, args=(t,)) for t in tokens]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(c.count("opened") for c in came) == [0, 2]
    assert KeptCase.objects.count() == 2


def test_a_round_of_all_schools_is_opened_from_the_register(
    browser_of: Callable[..., Client], make_person: Callable[..., Any]
) -> None:
    from website.registered import a_school

    who = make_person("education", Role.EDUCATION_OFFICER, "officer")
    make_person("mch_hospital", Role.HOSPITAL, "hospital")
    a_school(make_person, "演示一小", pupils="310")
    a_school(make_person, "演示二小", pupils="45", unit="mch_hospital")
    a_school(make_person, "演示幼儿园", kind="kindergarten")
    browser = browser_of(who)
    where = reverse("cases.listed", args=("examination_round",))
    assert where in browser.get(reverse("cases.open", args=("examination_round",))).content.decode()
    asked = browser.get(where).content.decode()
    assert "按登记册逐条受理" in asked
    assert 'name="exam_body"' in asked
    assert 'name="school_name"' not in asked, "which school it is a row says"
    said = {"from": "register", "round_year": "2026", "exam_body": "演示医院", "begins_on": "2026-12-01"}
    looked = browser.post(where, said)
    page = looked.content.decode()
    assert page.count("可以受理</span>") == 3
    assert "演示幼儿园　2026" in page
    token = looked.context["found"].token
    sent = {"token": token, "step": "planned", "row": ["1", "2", "3"], "take": ["1", "2"]}
    done = browser.post(reverse("cases.listed_open", args=("examination_round",)), sent)
    assert done.context["found"].count("opened") == 2
    rolls = {
        api.case(Reach(who), c.pk).file.values["school_name"]: api.case(Reach(who), c.pk).file.values["on_roll"]
        for c in KeptCase.objects.order_by("pk")
    }
    assert rolls == {"演示一小": 310, "演示二小": 45}
    told = CaseParty.objects.filter(unit="mch_hospital", sight="full")
    assert told.count() == 1, "a school that is a unit here sees its own"


def test_a_file_is_looked_at_on_the_page_and_the_empty_list_has_its_headings(
    browser_of: Callable[..., Client], make_person: Callable[..., Any]
) -> None:
    browser = browser_of(make_person("education", Role.EDUCATION_OFFICER, "officer"))
    one = browser.get(reverse("cases.open", args=("dropout",))).content.decode()
    assert 'name="compare_result"' in one, "the step that is this officer's, not the teacher's of the state's name"
    where = reverse("cases.listed", args=("dropout",))
    file = SimpleUploadedFile("学籍.csv", (HEADS + ROWS).encode())
    looked = browser.post(where, {**SHARED, "from": "file", "file": file})
    assert looked.status_code == 200
    assert "没有用到的列" in looked.content.decode()
    assert looked.context["counts"] == {"new": 2, "there": 0, "twice": 1, "wrong": 1, "opened": 0}
    assert browser.post(where, {"from": "file"}).status_code == 400
    bad = browser.post(where, {"from": "file", "file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert "找不到“控辍保学”的表头" in bad.content.decode()
    empty = browser.get(reverse("cases.list_template", args=("dropout",)))
    assert empty.status_code == 200
    assert empty.content[:2] == b"PK"
