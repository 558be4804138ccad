"""The pages of children's files: search is posted, a newborn in one form, a record by its form, what is hidden."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from website.filed import KIND, a_child, a_number, answers, born, doctor, keeper

pytestmark = pytest.mark.django_db


def test_a_newborn_is_registered_in_one_form_and_found_without_a_name_in_an_address(make_person, browser_of):
    who = doctor(make_person)
    browser = browser_of(who)
    today = timezone.localdate().isoformat()
    sent = {
        "name": "演示丽之女", "sex": "F", "birth_date": today, "certainty": "day", "certificate": "Z123456789",
        "area": "141029100", "village": "演示村", "relative_name": "演示丽", "relative_kind": "mother", "guardian": "1",
        "phone": "138 0000 0001",
    }  # fmt: skip
    answer = browser.post(reverse("records.new"), sent)
    assert answer.status_code == 302, re.findall(r"<li>(.*?)</li>", answer.content.decode())
    page = browser.get(answer["Location"]).content.decode()
    assert "演示丽之女" in page
    assert "138****0001" in page
    assert "Z123456789" not in page
    found = browser.post(reverse("records.list"), {"q": "Z123456789"}).content.decode()
    assert answer["Location"] in found
    assert "演示丽" not in answer["Location"]


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(make_person, browser_of):
    from qingmiao.site.apps.records.models import Child

    who = doctor(make_person)
    sent = {"name": "", "sex": "X", "birth_date": "1990-01-01", "number": "790000199001010019", "area": "141029100"}
    answer = browser_of(who).post(reverse("records.new"), sent)
    told = answer.content.decode()
    assert answer.status_code == 400
    for words in ("请填写姓名", "请选择性别", "已满 18 周岁", "校验位不对"):
        assert words in told
    assert not Child.objects.exists()


def test_a_record_is_filled_in_corrected_and_withdrawn(make_person, browser_of):
    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    where = reverse("records.add", args=(child, KIND))
    shown = browser.get(where).content.decode()
    assert 'type="hidden" id="sex" name="sex" value="F"' in shown
    operation = "operation-of-this-form"
    sent = answers(sex="M") | {"operation": operation}
    assert browser.post(where, sent).status_code == 302
    assert browser.post(where, sent).status_code == 302
    page = browser.get(reverse("records.one", args=(child,))).content.decode()
    (record,) = set(re.findall(r"/records/of/(\d+)", page))
    corrected = answers(weight="9.8") | {"version": "1", "correction_reason": "抄错了一位数"}
    assert browser.post(reverse("records.correct", args=(record,)), corrected).status_code == 302
    shown = browser.get(reverse("records.record", args=(record,))).content.decode()
    assert "<td>10.2</td>" in shown.replace(" 千克", "") or "10.2" in shown
    assert "抄错了一位数" in shown
    again = browser.post(reverse("records.correct", args=(record,)), corrected)
    assert again.status_code == 409
    gone = browser.post(reverse("records.record", args=(record,)), {"version": "2", "reason": "登记到了别人名下"})
    assert gone.status_code == 302
    assert "已撤销" in browser.get(reverse("records.record", args=(record,))).content.decode()


def test_a_number_is_shown_in_full_only_for_a_purpose_and_the_file_tells_who_looked(make_person, browser_of):
    who, birth = doctor(make_person), born()
    number = a_number(birth, "F")
    child = a_child(who, birth=birth, number=number)
    browser, where = browser_of(who), reverse("records.one", args=(child,))
    assert number not in browser.get(where).content.decode()
    assert browser.post(where, {"what": "number", "purpose": "看"}).status_code == 400
    assert number in browser.post(where, {"what": "number", "purpose": "核对出生证明"}).content.decode()
    told = browser.get(reverse("records.looked", args=(child,))).content.decode()
    assert "核对出生证明" in told
    assert "儿童健康管理" in told
    assert number not in told


def test_a_village_director_sees_the_villages_in_charge_and_no_numbers(make_person, browser_of):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api
    from website.role_ids import Role

    mine, birth = a_child(doctor(make_person), "演示近", village="甲村"), born()
    other = a_child(doctor(make_person), "演示远", village="乙村", birth=birth, number=a_number(birth, "F"))
    director = keeper(make_person)
    assert browser_of(director).get(reverse("records.one", args=(mine,))).status_code == 404
    supervisor = make_person("township.141029100", Role.SUPERVISOR, "runs-the-township")
    api.give_charge(Reach(supervisor), director.username, area="141029100", village="甲村")
    browser = browser_of(director)
    assert browser.get(reverse("records.one", args=(mine,))).status_code == 200
    assert browser.get(reverse("records.one", args=(other,))).status_code == 404
    assert (
        browser.post(reverse("records.one", args=(mine,)), {"what": "number", "purpose": "核对号码"}).status_code == 404
    )
    listed = browser.get(reverse("records.list")).content.decode()
    assert "演示近" in listed
    assert "演示远" not in listed


def test_glass_that_is_broken_opens_one_file_for_a_time_and_its_unit_is_told(make_person, browser_of):
    from datetime import timedelta

    from qingmiao.site.apps.notices.models import Notification
    from qingmiao.site.apps.records.event_models import Glass

    birth = born()
    number = a_number(birth, "F")
    owner = doctor(make_person)
    child = a_child(owner, birth=birth, number=number)
    browser, where = browser_of(keeper(make_person)), reverse("records.one", args=(child,))
    assert browser.get(where).status_code == 404
    sent = {"urgent": "1", "number": number, "reason": "儿童走失，正在寻找家人"}
    assert browser.post(reverse("records.list"), sent)["Location"] == where
    assert "正在紧急查阅" in browser.get(where).content.decode()
    assert Notification.objects.filter(to=owner, kind="records.glass").exists()
    now = timezone.now()
    with pytest.raises(Exception, match="append only"):
        Glass.objects.update(until_at=now + timedelta(days=9))


def test_people_without_a_role_for_it_find_no_files_at_all(make_person, browser_of):
    from website.role_ids import Role

    for role, unit in ((Role.STATISTICS, "statistics"), (Role.LIAISON, "health"), (Role.LEADER, "health")):
        browser = browser_of(make_person(unit, role))
        assert browser.get(reverse("records.list")).status_code == 404
        assert "儿童档案" not in browser.get("/").content.decode()


def test_what_is_due_stands_on_the_file_until_it_is_recorded(make_person, browser_of):
    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    where, add = reverse("records.one", args=(child,)), reverse("records.add", args=(child, KIND))
    assert due_links(browser.get(where), add) == 1
    assert browser.post(add, answers() | {"operation": "operation-of-this-form"}).status_code == 302
    assert due_links(browser.get(where), add) == 0


def due_links(answer, add):
    """How many things that are due lead to a form."""
    return len(re.findall(rf'<a class="button" href="{add}">\s*登记</a>', answer.content.decode()))


def test_the_condition_of_lists_and_the_rule_for_one_child_say_the_same(make_person):
    import random

    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import exposure
    from qingmiao.site.apps.records.event_models import Charge
    from qingmiao.site.apps.records.models import Child
    from website.filed import a_kept_record
    from website.filed_steps import a_child as unsaved
    from website.role_ids import Role

    rng, director = random.Random(16), keeper(make_person)
    people = [
        director, doctor(make_person), make_person("education", Role.SCHOOL, "a-school"),
        make_person("mch_hospital", Role.HOSPITAL, "a-hospital"),
        make_person("township.141029100", Role.SUPERVISOR, "a-supervisor"),
    ]  # fmt: skip
    Charge.objects.create(person=director, area="141029100", village="甲村", from_date=born())
    named = ("mch_hospital", "education", "township.141029100", "cdc")
    units = list(Organisation.objects.filter(pk__in=named).order_by("pk"))
    maker = type("World", (), {"maker": director})
    for _ in range(60):
        child = unsaved(maker, rng.choice(units))
        child.area, child.village = rng.choice(["141029100", "141029101", "141030100"]), rng.choice(["甲村", "乙村"])
        child.school_unit = rng.choice([None, *units])
        child.save()
        if rng.random() < 0.2:
            a_kept_record(child.pk)
    some = 0
    for person in people:
        of = exposure.sights(Reach(person))
        listed = set(Child.objects.filter(of.where).values_list("pk", flat=True))
        ruled = {c.pk for c in Child.objects.all() if of.sees(c)}
        assert listed == ruled, person.username
        some += 0 < len(listed) < 60
    assert some == len(people)
