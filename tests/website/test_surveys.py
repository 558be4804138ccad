"""Surveys: made and run by who may, answered by link once or often, counted, published when closed, kept by their
version."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.surveys import api, links
from qingmiao.site.apps.surveys.models import Answer, Link, Rate, Survey
from website.form_inputs import Inputs
from website.role_ids import Role
from website.surveyed import FORM, a_link, a_survey, an_answer, right_answers

pytestmark = pytest.mark.django_db
AREA = "141029100"


@pytest.fixture
def office(make_person) -> Reach:
    return Reach(make_person("committee_office", Role.COMMITTEE_OFFICE))


def page_of(token: str, client: Client | None = None, query: str = "") -> Inputs:
    got = (client or Client()).get(reverse("surveys.public", kwargs={"token": token}) + query)
    assert got.status_code == 200, got.content.decode()
    return Inputs(got.content.decode())


def send(token: str, answers: dict, **more: str):
    page = page_of(token)
    data = {k: v[0] for k, v in page.sent.items()} | {"_area": AREA} | answers
    return Client().post(reverse("surveys.public", kwargs={"token": token}), data, **more), data


def test_a_survey_from_making_to_the_indicators_facts(office) -> None:
    day = timezone.localdate()
    number = api.make(office, form=FORM, title="演示", from_date=day, to_date=day, by_link=True, area="141029")
    assert api.get(office, number).state.name == "prepared"
    api.count(office, number, version=1, rows=[(AREA, 900, 3, 1, 0)])
    made = api.make_links(office, number, version=2, count=2, single=True, area="", until=day)
    api.move(office, number, "start", version=3)
    send(made[0].token, right_answers(Survey.objects.get()))
    wrong = {
        q: "unknown"
        for q in right_answers(Survey.objects.get())
        if q not in ("sex", "age", "q2", "q4", "q6", "q7", "q9")
    }
    wrong |= dict.fromkeys(("q2", "q4", "q6", "q7", "q9"), "right") | {"sex": "F", "age": "13"}
    got, _ = send(made[1].token, wrong)
    assert got.status_code == 200, got.content.decode()
    response = next(r for r in api.responses(office, number) if r.area == AREA)
    assert (response.drawn, response.answered, response.refused, response.pending) == (3, 2, 1, 0)
    assert response.rate == pytest.approx(100 * 2 / 3)
    api.move(office, number, "close", version=4)
    rows = facts.current(site_pack.pack(), "survey_responses").sort_by([("score", "descending")]).to_pylist()
    assert [(r["survey"], r["score"], r["reached"], r["weight"], r["area_code"]) for r in rows] == [
        ("legal_literacy", 100, True, 300, AREA),
        ("legal_literacy", 4 * 10, False, 300, AREA),
    ]
    # A withdrawn answer is out of the facts once they are published again.
    receipt = api.some_answers(office, number)[0].receipt
    api.withdraw(office, number, receipt, version=1, reason="本人要求撤回答卷")
    api.move(office, number, "republish", version=5, reason="作废一份答卷")
    assert [r["score"] for r in facts.current(site_pack.pack(), "survey_responses").to_pylist()] == [100]
    assert Event.objects.filter(action="surveys.answer.give", actor="respondent").count() == 2


def test_an_open_page_sets_and_needs_no_cookie(make_person) -> None:
    token = a_link(a_survey(make_person))
    got = Client().get(reverse("surveys.public", kwargs={"token": token}))
    assert not got.cookies
    assert "csrftoken" not in got.content.decode()
    assert "English" in got.content.decode()
    english = Client().get(reverse("surveys.public", kwargs={"token": token}) + "?lang=en").content.decode()
    assert 'lang="en"' in english
    done, _ = send(token, right_answers(Survey.objects.get()))
    assert not done.cookies
    assert Answer.objects.get().receipt in done.content.decode()
    assert "correct" not in got.content.decode().replace(f"{token}/correct", "")


def test_a_link_is_kept_as_its_hash_only(make_person) -> None:
    token = a_link(a_survey(make_person))
    assert Link.objects.get().digest == links.digest(token)
    assert len(token) >= 43  # 32 bytes
    assert Client().get(reverse("surveys.public", kwargs={"token": token[:-1] + "x"})).status_code == 404


def test_one_page_is_one_answer(make_person) -> None:
    survey = a_survey(make_person)
    token = a_link(survey)
    first, data = send(token, right_answers(survey))
    assert first.status_code == 200
    again = Client().post(reverse("surveys.public", kwargs={"token": token}), data)
    assert again.status_code == 409
    assert "已经交过了" in again.content.decode()
    other = Client().post(reverse("surveys.public", kwargs={"token": a_link(survey)}), data)
    assert other.status_code == 409  # the page belongs to the link that it came by
    forged = Client().post(reverse("surveys.public", kwargs={"token": token}), data | {"_page": "made-up"})
    assert forged.status_code == 409
    assert Answer.objects.count() == 1


def test_a_page_from_elsewhere_is_refused(make_person) -> None:
    survey = a_survey(make_person)
    got, _ = send(a_link(survey), right_answers(survey), headers={"Origin": "https://elsewhere.example"})
    assert got.status_code == 403
    own, _ = send(a_link(survey), right_answers(survey), headers={"Origin": "http://testserver"})
    assert own.status_code == 200


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: Link.objects.update(expires_at=timezone.now()), "链接已经过期"),
        (lambda s: Survey.objects.update(state="closed"), "调查已经结束"),
        (lambda s: Survey.objects.update(from_date=timezone.localdate() + timedelta(days=1)), "还没有开始"),
        (lambda s: Survey.objects.update(to_date=timezone.localdate() - timedelta(days=1)), "调查已经结束"),
    ],
)
def test_what_takes_no_answers_says_so_in_words(change, why: str, make_person) -> None:
    survey = a_survey(make_person)
    token = a_link(survey)
    page = {k: v[0] for k, v in page_of(token).sent.items()}
    change(survey)
    address = reverse("surveys.public", kwargs={"token": token})
    for got in (Client().get(address), Client().post(address, page | right_answers(survey) | {"_area": AREA})):
        assert got.status_code == 410
        assert why in got.content.decode()
    assert not Answer.objects.exists()


def test_a_single_link_takes_one_answer(make_person) -> None:
    survey = a_survey(make_person)
    token = a_link(survey, single=True)
    assert send(token, right_answers(survey))[0].status_code == 200
    got = Client().get(reverse("surveys.public", kwargs={"token": token}))
    assert "只收一份" in got.content.decode()


def test_a_refused_page_keeps_everything_typed_and_links_to_what_is_missing(make_person) -> None:
    survey = a_survey(make_person)
    got, _ = send(a_link(survey), {"age": "200", "q1": "a"})
    assert got.status_code == 400
    page = Inputs(got.content.decode())
    assert page.sent["age"] == ["200"]
    assert page.sent["q1"] == ["a"]
    assert {"sex", "age", "q2"} <= page.linked <= page.ids
    assert not Answer.objects.exists()
    assert "_page" in page.sent  # a page of its own, to be sent once more


def test_too_many_answers_from_one_address_wait(make_person, monkeypatch) -> None:
    survey = a_survey(make_person)
    monkeypatch.setattr(links, "MOST", 2)
    assert [send(a_link(survey), right_answers(survey))[0].status_code for _ in range(3)] == [200, 200, 429]
    assert "192." not in Rate.objects.get().key
    Rate.objects.update(since_at=timezone.now() - links.STRETCH - timedelta(seconds=1))
    assert send(a_link(survey), right_answers(survey))[0].status_code == 200


def test_an_answer_is_shown_and_judged_by_its_own_version(office, make_person, monkeypatch) -> None:
    survey = a_survey(make_person)
    receipt = an_answer(survey)
    pack = site_pack.pack()
    now = pack.forms[FORM].model_copy(update={"version": 2, "fields": pack.forms[FORM].fields[:3], "pass_score": 5})
    monkeypatch.setitem(pack.forms, FORM, now)
    answer = api.one_answer(office, survey.pk, receipt)
    assert len(answer.lines) == 1 + 12  # its area, then every question
    assert answer.form_version == 1
    api.move(office, survey.pk, "close", version=1)
    assert [r["score"] for r in facts.current(site_pack.pack(), "survey_responses").to_pylist()] == [100]


def test_the_csv_opens_in_excel_and_holds_codes(office, make_person) -> None:
    survey = a_survey(make_person)
    receipt = an_answer(survey)
    data = api.export(office, survey.pk)
    assert data.startswith(b"\xef\xbb\xbf")
    row = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert (row["receipt"], row["area"], row["sex"], row["q1"], row["age"]) == (receipt, AREA, "M", "a", "12")


def test_a_form_that_is_not_open_gets_no_link(office, monkeypatch) -> None:
    pack, day = site_pack.pack(), timezone.localdate()
    monkeypatch.setitem(pack.forms, FORM, pack.forms[FORM].model_copy(update={"open": False}))
    with pytest.raises(api.NotAllowedError, match="只能登录"):
        api.make(office, form=FORM, title="演示", from_date=day, to_date=day, by_link=True, area="141029")
    number = api.make(office, form=FORM, title="演示", from_date=day, to_date=day, by_link=False, area="141029")
    with pytest.raises(api.NotAllowedError, match="不能做链接"):
        api.make_links(office, number, version=1, count=1, single=False, area="", until=day)
    assert not Link.objects.exists()


def test_who_does_not_run_it_reads_no_answers(make_person) -> None:
    survey = a_survey(make_person, "health")
    an_answer(survey)
    liaison = Reach(make_person("health", Role.LIAISON))
    assert api.get(liaison, survey.pk).answered == 1
    for look in (api.some_answers, api.export):
        with pytest.raises(api.AbsentError):
            look(liaison, survey.pk)


def test_somebody_logged_in_answers_on_the_site(make_person, browser_of) -> None:
    survey = a_survey(make_person)
    browser = browser_of(make_person("township.141029100", Role.SUPERVISOR))
    address = reverse("surveys.fill", kwargs={"number": survey.pk})
    page = Inputs(browser.get(address).content.decode())
    got = browser.post(address, {k: v[0] for k, v in page.sent.items()} | {"_area": AREA} | right_answers(survey))
    assert got.status_code == 200, got.content.decode()
    assert Answer.objects.get().person.username in ("township-141029100-supervisor",)
