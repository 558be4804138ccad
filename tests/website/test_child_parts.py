"""A child's eyes and fitness over the years, and the sheet for the guardian: what the records say, by the norms."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from website.filed import a_child, born, doctor, held_anywhere, keeper
from website.growing import SIGHT, a_dose, a_pupil, a_record, ago

pytestmark = pytest.mark.django_db
PHONE = "13800000000"


def school_doctor(make_person: Any) -> Any:
    """A doctor of the county who holds the roles of a school too."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api

    who = doctor(make_person)
    held_anywhere()
    for role in ("school_doctor", "school"):
        api.grant(audit.SYSTEM, who, role, on=date(2024, 1, 1), area=who.organisation.area_id)
    return who


def sight(child: int, days: int, right: float, left: float, **more: str) -> Any:
    """A check of the eyes so many days ago with these spheres and no cylinder."""
    said = {"sphere_right": str(right), "sphere_left": str(left), "cylinder_right": "0", "cylinder_left": "0"}
    return a_record("vision_record", ago(days), {"done": "1", "wears": "0", **said, **more}, child=child)


def rows_of(child: int) -> list[Any]:
    """The checks as the page shows them, the newest first."""
    from qingmiao.site.apps.records import eyes
    from qingmiao.site.apps.records.models import Child

    return list(eyes.eye_rows(Child.objects.get(pk=child), ("vision_record",))[::-1])


def test_refraction_has_equivalents_rates_and_marks(make_person, browser_of):
    who = school_doctor(make_person)
    child, browser = a_pupil(who), browser_of(who)
    newest, before, *_, first = rows_of(child)
    assert newest.right.equivalent == -2.25 + -0.50 / 2
    days = SIGHT[2][0] - SIGHT[3][0]
    assert newest.right.rate == pytest.approx((-2.50 - -1.75) * 365.25 / days)
    assert (first.right.rate, first.left.rate) == (None, None)
    assert [m.zh for m in newest.marks] == ["筛查性近视", "进展较快"]
    assert (newest.low.zh, newest.poor, [m.zh for m in first.marks]) == ("重度视力不良", True, [])
    assert before.right.rate == pytest.approx((-1.75 - -1.00) * 365.25 / (SIGHT[1][0] - SIGHT[2][0]))
    page = browser.get(reverse("records.eyes", args=(child,))).content.decode()
    assert page.count('class="point"') == 2 * len(SIGHT)
    assert "−2.50" in page
    file = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert "等效球镜 −2.50 D" in " ".join(file.split())
    assert "进展较快" not in file, "the newest check alone knows no rate"


def test_a_rate_compares_only_readings_of_one_kind_far_enough_apart_and_never_under_night_lenses(make_person):
    child = a_child(doctor(make_person), birth=born(3800))
    sight(child, 800, 0.0, 0.0, cycloplegia="yes")
    sight(child, 500, -1.0, -1.0, cycloplegia="no")
    sight(child, 400, -0.5, -0.25, cycloplegia="yes")
    sight(child, 300, -3.0, -3.0, cycloplegia="yes", wears="3")
    sight(child, 250, -0.75, -0.5, cycloplegia="yes")
    soon, lenses, plain, other, first = rows_of(child)
    assert plain.right.rate == pytest.approx(-0.5 * 365.25 / 400), "against the one under cycloplegia"
    assert (first.right.rate, other.right.rate, lenses.right.rate) == (None, None, None)
    assert soon.right.rate == pytest.approx(-0.75 * 365.25 / 550), "150 days after the last one is too soon"
    assert "夜戴角膜塑形镜" in [m.zh for m in lenses.marks]


def test_fitness_by_year_is_scored_by_the_standard(make_person, browser_of):
    from qingmiao.site.apps.records import fitness
    from qingmiao.site.apps.records.models import Child
    from qingmiao.standards.fitness import score_pupil

    who = school_doctor(make_person)
    child = a_pupil(who)
    years = fitness.fitness_years(Child.objects.get(pk=child), ("fitness_test",))
    assert [y.grade.zh for y in years] == ["小学三年级", "小学四年级", "小学五年级"]
    measures = {
        "height_cm": 130.0, "weight_kg": 27.0, "vital_capacity": 1500.0, "run_50m": 10.2, "sit_reach": 9.5,
        "rope_skipping_1min": 95.0, "sit_ups_1min": 28.0,
    }  # fmt: skip
    third = score_pupil(grade="P3", sex="F", measures=measures)
    assert (years[0].total, {k: v[1] for k, v in years[0].items.items() if v[1] is not None}) == (
        third.total, dict(third.scores),
    )  # fmt: skip
    page = browser_of(who).get(reverse("records.fitness", args=(child,))).content.decode()
    for year in years:
        assert f"{year.total:.1f}" in page
        assert year.level is not None
        assert year.level.zh in page
    assert page.count("50米×8往返跑") == 1
    assert "立定跳远" not in page, "no item of this pupil's"


def test_the_sheet_holds_what_is_read_without_numbers_and_is_written_down_as_for_the_guardian(make_person, browser_of):
    from qingmiao.site.apps.audit.models import Event
    from qingmiao.site.apps.records.event_models import Charge

    who = school_doctor(make_person)
    child = a_pupil(who)
    page = browser_of(who).get(reverse("records.sheet", args=(child,))).content.decode()
    for said in ("演示母", "−2.50", "78.3", "卡介苗", ago(3849).isoformat(), "现在就可以"):
        assert said in page, said
    assert "1380000" not in page
    assert "138****" not in page
    told = Event.objects.filter(action="records.child.see", object_id=str(child)).latest("pk")
    assert told.detail["purpose"].endswith("打印给监护人")
    director = keeper(make_person)
    Charge.objects.create(person=director, area="141029100", village="演示村", from_date=date(2024, 1, 1))
    theirs = browser_of(director).get(reverse("records.sheet", args=(child,))).content.decode()
    for said in ("−2.50", "78.3", ago(3849).isoformat()):
        assert said not in theirs, "a village director reads no check"
    for part in ("eyes", "fitness"):
        assert browser_of(director).get(reverse(f"records.{part}", args=(child,))).status_code == 404


def text_of(pdf):
    """What the pages of a PDF say."""
    assert pdf.startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def test_the_pdf_says_what_the_sheet_says_with_curves_and_a_watermark_and_stands_in_the_trail(make_person, browser_of):
    from qingmiao.site.apps.audit.models import Event
    from qingmiao.site.apps.records.privacy import copying

    who = school_doctor(make_person)
    child, address = a_pupil(who), "records.sheet_pdf"
    answer = browser_of(who).get(reverse(address, args=(child,)))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    text = text_of(answer.content)
    for said in (
        "演示母",
        "−2.50",
        "78.3",
        "卡介苗",
        ago(3849).isoformat(),
        "年龄别体重",
        f"第{child}号档案",
        who.name,
    ):
        assert said in text, said
    assert "1380000" not in text
    assert Event.objects.filter(action="records.child.print", object_id=str(child), actor=who.username).count() == 1
    assert "打印档案摘要" in [look.what for look in copying.looks([child])]
    stranger = keeper(make_person)
    refused = browser_of(stranger).get(reverse(address, args=(child,)))
    nothing = browser_of(stranger).get(reverse(address, args=(child + 4711,)))
    assert refused.status_code == nothing.status_code == 404
    assert Event.objects.filter(action="records.child.print").count() == 1, "a refusal prints nothing"


def test_a_child_without_records_has_empty_pages_and_no_chart(make_person, browser_of):
    who = school_doctor(make_person)
    child, browser = a_child(who, birth=born(20)), browser_of(who)
    a_dose(child, "HepB", 20)
    pages = {n: browser.get(reverse(f"records.{n}", args=(child,))) for n in ("eyes", "fitness", "sheet", "growth")}
    assert {n: a.status_code for n, a in pages.items()} == dict.fromkeys(pages, 200)
    assert "还没有视力检查记录" in pages["eyes"].content.decode()
    assert "<svg" not in pages["eyes"].content.decode().partition("<main")[2]
    assert "还没有体质健康测试记录" in pages["fitness"].content.decode()
