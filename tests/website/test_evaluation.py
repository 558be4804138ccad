"""An evaluation: figures already there, members who score apart and see each other only afterwards, settled once."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qingmiao.content.check import check_path
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
MEMBER = Role.EVALUATION_MEMBER
WEIGHTS = "evaluation_weights:\n  evaluation.implementation: " + (
    "{targets: 30, measures: 20, effect: 20, quality: 10, organising: 10, problems: 10}\n"
)
FULL = {"targets": "80", "measures": "100", "effect": "100", "quality": "100", "organising": "100", "problems": "100"}
ANSWERS = FULL | {"targets_why": "两项目标没有达标"}


@pytest.fixture
def weighted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The county has set the weights of the scheme."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    with (tmp_path / "xiangning" / "policy.yaml").open("a", encoding="utf-8") as file:
        file.write(WEIGHTS)
    pack, faults = check_path(tmp_path / "xiangning")
    assert [str(f) for f in faults] == []
    monkeypatch.setattr(site_pack, "_loaded", lambda _: pack)


@pytest.fixture
def members(make_person: Any) -> tuple[Any, Any]:
    return (
        make_person("committee_office", MEMBER, "member-one"), make_person("statistics", MEMBER, "member-two")
    )  # fmt: skip


def scored(who: Any, answers: dict[str, str], unit: str = "health", year: int = 2025) -> Activity:
    return api.record(
        who, kind="evaluation_score", year=year, on_date=date(year, 4, 2), unit=Organisation.objects.get(pk=unit),
        title="终期评估评分", text="总体落实较好，两项目标没有达标。", answers=answers,
    )  # fmt: skip


def page(browser: Any, a: Activity) -> Any:
    return browser.get(f"/duties/evaluation_score/{a.pk}")


def test_the_figures_of_its_goals_are_there_already_and_stay_as_they_were(make_person: Any, browser_of: Any) -> None:
    """The health bureau reports 2023's infant mortality without typing it; a goal of another unit is not there."""
    shown = a_run()
    here = browser_of(make_person("health", Role.LIAISON))
    before = here.get("/duties/evaluation/?year=2023").content.decode()
    assert "data-goal-figures" in before
    answers = {
        "stage": "final",
        **dict.fromkeys(("done", "effect", "problem", "next", "shown_by"), "见附件，逐项说明。"),
    }
    given = {
        "year": 2023,
        "title": "终期自我评估",
        "on_date": "2023-12-20",
        "unit": "health",
        "text": "目标逐项对照如下。",
    }
    where = here.post("/duties/evaluation/", given | answers).url
    kept = Activity.objects.get()
    rows = {r["target"]: r for r in kept.figures["rows"]}
    led = {t.id for g in site_pack.pack().goals.values() for t in g.targets}
    assert set(rows) < led
    (imr,) = (r for r in rows.values() if r["indicator"] == "health.imr")
    assert (imr["value"], kept.figures["year"], kept.figures["run"]) == ("5.4", 2023, shown.pk)
    text = here.get(where).content.decode()
    assert "/indicators/health.imr?year=2023" in text
    assert "5.4" in text
    other = api.figures_of("education", 2023)
    assert other is not None
    assert not {r.target for r in other.rows if r.leads} & {t for t, r in rows.items() if r["leads"]}


def test_nobody_sees_anothers_score_before_their_own(
    members: tuple[Any, Any], make_person: Any, browser_of: Any
) -> None:
    """Not the other member, not the office, not the unit: its page and its line in the list are absent; then both."""
    one, two = members
    first = scored(one, ANSWERS)
    office, unit = make_person("committee_office", Role.COMMITTEE_OFFICE), make_person("health", Role.LIAISON)
    assert page(browser_of(one), first).status_code == 200
    for who in (two, office, unit):
        assert page(browser_of(who), first).status_code == 404
        assert f"/{first.pk}" not in browser_of(who).get("/duties/evaluation_score/?year=2025").content.decode()
        assert api.decisions_of(Reach(who), first.pk) is None
    second = scored(two, ANSWERS | {"targets": "60", "targets_why": "一项数字没有来源"})
    for who in (one, two, office):
        text = page(browser_of(who), first).content.decode()
        assert "data-apart" in text
        assert "一项数字没有来源" in text
    assert page(browser_of(unit), second).status_code == 404


def test_differences_are_settled_once_for_both_and_the_trail_says_how_many(
    weighted: None, members: tuple[Any, Any], make_person: Any, browser_of: Any
) -> None:
    """94 and 88 of 100: the mean is proposed, the office settles with its reason, both are settled, the unit sees."""
    one, two = members
    first, office = scored(one, ANSWERS), make_person("committee_office", Role.COMMITTEE_OFFICE)
    with pytest.raises(UserError, match="只有一个人评过分"):
        api.move_activity(office, first, "settle", version=1, said={"opinion": "各项都已核对"}, score=Decimal(90))
    second = scored(two, ANSWERS | {"targets": "60"})
    shown = api.shown(Reach(office), "evaluation_score", first.pk)
    assert shown is not None
    assert shown.apart is not None
    totals = next(line for line in shown.apart.lines if line.total)
    weights = (Decimal(80 * 30) / 100 + 70, Decimal(60 * 30) / 100 + 70)
    assert [Decimal(points) for points, _ in totals.given] == list(weights)
    assert (shown.apart.proposed, shown.apart.differing) == (sum(weights) / 2, 1)
    api.move_activity(office, second, "settle", version=1, said={"opinion": "第一项按核对后的数"}, score=Decimal(91))
    states = {a.pk: (a.state, a.score) for a in Activity.objects.order_by("pk")}
    assert states == {first.pk: ("settled", None), second.pk: ("settled", Decimal(91))}
    detail = Event.objects.get(action="acting.activity.settle").detail
    assert (detail["differing"], detail["people"]) == (1, 2)
    assert page(browser_of(make_person("health", Role.LIAISON)), second).status_code == 200
    with pytest.raises(UserError, match="已经商定"):
        scored(make_person("education", MEMBER, "member-three"), ANSWERS)


def test_a_member_scores_once_and_takes_back_only_while_alone(members: tuple[Any, Any]) -> None:
    """A second score of the same unit is refused; withdrawn it may be given anew; once somebody else has scored it
    stays."""
    one, two = members
    first = scored(one, ANSWERS)
    with pytest.raises(UserError, match="您已经评过分"):
        scored(one, ANSWERS)
    api.move_activity(one, first, "withdraw", version=1, said={"reason": "把两个单位弄混了"})
    again = scored(one, FULL | {"targets": "100"})
    scored(two, ANSWERS)
    with pytest.raises(UserError, match="不能作废"):
        api.move_activity(one, again, "withdraw", version=1, said={"reason": "想改得和别人一样"})


def test_without_weights_there_is_no_total(members: tuple[Any, Any]) -> None:
    """The scheme ships without weights: nothing adds up, and the form says so."""
    kept = scored(members[0], ANSWERS)
    assert "total" not in kept.answers
    ready = api.ready_for(api.kinds()["evaluation_score"])
    assert ready is not None
    assert all("还没有设置" in str(f.field.help) for f in ready.fields if f.type == "number")


@pytest.mark.parametrize(
    ("was", "put", "told"),
    [
        ("targets: 30", "targets: 31", "合计 101"),
        ("targets: 30, ", "", "对不上：targets"),
        ("evaluation.implementation", "evaluation.implementatio", "没有的评估方案"),
    ],
)
def test_weights_that_do_not_fit_are_found(tmp_path: Path, was: str, put: str, told: str) -> None:
    """They add up to 100, over all items of a scheme that there is."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    with (tmp_path / "xiangning" / "policy.yaml").open("a", encoding="utf-8") as file:
        file.write(WEIGHTS.replace(was, put))
    _, faults = check_path(tmp_path / "xiangning")
    assert any(told in f.message and f.file.endswith("policy.yaml") for f in faults)
