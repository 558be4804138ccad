"""A child's growth curves and vaccination card: what the records say, by the norms, for who reads those records."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from website.filed import a_child, a_kept_record, born, doctor, keeper
from website.filed_mothers import a_kept_mother
from website.growing import a_dose, a_record

pytestmark = pytest.mark.django_db


def the_card(browser: Client, child: int) -> dict[tuple[str, str], list[str]]:
    """(vaccine, dose) → the cells of its row on the card."""
    page = browser.get(reverse("records.vaccines", args=(child,))).content.decode()
    rows = (
        [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    )
    return {(cells[0], cells[1]): cells[2:] for cells in rows if len(cells) == 7}


def test_curves_hold_the_measurements_with_their_scores_and_a_part_of_the_ages_can_be_looked_at(
    make_person, browser_of
):
    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    assert 'class="point"' not in browser.get(reverse("records.one", args=(child,))).content.decode()
    a_kept_record(child)
    page = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert page.count('class="point"') == 2
    where = reverse("records.growth", args=(child,))
    chinese = browser.get(where).content.decode()
    assert "WS/T 423" in chinese
    assert chinese.count('class="point"') == 4
    assert re.search(r"<title>18\.\d 月龄，10\.2，\d{4}-\d\d-\d\d，Z [+-]\d\.\d\d</title>", chinese)
    whole = browser.get(where, {"norm": "who2006"}).content.decode()
    assert "WHO 2006" in whole
    later = browser.get(where, {"norm": "who2006", "span": "2"}).content.decode()
    assert 'class="point"' not in later
    assert "另有 1 次在曲线范围之外" in later
    assert browser.get(where, {"norm": "<b>", "span": "99"}).status_code == 200


def test_a_preterm_childs_points_stand_at_the_corrected_age(make_person):
    from qingmiao.site.apps.records import growth
    from qingmiao.site.apps.records.models import Child

    who = doctor(make_person)
    child = a_child(who)
    a_kept_record(child)
    of, kinds = Child.objects.get(pk=child), growth.measuring(("child_check_12_30",))
    (term,) = growth.growth_rows(of, kinds, None)
    (early,) = growth.growth_rows(of, kinds, 30.0)
    assert term.corrected is None
    assert early.corrected == pytest.approx(560 / 30.4375 - 70 / 30.4375, abs=0.06)
    assert early.scores["weight_kg"] > term.scores["weight_kg"]


def test_the_card_tells_given_due_and_waiting_doses_with_reasons_and_the_file_asks_for_them(make_person, browser_of):
    who = doctor(make_person)
    child, browser = a_child(who, birth=born(200)), browser_of(who)
    a_dose(child, "HepB", 200)
    rows = the_card(browser, child)
    given = (timezone.localdate() - timedelta(days=200)).isoformat()
    assert rows["乙肝疫苗", "1"][0] == "已种有效"
    assert rows["乙肝疫苗", "1"][3] == given
    assert rows["乙肝疫苗", "2"][0] in ("该种", "逾期")
    assert rows["乙肝疫苗", "3"][4] == "先补种前一剂"
    assert ("乙脑灭活疫苗", "1") not in rows, "another option"
    file = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert "卡介苗第 1 剂" in file
    assert "乙肝疫苗第 1 剂" not in file
    assert "乙肝疫苗第 3 剂" not in file, "it waits for the second"


def test_what_is_contraindicated_or_deferred_is_not_asked_for_and_the_card_says_why(make_person, browser_of):
    from qingmiao.site.apps.records import due_counting
    from qingmiao.site.apps.records.event_models import OpenDue
    from qingmiao.site.apps.records.models import Child

    who, today = doctor(make_person), timezone.localdate()
    child, browser = a_child(who, birth=born(400)), browser_of(who)
    before = the_card(browser, child)
    assert {before[v, "1"][0] for v in ("麻腮风疫苗", "乙脑减毒活疫苗", "百白破疫苗")} == {"逾期"}
    assert before["麻腮风疫苗", "1"][4] == "可以补种"
    later = (today + timedelta(days=20)).isoformat()
    for vaccine, reason in (("MMR", "1"), ("DTaP", "2"), ("JE-L", "4")):
        said = {"vaccine": vaccine, "dose": "1", "reason": reason, **({} if reason == "1" else {"next_on": later})}
        a_record("vaccination_not_given", today, said, child=child)
    card = the_card(browser, child)
    assert card["麻腮风疫苗", "1"][0] == "禁忌"
    assert (card["百白破疫苗", "1"][0], card["百白破疫苗", "1"][4]) == ("暂缓", f"暂缓至 {later}")
    assert card["乙脑减毒活疫苗", "1"][0] == "逾期", "refused is not barred"
    file = browser.get(reverse("records.one", args=(child,))).content.decode()
    due_counting.count_again(Child.objects.get(pk=child))
    listed = set(OpenDue.objects.filter(child=child, schedule="immunisation").values_list("item", flat=True))
    for label, item, asked in (
        ("麻腮风疫苗第 1 剂", "MMR-1", False), ("百白破疫苗第 1 剂", "DTaP-1", False), ("乙脑减毒活疫苗第 1 剂", "JE-L-1", True),
    ):  # fmt: skip
        assert (label in file, item in listed) == (asked, asked), item


def test_a_light_child_of_a_mother_with_hepatitis_b_needs_three_more_doses(make_person, browser_of):
    from qingmiao.site.apps.records import due_counting
    from qingmiao.site.apps.records.event_models import OpenDue
    from qingmiao.site.apps.records.mothers.models import ChildBorn

    who = doctor(make_person)
    child, browser, day = a_child(who, birth=born(300)), browser_of(who), born(300)
    a_record("birth_certificate", day, {"sex": "F", "weight": "1800", "weeks": "34"}, child=child)
    for days in (300, 269, 100):
        a_dose(child, "HepB", days)
    rows = {k[1]: v[0] for k, v in the_card(browser, child).items() if k[0] == "乙肝疫苗"}
    assert rows == {"1": "已种有效", "2": "已种有效", "3": "已种有效"}
    mother = a_kept_mother(who, "mch_hospital").relative_id
    a_record("pregnancy_file", day - timedelta(days=150), {"hbsag": "2"}, mother=mother)
    delivery = a_record("delivery", day, {}, mother=mother)
    ChildBorn.objects.create(record=delivery, row=0, child_id=child)
    rows = {k[1]: v[0] for k, v in the_card(browser, child).items() if k[0] == "乙肝疫苗"}
    assert rows["3"] in ("该种", "逾期"), "the dose at birth does not count"
    due_counting.count_all()
    assert OpenDue.objects.filter(child=child, item="HepB-3").exists()


def test_who_reads_no_measurements_and_no_doses_finds_neither_curves_nor_a_card(make_person, browser_of):
    from qingmiao.site.apps.records.event_models import Charge
    from qingmiao.site.apps.records.models import Child

    child = a_child(doctor(make_person))
    a_kept_record(child)
    director = keeper(make_person)
    home = Child.objects.get(pk=child)
    Charge.objects.create(person=director, area=home.area, village=home.village, from_date=born())
    browser = browser_of(director)
    page = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert "curve" not in page
    for name in ("records.growth", "records.vaccines"):
        assert browser.get(reverse(name, args=(child,))).status_code == 404
        assert reverse(name, args=(child,)) not in page


def test_every_reason_of_the_norm_has_its_words():
    from qingmiao.standards.immunisation import NOTES, REASONS
    from qingmiao.standards.immunisation.words import NOTE_WORDS, REASON_WORDS

    assert set(REASON_WORDS) == set(REASONS) - {""}
    assert set(NOTE_WORDS) == set(NOTES) - {""}
