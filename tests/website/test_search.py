"""The search of the frame: by words as they are typed, by two characters, only what the person may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.identity.readings import initials
from qingmiao.identity.spelling import spelled
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.web.console.search.grams import grams, likeness
from qingmiao.site.web.console.search.kinds import KINDS
from website.inspected import an_inspection
from website.measured import a_run
from website.published import an_edition
from website.registered import GOOD, a_nursery
from website.role_ids import Role
from website.surveyed import a_survey

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("婴儿死亡率", ("婴儿", "儿死", "死亡", "亡率")),
        ("婴", ("婴",)),
        ("HPV疫苗 2 针", ("hpv", "疫苗", "2", "针")),
        ("", ()),
        ("死亡死亡", ("死亡", "亡死")),
    ],
)
def test_grams(text: str, parts: tuple[str, ...]) -> None:
    assert grams(text) == parts


def test_words_as_typed_come_before_a_share_of_their_grams() -> None:
    assert likeness("婴儿死亡", ["婴儿死亡率"]) == 2
    assert likeness("死亡 婴儿", ["婴儿死亡率"]) == 2
    assert likeness("婴儿的死亡率", ["婴儿死亡率"]) == 3 / 5
    assert likeness("疫苗接种", ["婴儿死亡率"]) == 0
    assert likeness("   ", ["婴儿死亡率"]) == 0


def test_pinyin_comes_after_words_as_typed_and_is_not_heard_in_long_texts() -> None:
    assert likeness("yinger", ["婴儿死亡率"]) == 1.5
    assert likeness("yesl", ["婴儿死亡率", "yesl"]) == 2
    assert likeness("yinger", ["说明" * 40 + "婴儿"]) == 0


def _found(browser: Any, asked: str, kind: str = "") -> dict[str, list[str]]:
    page = browser.get("/search", {"q": asked, **({"kind": kind} if kind else {})})
    assert page.status_code == 200
    return {f.kind.name: [h.text for h in f.hits] for f in page.context["found"]}


def test_every_kind_is_found_by_whom_it_is_for(make_person: Callable[..., Any], browser_of: Any, pack: Pack) -> None:
    """A word of each kind's own; its first hit's address opens. None is found by an administrator but accounts and
    help; no account by the office."""
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    health = Organisation.objects.get(pk="health")
    returns.open_collections(audit.SYSTEM, 2024, {"H101": date(2025, 1, 30)})
    due = timezone.localdate() + timedelta(days=9)
    acting.open_task(Reach(office), unit=health, due_date=due, title="补查漏查的孕产妇")
    Activity.objects.create(
        kind="work_plan", year=2024, on_date=date(2024, 1, 20), unit=health, title="冷链改造计划", text="全年工作安排。",
        made_by=office, made_at=timezone.now(), state="draft",
    )  # fmt: skip
    keeper = Reach(make_person("health", Role.LIAISON, "register-keeper"))
    registers.enter(keeper, "nurseries", registers.EntryGiven(GOOD | {"name": "演示社区托育点"}))
    visit = an_inspection(health, office)
    visit.save()
    survey = a_survey(make_person)
    a_run()
    an_edition(make_person)
    field = next(f for f in pack.fields if f.measures)
    asked = {
        "goals": next(iter(pack.goals.values())).text[:10],
        "measures": field.measures[0].title,
        "indicators": next(iter(pack.indicators.values())).label.zh,
        "returns": pack.returns["H101"].label.zh,
        "tasks": "漏查的",
        "documents": "冷链",
        "inspections": visit.place,
        "registers": "社区托育",
        "surveys": survey.title,
        "reports": "监测报告",
        "units": health.label,
        "people": "演示",
        "areas": next(a.name for a in pack.areas.values() if a.level == "township"),
        "help": "口令",
    }
    assert set(asked) == {k.name for k in KINDS}
    browser, admin = browser_of(office), browser_of(make_person("committee_office", Role.SYSTEM_ADMIN))
    for kind in KINDS:
        of = admin if kind.name == "people" else browser
        page = of.get("/search", {"q": asked[kind.name], "kind": kind.name})
        assert page.context["found"], kind.name
        assert of.get(page.context["found"][0].hits[0].address.partition("#")[0]).status_code == 200, kind.name
        if kind.roles:
            other = browser if kind.name == "people" else admin
            assert kind.name not in _found(other, asked[kind.name]), kind.name


def test_only_what_the_person_may_see(make_person: Callable[..., Any], browser_of: Any) -> None:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    due = timezone.localdate() + timedelta(days=9)
    acting.open_task(Reach(office), unit=Organisation.objects.get(pk="health"), due_date=due, title="补查漏查的孕产妇")
    returns.open_collections(audit.SYSTEM, 2024, {"H101": date(2025, 1, 30)})
    title = returns.return_of("H101").label.zh
    a_nursery(make_person)
    for unit, sees in (("health", True), ("education", False)):
        browser = browser_of(make_person(unit, Role.LIAISON))
        assert ("tasks" in _found(browser, "漏查")) is sees
        assert ("returns" in _found(browser, title)) is sees
        assert ("registers" in _found(browser, "托育园")) is sees


def test_grams_find_what_the_words_do_not(make_person: Callable[..., Any], browser_of: Any) -> None:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    due = timezone.localdate() + timedelta(days=9)
    health = Organisation.objects.get(pk="health")
    acting.open_task(Reach(office), unit=health, due_date=due, title="补查漏查，孕产妇名单")
    assert "tasks" not in _found(browser_of(office), "漏查孕产妇")  # 查孕 stands nowhere
    assert _found(browser_of(office), "孕产妇 漏查")["tasks"] == ["补查漏查，孕产妇名单"]


def test_pinyin_finds_places_units_people_and_titles(
    make_person: Callable[..., Any], browser_of: Any, pack: Pack
) -> None:
    """By syllables and by first letters, in lists as in the search; of a list's long texts none."""
    a_run()
    town = next(a for a in pack.areas.values() if a.level == "township")
    sounds = next(spelled(town.name))
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    admin = make_person("committee_office", Role.SYSTEM_ADMIN)
    type(office).objects.filter(pk=office.pk).update(name="尉迟晓明")
    due = timezone.localdate() + timedelta(days=9)
    health = Organisation.objects.get(pk="health")
    acting.open_task(Reach(office), unit=health, due_date=due, title="补查漏查的孕产妇")
    Activity.objects.create(
        kind="work_plan", year=2024, on_date=date(2024, 1, 20), unit=health, title="冷链改造计划", text="全年工作安排。",
        made_by=office, made_at=timezone.now(), state="draft",
    )  # fmt: skip
    browser = browser_of(office)
    for asked in (sounds, sounds[:-1], initials(tuple(town.name), 0)):
        found = _found(browser, asked)
        assert town.name in found["areas"], asked
        assert any(town.name in unit for unit in found["units"]), asked
    for asked in ("buchalou", "bclc"):
        assert _found(browser, asked)["tasks"] == ["补查漏查的孕产妇"]
        assert "补查漏查" in browser.get("/tasks/", {"q": asked, "list": "all"}).content.decode()
    assert _found(browser, "llgz")["documents"] == ["冷链改造计划"]
    assert "documents" not in _found(browser, "quannian")
    for asked in ("yuchixiaoming", "ycxm", "xiaoming"):
        assert any("尉迟晓明" in hit for hit in _found(browser_of(admin), asked)["people"]), asked


def test_pages_of_one_kind_and_a_mark_that_no_page_gave(
    make_person: Callable[..., Any], browser_of: Any, monkeypatch: pytest.MonkeyPatch, pack: Pack
) -> None:
    from qingmiao.site.web.console.search import views

    monkeypatch.setattr(views, "PAGE", 3)
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    word = "率"
    seen: list[str] = []
    after = ""
    while True:
        page = browser.get("/search", {"q": word, "kind": "indicators", "after": after})
        if not page.context["found"]:
            break
        seen += [h.address for h in page.context["found"][0].hits]
        after = page.context["found"][0].following
        if not after:
            break
    fitting = [i for i in pack.indicators.values() if word in i.label.zh + i.label.en + i.id]
    assert len(seen) == len(set(seen)) == len(fitting)
    for kind in ("indicators", "tasks", "surveys", "reports", "inspections", "registers", "documents", "returns"):
        assert browser.get("/search", {"q": word, "kind": kind, "after": "x"}).status_code == 404, kind


def test_the_box_asks_for_the_list_alone_and_the_frame_has_it_on_every_page(
    make_person: Callable[..., Any], browser_of: Any
) -> None:
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    alone = browser.get("/search", {"q": "没有这个词儿吧"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in alone
    assert "没有找到" in alone
    assert 'action="/search"' in browser.get("/tasks/").content.decode()
    assert browser.get("/search", {"q": "%_\\"}).status_code == 200
