"""Mothers' files: from the check before marriage to the child and the visit after birth; who sees what of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from django.urls import reverse
from django.utils import timezone

from website.filed import CASES, HOME, a_child, a_clinic, a_number, doctor, home, said
from website.filed_steps import EveryQueryExplained

pytestmark = pytest.mark.django_db

BORN = date(1996, 5, 1)


def worker(make_person: Callable, role: str, unit: str = "mch_hospital") -> Any:
    """Somebody with a role of mothers' care at a unit."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Organisation, Person

    doctor(make_person)
    at, username = Organisation.objects.get(pk=unit), f"{role.replace('_', '-')}-{unit.replace('.', '-')}"
    known = Person.objects.filter(username=username).first()
    if known is not None:
        return known
    made = api.make_person(
        audit.SYSTEM, username=username, name=f"演示{role}", unit=at, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    api.grant(audit.SYSTEM, made, role, on=date(2024, 1, 1), area=at.area_id)
    return made


def records():
    from qingmiao.site.apps.records import api

    return api


def reach(person: Any) -> Any:
    from qingmiao.site.apps.directory.permissions import Reach

    return Reach(person)


def a_mother(by: Any, name: str = "演示丽", *, number: str = "", area: str = HOME, reason: str = "") -> int:
    """The number of a woman's file that somebody made."""
    given = records().mother_given.mother(
        name=name, birth_date=BORN.isoformat(), number=number, phone="13800000001", area=area, village="演示村",
        today=timezone.localdate(),
    )  # fmt: skip
    return records().mothers.register(reach(by), given, reason=reason)


def recorded(by: Any, mother: int, kind: str, **more: Any) -> int:
    """The number of a record in her file, made from the pack's own example with other answers."""
    answers = yaml.safe_load((CASES / f"{kind}.yaml").read_text("utf-8"))["answers"] | more
    made, filled = records().write(
        reach(by), mother, kind, operation=f"{kind}-{mother}-{sorted(more.items())}"[:40], answers=answers,
        explanations=EveryQueryExplained(), subject="mother",
    )  # fmt: skip
    assert made, (filled.faults, filled.queries)
    return made


def days_ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def pregnant(by: Any, mother: int, **more: Any) -> int:
    """Her pregnancy file: the last period lay 280 days back, the first visit 200 days."""
    said = {"visited_on": days_ago(200), "last_period_on": days_ago(280), "expected_on": days_ago(0)}
    return recorded(by, mother, "pregnancy_file", **(said | {"next_on": days_ago(170)} | more))


def delivered(by: Any, mother: int, children: list[dict[str, str]], **more: Any) -> int:
    """Her delivery three days ago."""
    return recorded(by, mother, "delivery", delivered_on=days_ago(3), children=children, **more)


def child_of(sex: str = "F", outcome: str = "1") -> dict[str, str]:
    return {"child_sex": sex, "outcome": outcome, "child_weight": "3300"}


def test_from_the_check_before_marriage_to_the_visit_after_birth(make_person, browser_of):
    station = worker(make_person, "maternal_child_station")
    midwife = worker(make_person, "midwife", a_clinic())
    browser = browser_of(station)
    number = a_number(BORN, "F")
    sent = {
        "name": "演示丽", "birth_date": BORN.isoformat(), "number": number, "phone": "138 0000 0001", "area": HOME,
        "village": "演示村",
    }  # fmt: skip
    answer = browser.post(reverse("mothers.new"), sent)
    assert answer.status_code == 302, re.findall(r"<li>(.*?)</li>", answer.content.decode())
    mother = int(answer["Location"].rsplit("/", 1)[1])
    recorded(station, mother, "premarital", done_on=days_ago(600))
    recorded(station, mother, "preconception", done_on=days_ago(400))
    recorded(station, mother, "folic_acid", on_day=days_ago(390))
    pregnant(midwife, mother, risk="orange", referred="2", refer_to="演示医院产科")
    page = browser.get(answer["Location"]).content.decode()
    assert "橙色（较高风险）" in page
    assert "孕产妇妊娠风险评估与管理工作规范" in page
    assert number not in page
    assert "第5次（37～40周）" in page
    assert "演示丽" in browser.get(reverse("mothers.list"), {"risk": "orange"}).content.decode()
    assert "演示丽" not in browser.get(reverse("mothers.list"), {"risk": "red"}).content.decode()
    assert "演示丽" in browser.post(reverse("mothers.list"), {"q": number}).content.decode()
    delivered(midwife, mother, [child_of()], weeks="39.6")
    page = browser.get(answer["Location"]).content.decode()
    assert "演示丽之女" in page
    assert "第5次（37～40周）" not in page
    assert "产后访视（产后一周内）" in page
    where = reverse("mothers.add", args=(mother, "postpartum_visit"))
    assert where in page
    case = yaml.safe_load((CASES / "postpartum_visit.yaml").read_text("utf-8"))["answers"]
    visit = case | {"visited_on": days_ago(0), "next_on": days_ago(-30), "operation": "visit-of-the-walk"}
    assert browser.post(where, visit).status_code == 302
    assert "产后访视（产后一周内）" not in browser.get(answer["Location"]).content.decode()


def test_twins_are_two_children_and_a_stillbirth_makes_none(make_person):
    from qingmiao.site.apps.records.models import Child

    midwife = worker(make_person, "midwife")
    mother = a_mother(midwife)
    delivered(midwife, mother, [child_of("F"), child_of("M"), child_of("M", "3")])
    assert sorted(Child.objects.values_list("name", "sex")) == [("演示丽之女", "F"), ("演示丽之子", "M")]
    page = records().page_of(reach(midwife), Child.objects.get(sex="M").pk)
    assert [r.name for r in page.relatives] == ["演示丽"]
    assert page.mother == mother


def test_a_correction_makes_no_second_child_and_does_not_take_one_away(make_person):
    from qingmiao.kernel.errors import UserError
    from qingmiao.site.apps.records.models import Child

    midwife = worker(make_person, "midwife")
    mother = a_mother(midwife)
    record = delivered(midwife, mother, [child_of("F")])
    answers = yaml.safe_load((CASES / "delivery.yaml").read_text("utf-8"))["answers"] | {"delivered_on": days_ago(3)}
    say = lambda version, **more: records().correct(  # noqa: E731
        reach(midwife),
        record,
        version=version,
        answers=answers | more,
        reason="抄错了一处",
        explanations=EveryQueryExplained(),
    )
    assert say(1, children=[child_of("F"), child_of("M")])[0]
    assert Child.objects.count() == 2
    for wrong in ([child_of("F", "3"), child_of("M")], [child_of("M"), child_of("M")], [child_of("F")]):
        with pytest.raises(UserError, match="已经建档"):
            say(2, children=wrong)
    with pytest.raises(UserError, match="不能撤销"):
        records().withdraw(reach(midwife), record, version=2, reason="登记错了人")
    assert Child.objects.count() == 2


def test_a_child_that_was_registered_first_is_linked_and_not_made_again(make_person):
    from qingmiao.site.apps.records import given
    from qingmiao.site.apps.records.models import Child

    midwife, number = worker(make_person, "midwife"), a_number(BORN, "F")
    birth = timezone.localdate() - timedelta(days=3)
    parent = given.relative(
        name="演示丽", kind="mother", number=number, phone="", guardian=True, carer=False, sealed=False,
        from_date=birth.isoformat(),
    )  # fmt: skip
    child = records().register(reach(midwife), said("演示安", birth=birth), stays=[home(day=birth)], relatives=[parent])
    mother = a_mother(midwife, number=number)
    delivered(midwife, mother, [child_of("F")])
    assert list(Child.objects.order_by("pk").values_list("pk", flat=True)) == [child]
    assert records().page_of(reach(midwife), child).mother == mother


def test_what_crosses_to_the_child_is_for_those_who_need_it_and_of_this_pregnancy(make_person, browser_of):
    from qingmiao.site.apps.records.models import Child

    midwife, station = worker(make_person, "midwife"), worker(make_person, "maternal_child_station")
    vaccinator = worker(make_person, "vaccinator")
    mother = a_mother(midwife)
    early = {"last_period_on": days_ago(248), "expected_on": days_ago(-32)}
    pregnant(midwife, mother, hbsag="2", hiv="2", risk="purple", **early)
    delivered(midwife, mother, [child_of()], weeks="35")
    child = Child.objects.get().pk
    shown = lambda who: [r.zh for r in records().page_of(reach(who), child).mother_risks]  # noqa: E731
    assert shown(station) == ["乙肝暴露（母亲表面抗原阳性）", "艾滋病病毒暴露", "早产（孕37周前出生）"]
    assert shown(vaccinator) == ["乙肝暴露（母亲表面抗原阳性）", "早产（孕37周前出生）"]
    page = browser_of(vaccinator).get(reverse("records.one", args=(child,))).content.decode()
    assert "艾滋病" not in page
    assert reverse("mothers.one", args=(mother,)) not in page
    other = a_child(midwife, "演示别", birth=timezone.localdate() - timedelta(days=3), reason="另一名新生儿")
    assert records().page_of(reach(station), other).mother_risks == ()


def test_what_is_due_of_a_child_is_counted_again_when_its_mothers_record_may_change_it(make_person):
    from qingmiao.site.apps.records.event_models import OpenDue
    from qingmiao.site.apps.records.mothers.models import ChildBorn

    midwife = worker(make_person, "midwife", a_clinic())
    station = worker(make_person, "maternal_child_station")
    mother = a_mother(midwife)
    delivered(midwife, mother, [child_of()])
    due = OpenDue.objects.filter(child=ChildBorn.objects.get().child_id)
    assert due.exists()
    due.delete()
    recorded(station, mother, "folic_acid", on_day=days_ago(390))
    assert not due.exists(), "folic acid changes no vaccination"
    pregnant(midwife, mother, hbsag="2", risk="purple")
    assert due.exists()


def test_who_sees_children_sees_no_mother_for_it_and_no_kind_beyond_the_role(make_person, browser_of):
    midwife, station = worker(make_person, "midwife"), worker(make_person, "maternal_child_station")
    mother = a_mother(midwife)
    premarital = recorded(station, mother, "premarital", done_on=days_ago(600))
    seats = {"vaccinator": "mch_hospital", "class_teacher": "education", "school_doctor": "education"}
    for role, unit in {**seats, "village_director": "township.141029100"}.items():
        browser = browser_of(worker(make_person, role, unit))
        assert browser.get(reverse("mothers.list")).status_code == 404
        assert browser.get(reverse("mothers.one", args=(mother,))).status_code == 404
        assert browser.get(reverse("records.record", args=(premarital,))).status_code == 404
    browser = browser_of(midwife)
    assert "婚前医学检查" not in browser.get(reverse("mothers.one", args=(mother,))).content.decode()
    assert browser.get(reverse("records.record", args=(premarital,))).status_code == 404
    assert browser.get(reverse("records.correct", args=(premarital,))).status_code == 404
    assert browser_of(station).get(reverse("records.record", args=(premarital,))).status_code == 200
    assert browser_of(worker(make_person, "hospital", a_clinic())).get(
        reverse("mothers.one", args=(mother,))
    ).status_code == 404  # fmt: skip


def test_a_kind_of_mothers_is_not_written_by_a_childs_address_nor_the_other_way(make_person, browser_of):
    who = worker(make_person, "maternal_child_station")
    browser, mother, child = browser_of(who), a_mother(who), a_child(who)
    assert browser.get(reverse("records.add", args=(mother, "folic_acid"))).status_code == 404
    assert browser.get(reverse("records.add", args=(child, "folic_acid"))).status_code == 404
    assert browser.get(reverse("mothers.add", args=(child, "child_check_12_30"))).status_code == 404
    assert browser.get(reverse("mothers.add", args=(mother, "folic_acid"))).status_code == 200


def test_a_woman_is_registered_once_and_what_is_wrong_is_told(make_person, browser_of):
    from qingmiao.kernel.errors import UserError

    who, number = worker(make_person, "maternal_child_station"), a_number(BORN, "F")
    a_mother(who, number=number)
    with pytest.raises(UserError, match="已经建档，由县妇幼保健机构管理"):
        a_mother(who, "演示华", number=number)
    with pytest.raises(UserError, match="可能是同一名孕产妇"):
        a_mother(who)
    assert a_mother(who, reason="同名同生日，身份证不同")
    wrong = {"name": "", "birth_date": "1930-01-01", "number": a_number(BORN, "M"), "area": ""}
    told = browser_of(who).post(reverse("mothers.new"), wrong)
    assert told.status_code == 400
    for words in ("请填写姓名", "10～70 岁", "号码里的性别是男", "请选择乡镇"):
        assert words in told.content.decode()


def test_a_number_is_shown_in_full_for_a_purpose_and_the_file_tells_who_looked(make_person, browser_of):
    from qingmiao.site.apps.audit import api as audit

    midwife = worker(make_person, "midwife", a_clinic())
    number = a_number(BORN, "F")
    mother, browser = a_mother(midwife, number=number), browser_of(midwife)
    where = reverse("mothers.one", args=(mother,))
    assert number not in browser.get(where).content.decode()
    answer = browser.post(where, {"what": "number", "purpose": "核"})
    assert (answer.status_code, number in answer.content.decode()) == (400, False)
    assert browser.post(where, {"what": "address", "purpose": "核对孕产妇身份"}).status_code == 404
    answer = browser.post(where, {"what": "number", "purpose": "核对孕产妇身份"})
    assert (answer.status_code, number in answer.content.decode()) == (200, True)
    assert audit.of_object("mother", mother, actions=("records.mother.reveal",))[0].detail["what"] == "number"
    page = browser.get(reverse("mothers.looked", args=(mother,))).content.decode()
    assert "核对孕产妇身份" in page
    assert midwife.name in page
    assert number not in page
    of_school = browser_of(worker(make_person, "school_doctor", "education"))
    assert of_school.get(reverse("mothers.looked", args=(mother,))).status_code == 404


def test_a_file_is_corrected_moved_out_and_back(make_person, browser_of):
    who = worker(make_person, "maternal_child_station")
    mother, browser = a_mother(who), browser_of(who)
    where, change = reverse("mothers.one", args=(mother,)), reverse("mothers.change", args=(mother,))
    body = {"name": "演示莉", "birth_date": BORN.isoformat(), "area": HOME, "village": "新村", "reason": "姓名写错了"}
    assert browser.post(change, {"do": "amend", "version": "1", **body}).status_code == 302
    assert browser.post(change, {"do": "amend", "version": "1", **body}).status_code == 409
    assert "演示莉" in browser.get(where).content.decode()
    assert browser.post(change, {"do": "move_out", "version": "2", "to": "演示省演示市"}).status_code == 302
    assert "已迁出" in browser.get(where).content.decode()
    assert "演示莉" not in browser.get(reverse("mothers.list")).content.decode()
    assert browser.post(change, {"do": "return", "version": "3", "reason": "又迁回来了"}).status_code == 302
    assert "演示莉" in browser.get(reverse("mothers.list")).content.decode()


def test_services_to_mothers_are_facts_and_the_goals_indicators_come_from_them_where_switched(make_person, tmp_path):
    """One line of the policy turns the indicators of birth defects from returns to records, from its year on."""
    from qingmiao.collect.areas import AreaColumns
    from qingmiao.collect.derive import add_derived
    from qingmiao.content import load_pack
    from qingmiao.measure.run import measure
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.records import sealing

    station, midwife = worker(make_person, "maternal_child_station"), worker(make_person, "midwife")
    one, two = a_mother(station), a_mother(station, "演示华")
    away = {"done": "否", "why_not": "1", "institution": "", "certificate": "", "opinion": "", "follow_up": ""}
    examined = recorded(station, one, "premarital", done_on=days_ago(30))
    recorded(station, two, "premarital", done_on=days_ago(30), **away)
    recorded(midwife, one, "prenatal_screening", screened_on=days_ago(20))
    (tmp_path / "pack.toml").write_text(
        f'id = "other"\ntitle = "另一个县"\nversion = "1"\nextends = ["{site_pack.pack().root.as_posix()}"]\n', "utf-8"
    )
    year = timezone.localdate().year
    (tmp_path / "policy.yaml").write_text(f"from_records: {{mother_services: {year}}}\n", "utf-8")
    pack = load_pack(tmp_path)
    fact, asked = pack.facts["mother_services"], "health.birth_defects.premarital"
    assert [d.version for d in site_pack.pack().indicators[asked].definitions] == [1]
    assert [(d.version, d.first_year, d.last_year) for d in pack.indicators[asked].definitions] == [
        (1, None, year - 1), (2, year, None),
    ]  # fmt: skip

    def rate() -> list[tuple[float, float]]:
        rows = facts.current(pack, "mother_services")
        values = measure(
            pack, {"mother_services": add_derived(fact, rows, AreaColumns(pack))}, indicators=[asked]
        ).values
        found = [v for v in values.to_pylist() if v["area"] == "141029" and v["denominator"]]
        return [(v["numerator"], v["denominator"]) for v in found]

    rows = facts.current(pack, "mother_services").to_pylist()
    assert sorted((r["mother_id"], r["service"]) for r in rows) == sorted([
        (sealing.mother_pseudonym(one), "premarital"), (sealing.mother_pseudonym(two), "premarital"),
        (sealing.mother_pseudonym(one), "prenatal_screening"),
    ])  # fmt: skip
    assert {r["area_code"] for r in rows} == {HOME}
    assert sealing.mother_pseudonym(one) != sealing.pseudonym(one)
    assert rate() == [(1, 2)]
    source = f"record:{examined}@1"
    assert facts.may_see(source, reach(station))
    assert not facts.may_see(source, reach(midwife))  # she sees the file, and reads no check before marriage
    records().withdraw(reach(station), examined, version=1, reason="登记成了别人")
    assert rate() == [(0, 1)]


def test_two_files_of_one_woman_are_merged_shown_as_one_and_taken_apart_again(make_person, browser_of):
    from qingmiao.site.apps.records.mothers.models import MotherFile
    from qingmiao.site.apps.records.publishing import of_house
    from qingmiao.site.pack import pack

    station = worker(make_person, "maternal_child_station")
    midwife = worker(make_person, "midwife", a_clinic())
    kept = a_mother(station, number=a_number(BORN, "F"))
    again = a_mother(station, reason="证件不在身边，先建档")
    pregnant(station, again, risk="orange", referred="2", refer_to="演示医院产科")
    delivered(midwife, again, [child_of()], weeks="39.6")
    browser = browser_of(station)
    where = reverse("mothers.change", args=(again,))
    assert f'name="into" value="{kept}"' in browser.get(where).content.decode()
    sent = {"do": "merge", "into": str(kept), "version": "1", "reason": "核对身份证，是同一人"}
    assert browser.post(where, sent).status_code == 302
    page = records().mothers.page_of(reach(station), kept)
    assert len(page.records) == 2
    assert [name for _, name in page.children] == ["演示丽之女"]
    assert [one for one, _ in page.merged] == [again]
    assert MotherFile.objects.get(pk=kept).risk == "orange"
    assert [row.id for row in records().mothers.listed(reach(station))] == [kept]
    old = browser.get(reverse("mothers.one", args=(again,))).content.decode()
    assert reverse("mothers.one", args=(kept,)) in old
    from qingmiao.site.apps.records.event_models import HealthRecord

    record, fact = HealthRecord.objects.get(mother=again, kind="delivery"), pack().facts["mother_services"]
    joined = of_house(record, fact, {}, 0, timezone.localdate())["mother_id"]
    assert records().page_of(reach(station), page.children[0][0]).mother == kept
    with pytest.raises(Exception, match="已并入另一份档案"):
        recorded(station, again, "postpartum_visit", visited_on=days_ago(0))
    moved = {"do": "unmerge", "version": "2", "reason": "再次核对，不是同一人"}
    assert browser.post(where, moved).status_code == 302
    record = HealthRecord.objects.get(pk=record.pk)
    assert of_house(record, fact, {}, 0, timezone.localdate())["mother_id"] != joined
    assert not records().mothers.page_of(reach(station), kept).records
    assert MotherFile.objects.get(pk=kept).risk == ""
    assert len(records().mothers.page_of(reach(station), again).records) == 2


def test_files_of_two_women_are_not_merged(make_person):
    from qingmiao.site.apps.directory.access import NotAllowedError

    station = worker(make_person, "maternal_child_station")
    one = a_mother(station, number=a_number(BORN, "F"))
    two = a_mother(station, "演示丽丽", number=a_number(BORN, "F"))
    why = {"into": one, "reason": "看上去是同一人"}
    with pytest.raises(NotAllowedError, match="证件号码不同"):
        records().mothers.move(reach(station), two, "merge", version=1, said=why)
    with pytest.raises(NotAllowedError, match="请选择"):
        records().mothers.move(reach(station), two, "merge", version=1, said={**why, "into": two})


def test_who_she_was_said_to_be_is_kept_at_each_version(make_person, browser_of):
    station = worker(make_person, "maternal_child_station")
    mother = a_mother(station)
    said = records().mother_given.mother(
        name="演示莉", birth_date=BORN.isoformat(), number="", phone="13800000002", area=HOME, village="新村",
        today=timezone.localdate(),
    )  # fmt: skip
    records().mothers.move(
        reach(station), mother, "amend", version=1, said={"mother": said, "reason": "户口本上的写法"}
    )
    found = records().mothers.page_of(reach(station), mother).versions
    assert [(v.number, v.name, v.changed) for v in found] == [
        (2, "演示莉", ("姓名", "住址", "电话")), (1, "演示丽", ()),
    ]  # fmt: skip
    page = browser_of(station).get(reverse("mothers.one", args=(mother,))).content.decode()
    assert "身份信息的变更" in page
    assert "13800000002" not in page
