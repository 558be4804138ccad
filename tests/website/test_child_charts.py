"""A child's growth curves and vaccination card: what the records say, by the norms, for who reads those records."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from website.filed import a_child, a_kept_record, born, doctor, keeper

pytestmark = pytest.mark.django_db


def a_dose(child: int, vaccine: str, days: int) -> None:
    """A dose that was given so many days ago."""
    from qingmiao.site.apps.records import kinds, versions
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.models import Child

    of, on = Child.objects.get(pk=child), timezone.localdate() - timedelta(days=days)
    made = HealthRecord.objects.create(
        kind="vaccination", child=of, on_date=on, unit=of.unit, by=of.made_by, made_at=timezone.now(),
        operation=f"dose-{vaccine}-{days}",
    )  # fmt: skip
    RecordVersion.objects.create(
        record=made, number=1, form=versions.form_kept(kinds.kinds()["vaccination"].form), on_date=on, filled_date=on,
        answers={"kind": "1", "vaccine": vaccine, "given_on": on.isoformat(), "dose": "1"}, by=of.made_by,
        at=timezone.now(),
    )  # fmt: skip


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
    page = browser.get(reverse("records.vaccines", args=(child,))).content.decode()
    rows = {
        (cells[0], cells[1]): cells[2:]
        for cells in (
            [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
        )
        if len(cells) == 7
    }
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
    from qingmiao.standards.immunisation import REASONS
    from qingmiao.standards.immunisation.words import REASON_WORDS

    assert set(REASON_WORDS) == set(REASONS) - {""}
