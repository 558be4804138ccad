"""What pages of monitoring tell first: headlines with their denominators, warnings in words, goals without numbers,
tasks in
place; and that no code stands where an official reads.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from qingmiao.report.blocks.context import is_late
from qingmiao.site.apps.acting.models import Aim
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.tasks.models import Task
from website import returns_world as world
from website.acted import a_task
from website.measured import a_run, collected
from website.role_ids import Role

pytestmark = pytest.mark.django_db
IMR = "/indicators/health.imr"


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


class Visible(HTMLParser):
    """The text of a page that a reader sees without opening anything: no scripts, nothing in a closed fold of the
    basis.
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if (self.hidden and tag == self.hidden[0]) or (
            not self.hidden and (tag in ("script", "style", "head") or "basis" in classes)
        ):
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[0]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.texts.append(data.strip())


def visible(page: str) -> str:
    """The visible text of a page, one line a piece."""
    reader = Visible()
    reader.feed(page)
    return "\n".join(reader.texts)


CODES = re.compile(
    r"\b[ST]\d{2,3}\b|\b(?:[Tt]rue|[Ff]alse|None)\b|\b[a-z]+_[a-z_]+\b|\b[a-z]+\.[a-z][a-z_]+\b|\.parquet|"
    r"\bsha\d*\b|hash|"
    r"[θφ] ?=|\b[zp] ?= ?-?\d|快照|运行 ?\d"
)
"""What no official reads: ids of the plan and of indicators, Python's words, names with underscores, statistics,
files.
"""


def test_the_scan_finds_codes_and_leaves_words_alone():
    for code in ("目标 T03", "S001", "True", "health.imr", "birth_weight", "a.parquet", "（修正 z = 4.1）", "θ = 0.3"):
        assert CODES.search(code), code
    for words in ("2024 年为 5.3‰，目标 ≤ 5.0‰", "国发〔2021〕16号", "HPV 疫苗", "第 3 版", "A 级"):
        assert not CODES.search(words), words
    assert (
        visible("<p>婴儿</p><details class='basis'><p>z = 3</p><details>p</details></details><p>儿童</p>")
        == "婴儿\n儿童"
    )


@pytest.mark.parametrize(
    ("unit", "role"),
    [("committee_office", Role.COMMITTEE_OFFICE), ("health", Role.LIAISON), ("health", Role.LEADER)],
)
def test_no_code_stands_where_an_official_reads(directory, make_person, browser_of, unit, role):
    a_run()
    state, client = api.current(), browser_of(make_person(unit, role))
    pages = ["/plan/", "/indicators/", "/warnings/", "/tasks/", IMR, f"{IMR}?area=141029100", "/areas/141029100"]
    pages += [f"/plan/goals/{goal}" for goal in list(state.pack.goals)[::6]]
    pages += [f"/warnings/{w.number}" for w in api.warnings()[:3]]
    pages += ["/indicators/health.imr_gap", "/lineage?indicator=health.imr&area=141029&year=2023"]
    found = {}
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        codes = CODES.findall(visible(answer.content.decode()))
        if codes:
            found[page] = codes
    assert found == {}


def test_the_headline_counts_every_target_and_gives_a_rate_only_with_its_denominator(directory, office, browser_of):
    a_run()
    state, client = api.current(), browser_of(office)
    rate = state.assessment(2023).rate
    page = visible(client.get("/plan/?year=2023").content.decode()).replace("\n", " ")
    verdicts = [v.verdict.value for v in state.assessment(2023).targets.values()]
    head = page.split("达标情况", 1)[1].split("进度", 1)[0]
    for code, word in {"met": "达标", "not_met": "未达标", "undetermined": "无法判定", "pending": "待下达"}.items():
        assert f"{word} {verdicts.count(code)}" in head or not verdicts.count(code), word
    assert not state.pack.policy.tells_rate(rate.monitored, rate.own), "the small county judges too few for a rate"
    assert f"可判定 {rate.monitored} / {rate.own}" in head
    assert "%" not in head


def test_a_year_with_one_accepted_return_of_many_says_that_it_has_only_begun(
    directory, office, make_person, browser_of
):
    api.load(audit.SYSTEM, api.pack(), collected(), accepted=True)
    world.brought_to(world.opened("H103"), "accepted", make_person)
    api.refresh(audit.SYSTEM)
    client, pages = browser_of(office), (f"/plan/?year={world.YEAR}", f"{IMR}?year={world.YEAR}")
    assert world.YEAR in api.current().years
    assert ["才开始收集" in client.get(page).content.decode() for page in pages] == [False, False]
    for form in ("H101", "H102"):
        world.opened(form)
    assert ["才开始收集" in client.get(page).content.decode() for page in pages] == [True, True]


@pytest.mark.parametrize(
    "page",
    ["/plan/", "/plan/goals/health.g5", "/indicators/", IMR, f"{IMR}?area=141029100", "/areas/141029100", "/warnings/"],
)
def test_every_page_of_monitoring_has_the_year_and_keeps_it_in_its_links(directory, office, browser_of, page):
    a_run()
    client, year = browser_of(office), 2022
    text = client.get(page + ("&" if "?" in page else "?") + f"year={year}").content.decode()
    assert text.count('name="year" data-submit') == 1
    assert re.search(rf"<option selected>{year}</option>", text)
    main = text.split("<main", 1)[1]
    links = re.findall(r'href="((?:/plan|/indicators|/areas|/warnings)/[^"]*)"', main)
    assert [x for x in links if f"year={year}" not in x and not re.match(r"/warnings/\d", x)] == []


def test_pages_and_reports_count_the_same_warnings(directory, office, browser_of):
    run = a_run()
    state, counted = api.current(), api.counted()
    notices = state.findings(run.year).notices
    assert counted.warnings == len([n for n in notices if not n.quality])
    assert counted.of_data == len([n for n in notices if n.quality and not is_late(n)])
    page = visible(browser_of(office).get("/warnings/").content.decode()).replace("\n", " ")
    assert f"预警 {counted.warnings} 条" in page
    assert all(w.told in browser_of(office).get(f"/warnings/{w.number}").content.decode() for w in api.warnings()[:2])


def test_a_goal_without_numbers_shows_measures_evidence_and_statements(directory, office, make_person, browser_of):
    a_run()
    pack = api.pack()
    goal = next(g for g in pack.goals.values() if not g.targets and g.id == "education.g1")
    task = a_task(make_person, "education", element=goal.id)
    Task.objects.filter(pk=task.pk).update(countermeasure="全县学校均已开设思政课", answered_at=task.opened_at)
    page = browser_of(office).get(f"/plan/goals/{goal.id}").content.decode()
    assert "全县学校均已开设思政课" in page
    assert "证据材料" in page
    measures = next(f for f in pack.fields if goal in f.goals).measures
    assert all(m.title in page for m in measures)
    other = browser_of(make_person("health", Role.LIAISON)).get(f"/plan/goals/{goal.id}").content.decode()
    assert "全县学校均已开设思政课" not in other, "what a unit answered is shown outside its reach"


def test_the_lineage_leads_to_the_return_and_the_cell_of_those_who_may_see_it(
    directory, office, make_person, browser_of
):
    api.load(audit.SYSTEM, api.pack(), collected(), accepted=True)
    filing = world.brought_to(world.opened("H103"), "accepted", make_person)
    api.refresh(audit.SYSTEM)
    where = f"/lineage?indicator=health.cold_chain&area=141029&year={world.YEAR}"
    page = browser_of(office).get(where).content.decode()
    links = set(re.findall(rf'href="(/returns/{filing.pk}[^"]*)"', page))
    of = f"?year={world.YEAR}"
    assert {f"/returns/{filing.pk}{of}#c-02.1", f"/returns/{filing.pk}/cell/02.1{of}"} <= links
    client = browser_of(office)
    assert all(client.get(link).status_code == 200 for link in links)
    other = browser_of(make_person("education", Role.LIAISON)).get(where).content.decode()
    assert f"/returns/{filing.pk}" not in other


def test_an_indicator_made_of_another_lists_its_parts(directory, office, browser_of):
    a_run()
    page = visible(browser_of(office).get("/indicators/welfare.gap_township").content.decode())
    assert "由这些数值合成" in page
    assert api.pack().indicators["health.mgmt_u7"].label.zh in page
    assert "昌宁镇" in page


@pytest.mark.parametrize(
    ("about", "unit", "indicator", "area"),
    [
        ("goal:health.g1", "health", "", ""),
        ("target:T03", "health", "health.imr", ""),
        ("indicator:health.imr@141029100", "health", "health.imr", "141029100"),
    ],
)
def test_a_task_is_given_in_place_and_aims_at_what_it_was_given_for(
    directory, office, make_person, browser_of, about, unit, indicator, area
):
    a_run()
    client = browser_of(office)
    page = client.get("/tasks/new", {"about": about, "year": 2023})
    title, proposed = page.context["title"], page.context["unit"]
    assert proposed == unit
    assert ("2023 年为" in title) is bool(indicator)
    given = {"about": about, "year": 2023, "title": title, "unit": proposed, "due": "2100-01-04"}
    assert client.post("/tasks/new", given).status_code == 302
    task = Task.objects.get(source="plan", source_id=about)
    assert (task.unit_id, task.area) == (unit, area)
    assert list(Aim.objects.filter(task=task.pk).order_by("pk").values_list("indicator", "area")) == (
        [(indicator, area)] if indicator else []
    )
    shown = client.get(f"/tasks/{task.pk}").content.decode()
    assert "规划目标" in shown
    where = "/plan/goals/health.g1" if about.startswith("goal") else IMR
    assert "下达任务" in client.get(where).content.decode()
    assert "下达任务" not in browser_of(make_person("health", Role.LIAISON)).get(where).content.decode()
