"""The annual report on the site: made by a job, edited without touching numbers, approved by a second person, released
for good."""

from __future__ import annotations

import html
import re
import threading
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from qingmiao.content.deadlines import DeadlineSetting
from qingmiao.kernel.errors import UserError
from qingmiao.report.build import draft_report
from qingmiao.report.model import Heading, Paragraph, plain
from qingmiao.report.references import UnresolvedNumberError
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.access import ConflictError, NotAllowedError
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import api, making, writing
from qingmiao.site.apps.publishing.models import Edition
from website.measured import a_run
from website.published import an_edition
from website.role_ids import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


@pytest.fixture
def second(make_person):
    return make_person("statistics", Role.STATISTICS)


def fresh(edition: Edition) -> Edition:
    return Edition.objects.get(pk=edition.pk)


def test_a_report_goes_from_start_to_release_by_two_people(office, second, browser_of):
    a_run()
    writer, approver = browser_of(office), browser_of(second)
    started = writer.post("/reports/", {"year": "2023"})
    edition = Edition.objects.get(pk=int(started.url.split("/")[-1]))
    making.make(edition.pk)
    edition = fresh(edition)
    assert (edition.state, sorted(edition.files)) == (
        "draft",
        ["annex.docx", "annex.html", "annex.pdf", "docx", "html", "pdf"],
    )
    assert edition.done == edition.of > 0
    writer.post(f"/reports/{edition.pk}/move", {"do": "submit", "version": edition.version})
    assert fresh(edition).state == "preparing"
    making.prepare(edition.pk)
    reviewed = fresh(edition)
    assert reviewed.state == "review"
    own = writer.post(f"/reports/{edition.pk}/move", {"do": "approve", "version": fresh(edition).version})
    assert own.status_code == 400
    assert "另一个人" in own.content.decode()
    approver.post(f"/reports/{edition.pk}/move", {"do": "approve", "version": fresh(edition).version})
    edition = fresh(edition)
    assert (edition.state, edition.approved_by) == ("released", second)
    assert edition.files == reviewed.files  # released is byte for byte what was approved
    got = browser_of(office).get(f"/reports/{edition.pk}/files/html")
    assert "5.4" in b"".join(got.streaming_content).decode()
    actions = list(
        Event.objects.filter(object_type="edition", object_id=str(edition.pk))
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert [a for a in actions if a != "publishing.download"] == [
        "publishing.start",
        "publishing.made",
        "publishing.submit",
        "publishing.prepared",
        "publishing.approve",
    ]


def test_the_job_done_twice_makes_one_report(office):
    a_run()
    edition = api.start(office, year=2023)
    making.make(edition.pk)
    version = fresh(edition).version
    making.make(edition.pk)
    assert fresh(edition).version == version


def test_prose_is_rewritten_and_its_numbers_stay_resolved(office, make_person):
    edition = an_edition(make_person)
    first = next(p for p in api.paragraphs(edition) if len(p.tokens) >= 3)
    api.edit(office, edition, version=1, index=first.index, text="全县的目标里，{3}项已经达标（共{2}项）。")
    shown = next(p for p in api.paragraphs(fresh(edition)) if p.index == first.index).shown
    assert shown == f"全县的目标里，{first.tokens[2]}项已经达标（共{first.tokens[1]}项）。"
    assert fresh(edition).editors == [office.pk]


def test_a_section_is_written_with_a_sourced_fact_and_the_others_are_not_filed(office, make_person, browser_of):
    edition = an_edition(make_person)
    client, fact = browser_of(office), "新增托位210个。（来源：县卫健体局年度总结）"
    asked = [p for p in api.paragraphs(edition) if "由编写单位填写" in p.shown]
    assert len(asked) == 3
    index = asked[0].index
    refused = client.post(f"/reports/{edition.pk}/prose", {"version": 1, "index": index, "text": "新增托位210个。"})
    assert refused.status_code == 400
    assert "新增托位210个。</textarea>" in refused.content.decode()
    assert client.post(f"/reports/{edition.pk}/prose", {"version": 1, "index": index, "text": fact}).status_code == 302
    signed = f"新增托位210个。（来源：县卫健体局年度总结；录入：{office.name}）"
    assert signed in client.get(f"/reports/{edition.pk}/prose").content.decode()

    def said(state: str) -> list[str]:
        edition.refresh_from_db()
        edition.state = state
        return [plain(b.parts) for b in api.document(edition).blocks if isinstance(b, Paragraph | Heading)]

    assert signed in said("draft")
    assert len([s for s in said("draft") if "由编写单位填写" in s]) == 2
    filed = said("preparing")
    assert signed in filed
    assert not [s for s in filed if "由编写单位填写" in s or s in ("存在问题", "下一步建议")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("全县达标38项。", UnresolvedNumberError),
        ("全县达标３８项。", UnresolvedNumberError),
        ("全县达标{99}项。", UserError),
        ("全县达标{x}项。", UserError),
        ("全县达标{1项。", UserError),
    ],
)
def test_a_number_typed_by_hand_or_a_broken_reference_is_refused_and_nothing_saved(office, make_person, text, error):
    edition = an_edition(make_person)
    first = next(p for p in api.paragraphs(edition) if p.tokens)
    with pytest.raises(error):
        api.edit(office, edition, version=1, index=first.index, text=text)
    assert (fresh(edition).edits, fresh(edition).version) == ({}, 1)


def test_an_empty_text_takes_the_rewriting_back(office, make_person):
    edition = an_edition(make_person)
    first = next(p for p in api.paragraphs(edition) if p.tokens)
    api.edit(office, edition, version=1, index=first.index, text="改过。")
    api.edit(office, fresh(edition), version=2, index=first.index, text=" ")
    assert fresh(edition).edits == {}


def test_all_edits_of_a_report_share_one_draft_and_show_what_making_it_anew_shows(office, make_person, monkeypatch):
    made = []
    monkeypatch.setattr(writing, "draft_report", lambda *a, **k: made.append(k["year"]) or draft_report(*a, **k))
    edition = fresh(an_edition(make_person))
    first, second = [p for p in api.paragraphs(edition) if p.tokens][:2]
    before = len(made)
    api.edit(office, edition, version=1, index=first.index, text="第一段{1}。")
    api.edit(office, fresh(edition), version=2, index=second.index, text="第二段{1}。")
    kept = api.paragraphs(fresh(edition))
    assert len(made) == before, "the draft was made again"
    writing._drafted.cache_clear()
    assert kept == api.paragraphs(fresh(edition))
    assert len(made) == before + 1
    shown = {p.index: p.shown for p in kept}
    assert (shown[first.index], shown[second.index]) == (f"第一段{first.tokens[0]}。", f"第二段{second.tokens[0]}。")
    Edition.objects.filter(pk=edition.pk).update(year=2022, edits={})
    assert api.paragraphs(fresh(edition)) != kept, "the draft of another year is another"
    assert made[-1] == 2022


def test_two_editors_at_once_the_second_is_told(office, make_person, browser_of):
    edition = an_edition(make_person)
    first = next(p for p in api.paragraphs(edition) if p.tokens)
    api.edit(office, edition, version=1, index=first.index, text="先改的。")
    got = browser_of(office).post(
        f"/reports/{edition.pk}/prose", {"version": 1, "index": first.index, "text": "后改的。"}
    )
    assert got.status_code == 400
    assert "后改的。" in html.unescape(got.content.decode())  # what was typed is still there
    assert fresh(edition).edits == {str(first.index): "先改的。"}


def test_a_deadline_of_the_county_stands_on_the_page(office, make_person, browser_of, monkeypatch):
    """Where the county set one, an edition that awaits approval says until when, and whose number that is."""
    edition, pack = an_edition(make_person), monitoring.pack()
    setting = DeadlineSetting.model_validate({"value": 3, "unit": "working_days"})
    told = pack.deadlines["report.approval"].set_to(setting)
    handed_in(edition, office)
    address = f"/reports/{edition.pk}"
    assert "批准期限" not in browser_of(office).get(address).content.decode()
    changed = replace(pack, deadlines=pack.deadlines | {told.id: told})
    monkeypatch.setattr(monitoring, "pack", lambda: changed)
    page = browser_of(office).get(address).content.decode()
    begun = timezone.localtime(Event.objects.get(action="publishing.prepared").at).replace(tzinfo=None)
    until = told.due(begun)
    assert until is not None
    assert "3 个工作日（本县设置）" in page
    assert f"{until.at:%Y-%m-%d %H:%M}" in page


def handed_in(edition: Edition, who) -> Edition:
    """The edition in review with its final files."""
    api.move(who, fresh(edition), "submit", version=fresh(edition).version)
    making.prepare(edition.pk)
    return fresh(edition)


def test_whoever_edited_cannot_approve(office, second, make_person):
    edition = an_edition(make_person)
    first = next(p for p in api.paragraphs(edition) if p.tokens)
    api.edit(second, edition, version=1, index=first.index, text="统计部门改的。")
    edition = handed_in(edition, office)
    assert "统计部门改的。" in api.file(edition, "html").read_text("utf-8")
    with pytest.raises(NotAllowedError, match="另一个人"):
        api.move(second, edition, "approve", version=edition.version)
    third = make_person("statistics", Role.STATISTICS, "third")
    api.move(third, edition, "approve", version=edition.version)
    assert fresh(edition).state == "released"


def test_a_file_changed_after_it_was_handed_in_is_not_released(office, second, make_person):
    edition = handed_in(an_edition(make_person), office)
    path = api.file(edition, "docx")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(NotAllowedError, match="重新送审"):
        api.move(second, edition, "approve", version=edition.version)
    assert fresh(edition).state == "review"


def test_the_database_itself_wants_four_eyes(office, second, make_person):
    edition = an_edition(make_person)
    for change in (
        {"approved_by": office},
        {"approved_by": second, "submitted_by": second},
        {"approved_by": second, "editors": [office.pk, second.pk]},
        {"state": "released"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**change)
    Edition.objects.filter(pk=edition.pk).update(approved_by=second, editors=[office.pk])


def test_a_released_report_never_changes(make_person):
    edition = an_edition(make_person, "released")
    from django.db import DatabaseError

    for change in ({"edits": {"1": "x"}}, {"files": {}}, {"state": "draft"}):
        with pytest.raises(DatabaseError, match="released"), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**change)


def test_a_file_that_was_changed_is_not_given_out(make_person, browser_of, office, tmp_path):
    edition = an_edition(make_person, "released")
    path = api.file(edition, "html")
    assert path is not None
    before = path.read_bytes()
    path.write_bytes(before + b"x")
    try:
        assert browser_of(office).get(f"/reports/{edition.pk}/files/html").status_code == 404
    finally:
        path.write_bytes(before)


def test_sending_back_wants_a_reason(office, second, make_person):
    edition = an_edition(make_person)
    edition = handed_in(edition, office)
    with pytest.raises(NotAllowedError):
        api.move(second, edition, "send_back", version=edition.version, reason="不行")
    api.move(second, edition, "send_back", version=edition.version, reason="第二部分没有写原因")
    assert (fresh(edition).state, fresh(edition).note) == ("draft", "第二部分没有写原因")


def test_drafts_are_not_there_for_departments(make_person, browser_of):
    edition = an_edition(make_person)
    client = browser_of(make_person("health", Role.LIAISON))
    assert client.get(f"/reports/{edition.pk}").status_code == 404
    assert f"/reports/{edition.pk}" not in re.sub(r"\s", "", client.get("/reports/").content.decode())


@pytest.mark.django_db(transaction=True)
def test_of_many_who_submit_at_once_one_wins(make_person):
    edition = an_edition(make_person)
    person = make_person("committee_office", Role.COMMITTEE_OFFICE)
    results: list[str] = []

    def submit() -> None:
        try:
            api.move(person, edition, "submit", version=1)
            results.append("won")
        except ConflictError as e:
            results.append(str(e))
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results.count("won") == 1
    assert all("定稿中" in r for r in results if r != "won")


def test_the_demonstration_has_one_released_report_and_one_draft_to_come(office, second):
    from qingmiao.site.demo import reports

    a_run()
    reports.stage()
    reports.stage()
    assert list(Edition.objects.order_by("year").values_list("year", "state", "approved_by__username")) == [
        (2022, "released", second.username),
        (2023, "making", None),
    ]


def test_pages_ask_the_database_few_questions(make_person, office, browser_of, django_assert_max_num_queries):
    edition, client = an_edition(make_person), browser_of(office)
    an_edition(make_person, "released")
    for where in ("/reports/", f"/reports/{edition.pk}", f"/reports/{edition.pk}/prose"):
        client.get(where)
        with django_assert_max_num_queries(8):
            assert client.get(where).status_code == 200
