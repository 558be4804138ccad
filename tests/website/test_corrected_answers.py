"""An answer is corrected by who holds its receipt until the survey is over; the last text counts, every earlier one
stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.surveys import api, links
from qingmiao.site.apps.surveys.models import Answer, EarlierAnswer, Survey
from website.form_inputs import Inputs
from website.role_ids import Role
from website.surveyed import a_link, a_photo_survey, a_survey, an_answer, right_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(make_person) -> Reach:
    return Reach(make_person("committee_office", Role.COMMITTEE_OFFICE))


def opened(token: str, receipt: str) -> Any:
    return Client().post(reverse("surveys.correct", kwargs={"token": token}), {"_receipt": receipt})


def typed(got: Any) -> dict[str, Any]:
    assert got.status_code == 200, got.content.decode()
    return {k: v[0] for k, v in Inputs(got.content.decode()).sent.items()}


def corrected(token: str, data: dict[str, Any]) -> Any:
    return Client().post(reverse("surveys.correct", kwargs={"token": token}), data)


def scores() -> list[tuple[Any, str]]:
    rows = facts.current(site_pack.pack(), "survey_responses").to_pylist()
    return [(r["score"], r["area_code"]) for r in rows]


def test_the_holder_of_a_receipt_sees_the_answer_and_puts_another_in_its_place(office, make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    page = typed(opened(token, f" {receipt.lower()} "))  # as somebody copies it from paper
    assert page | right_answers(survey) == page
    assert page["_area"] == "141029100"
    done = corrected(token, page | {"q1": "unknown", "_area": "141029101"})
    assert done.status_code == 200
    assert "答卷已更正" in done.content.decode()
    assert Answer.objects.get().receipt == receipt
    shown = api.one_answer(office, survey.pk, receipt)
    assert (shown.version, len(shown.earlier), shown.earlier[0].version) == (2, 1, 1)
    changed = {label: said for label, said, other in shown.earlier[0].lines if other}
    assert len(changed) == 2  # the area and one question: what stayed is not marked
    assert set(changed) < {label for label, _ in shown.lines}
    assert not set(changed.items()) & set(shown.lines)
    event = Event.objects.get(action="surveys.answer.correct")
    assert (event.actor, event.object_id) == ("respondent", receipt)


def test_only_the_last_text_is_a_fact_also_when_a_closed_survey_was_opened_again(office, make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    corrected(token, typed(opened(token, receipt)) | {"q1": "unknown"})
    api.move(office, survey.pk, "close", version=1)
    assert scores() == [(90, "141029100")]
    api.move(office, survey.pk, "reopen", version=2, reason="更正答卷以后再结束")
    corrected(token, typed(opened(token, receipt)) | {"q1": "a", "_area": "141029101"})
    api.move(office, survey.pk, "close", version=3)
    assert scores() == [(100, "141029101")]
    assert list(EarlierAnswer.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_a_refused_correction_keeps_what_was_typed_and_the_answer_stays(make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    got = corrected(token, typed(opened(token, receipt)) | {"age": "200", "q1": "unknown"})
    assert got.status_code == 400
    page = Inputs(got.content.decode()).sent
    assert (page["age"], page["q1"], page["_receipt"], page["_version"]) == (["200"], ["unknown"], [receipt], ["1"])
    assert Answer.objects.get().document["answers"]["age"] == 12
    assert not EarlierAnswer.objects.exists()


def test_two_corrections_from_one_sight_are_one_and_the_second_is_told(make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    page = typed(opened(token, receipt))
    assert corrected(token, page | {"age": "13"}).status_code == 200
    second = corrected(token, page | {"age": "14"})
    assert second.status_code == 409
    assert "又有变动" in second.content.decode()
    assert Answer.objects.get().document["answers"]["age"] == 13


@pytest.mark.parametrize("receipt", ["260101-ABCDEFGHJK", "x", "²" * 40, "260101-ABCDEFGHJK' OR 1=1"])
def test_what_is_no_receipt_of_this_survey_opens_nothing(receipt: str, make_person) -> None:
    survey = a_survey(make_person)
    an_answer(survey)
    got = opened(a_link(survey), receipt)
    assert got.status_code == 400
    assert "没有这个回执号" in got.content.decode()


def test_a_receipt_opens_no_answer_of_another_survey_and_guesses_are_counted(make_person, monkeypatch) -> None:
    survey, other = a_survey(make_person), a_survey(make_person, "health")
    receipt = an_answer(survey)
    token = a_link(other)
    assert opened(token, receipt).status_code == 400
    monkeypatch.setattr(links, "MOST", 3)
    assert [opened(token, receipt).status_code for _ in range(3)] == [400, 400, 429]


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        (lambda s: Survey.objects.update(state="closed"), 410, "调查已经结束"),
        (lambda s: Answer.objects.update(state="withdrawn"), 400, "已经作废"),
    ],
)
def test_no_answer_is_corrected_after_the_end(change, status: int, why: str, make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    page = typed(opened(token, receipt))
    change(survey)
    for got in (opened(token, receipt), corrected(token, page | {"age": "13"})):
        assert got.status_code == status
        assert why in got.content.decode()
    assert Answer.objects.get().version == 1


def test_a_used_up_link_leads_to_the_correction(make_person) -> None:
    survey = a_survey(make_person)
    token = a_link(survey, single=True)
    page = typed(Client().get(reverse("surveys.public", kwargs={"token": token})))
    data = page | right_answers(survey) | {"_area": "141029100"}
    for got in (
        Client().post(reverse("surveys.public", kwargs={"token": token}), data),
        Client().get(reverse("surveys.public", kwargs={"token": token})),
    ):
        assert reverse("surveys.correct", kwargs={"token": token}) in got.content.decode()
    assert "回执号" in Client().get(reverse("surveys.correct", kwargs={"token": token})).content.decode()
    assert typed(opened(token, Answer.objects.get().receipt))["age"] == "12"


def test_with_a_login_one_corrects_ones_own_and_nobody_elses(make_person, browser_of) -> None:
    survey = a_survey(make_person)
    browser = browser_of(make_person("township.141029100", Role.SUPERVISOR))
    address = reverse("surveys.fill", kwargs={"number": survey.pk})
    browser.post(address, typed(browser.get(address)) | {"_area": "141029100"} | right_answers(survey))
    receipt = Answer.objects.get().receipt
    assert f"{address}?receipt={receipt}" in browser.get(address).content.decode()
    page = typed(browser.get(f"{address}?receipt={receipt}"))
    assert page["age"] == "12"
    assert "已更正" in browser.post(f"{address}?receipt={receipt}", page | {"age": "13"}).content.decode()
    assert Answer.objects.get().document["answers"]["age"] == 13
    other = browser_of(make_person("township.141029101", Role.SUPERVISOR))
    for got in (other.get(f"{address}?receipt={receipt}"), other.post(f"{address}?receipt={receipt}", page)):
        assert got.status_code == 404
    assert opened(a_link(survey), receipt).status_code == 400  # it was given with a login
    assert Answer.objects.get().version == 2


def test_a_correction_without_login_writes_nothing_for_a_page_from_elsewhere(make_person) -> None:
    survey = a_survey(make_person)
    receipt, token = an_answer(survey), a_link(survey)
    page = typed(opened(token, receipt)) | {"age": "13"}
    got = Client().post(
        reverse("surveys.correct", kwargs={"token": token}), page, headers={"Origin": "https://elsewhere.example"}
    )
    assert got.status_code == 403
    assert Answer.objects.get().version == 1


def test_a_photograph_is_given_out_to_who_runs_the_survey_also_after_a_correction(
    office, make_person, browser_of
) -> None:
    survey = a_photo_survey(make_person)
    first, second = (kept_photo(n) for n in (1, 2))
    receipt = an_answer(survey, {"said": "演示", "picture": first})
    token = a_link(survey)
    page = typed(opened(token, receipt))
    assert corrected(token, page).status_code == 200  # the photograph stays with the page without being sent again
    assert Answer.objects.get().document["answers"]["picture"] == first
    upload = SimpleUploadedFile("新图.png", files.path_of(files.ANSWERS, second).read_bytes())
    assert corrected(token, typed(opened(token, receipt)) | {"picture": upload}).status_code == 200
    browser = browser_of(office.person)
    page = browser.get(reverse("surveys.answer", kwargs={"number": survey.pk, "receipt": receipt})).content.decode()
    for key in (first, second):
        at = {"number": survey.pk, "receipt": receipt, "key": key}
        got = browser.get(reverse("surveys.file", kwargs=at))
        assert b"".join(got.streaming_content) == files.path_of(files.ANSWERS, key).read_bytes()
        assert got["Content-Disposition"].startswith("attachment")
        assert reverse("surveys.file", kwargs=at) in page
    shown = browser.get(reverse("surveys.file", kwargs=at) + "?look=1")
    assert (shown["Content-Type"], shown["Content-Disposition"].partition(";")[0]) == ("image/png", "inline")
    elsewhere = {"number": survey.pk, "receipt": receipt, "key": kept_photo(3)}  # kept, but of no answer
    assert browser.get(reverse("surveys.file", kwargs=elsewhere)).status_code == 404
    assert Event.objects.filter(action="surveys.answer.file", object_id=receipt).count() == 3


def kept_photo(number: int) -> str:
    """A made-up picture on the shelf; its key."""
    data = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IENDcrc" + bytes([number])
    return files.keep(files.ANSWERS, SimpleUploadedFile("图.png", data)).key
