"""Surveys as pages show them: how far one is, who answered where, an answer in words with what it said before."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Count
from django.utils import timezone

from qingmiao.flow import State
from qingmiao.forms import Filled, ReadyForm, fill
from qingmiao.forms.answers import cells, kept_files, shown
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.surveys.asked import areas
from qingmiao.site.apps.surveys.correcting import receipt_in
from qingmiao.site.apps.surveys.models import Answer, EarlierAnswer, Sample, Survey
from qingmiao.site.apps.surveys.publishing import form_of
from qingmiao.site.apps.surveys.workflow import answer_flow, survey_flow
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of

_AREA = "所在地区"


@dataclass(frozen=True)
class Brief:
    """A survey as pages show it."""

    id: int
    title: str
    form: str
    form_version: int
    unit: str
    area: str
    from_date: date
    to_date: date
    by_link: bool
    state: State
    version: int
    answered: int
    published: int


@dataclass(frozen=True)
class Response:
    """One area's response. `rate` is answered ÷ drawn (None where nobody was drawn); `pending`: drawn, not heard of."""

    area: str
    name: str
    frame: int
    drawn: int
    answered: int
    refused: int
    unreached: int

    @property
    def pending(self) -> int:
        """Drawn, and neither answered nor known not to answer."""
        return max(0, self.drawn - self.answered - self.refused - self.unreached)

    @property
    def rate(self) -> float | None:
        """Per cent of the drawn that answered; over 100 where more came back than were drawn."""
        return 100 * self.answered / self.drawn if self.drawn else None


@dataclass(frozen=True)
class AnswerRow:
    """An answer in the list."""

    receipt: str
    area: str
    at: datetime
    state: State
    corrected: bool


@dataclass(frozen=True)
class EarlierShown:
    """What an answer said before it was corrected: (label, in words, whether the next version says otherwise)."""

    version: int
    until: datetime
    lines: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class AnswerShown:
    """An answer as who runs the survey sees it: `files` are (label, key, whether a browser shows it)."""

    receipt: str
    version: int
    state: State
    form_version: int
    at: datetime
    corrected_at: datetime | None
    lines: tuple[tuple[str, str], ...]
    explanations: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str, bool], ...]
    earlier: tuple[EarlierShown, ...]


def listed(
    reach: Reach, *, year: int = 0, narrowed: Narrowed = EVERYTHING, after: str = "", size: int = 100
) -> tuple[tuple[Brief, ...], str]:
    """The surveys of the units that this person reaches (of a year: those that run in it; narrowed), the latest begun
    first, and the mark of the next page. Raises ValueError for an `after` that no page has given.
    """
    found = Survey.objects.filter(unit__in=reach.unit_ids).select_related("unit").annotate(n=Count("answers"))
    if year:
        found = found.filter(from_date__year__lte=year, to_date__year__gte=year)
    found = narrowed.rows(found, texts=("title", "unit__label", "unit__short"))
    rows, following = page_of(found, "from_date", after=after, size=size, newest_first=True)
    return tuple(_brief(s, s.n) for s in rows), following  # type: ignore[attr-defined]  # annotated


def get(reach: Reach, number: int) -> Brief:
    """One survey. Raises AbsentError where this person reaches none of that number."""
    survey = survey_of(reach, number)
    return _brief(survey, survey.answers.filter(state="given").count())


def responses(reach: Reach, number: int) -> tuple[Response, ...]:
    """Each area's response; areas of which nothing is known are in it with zeros."""
    survey = survey_of(reach, number)
    answered = dict(
        survey.answers.filter(state="given").values_list("area").annotate(n=Count("pk")).values_list("area", "n")
    )
    kept = {s.area: s for s in survey.samples.all()}
    blank = Sample(frame=0, drawn=0)
    of = [(code, name, kept.get(code, blank)) for code, name in areas(survey)]
    return tuple(
        Response(code, name, s.frame, s.drawn, answered.get(code, 0), s.refused, s.unreached) for code, name, s in of
    )


def some_answers(reach: Reach, number: int, *, before: int = 0) -> tuple[AnswerRow, ...]:
    """Answers, newest first, a hundred from `before` on. Only for who runs the survey."""
    survey = run_survey(reach, number)
    found = survey.answers.order_by("-pk")[before : before + 100]
    flow = answer_flow(frozenset())
    return tuple(
        AnswerRow(a.receipt, _area(a.area), a.answered_at, flow.state(a.state), a.corrected_at is not None)
        for a in found
    )


def one_answer(reach: Reach, number: int, receipt: str) -> AnswerShown:
    """An answer in words by the version that it was given to, with what it said before; for who runs the survey."""
    answer = answer_of(reach, number, receipt)
    ready = form_of(answer.survey)
    filled = _filled(ready, answer.document)
    lines = [(_AREA, _area(answer.area)), *shown(ready, filled)]
    kept = tuple((label, key, files.looked_at(key)) for key, label in _files(ready, answer).items())
    earlier = [_earlier(ready, e) for e in answer.earlier.order_by("version")]
    return AnswerShown(
        answer.receipt, answer.version, answer_flow(frozenset()).state(answer.state), answer.document["version"],
        answer.answered_at, answer.corrected_at, tuple(lines), _told(filled, answer.explanations), kept,
        _compared([*earlier, (answer.version, timezone.now(), lines)]),
    )  # fmt: skip


def answer_of(reach: Reach, number: int, receipt: str) -> Answer:
    """The row of an answer. Raises AbsentError where this person does not run its survey."""
    found = (
        run_survey(reach, number).answers.filter(receipt=receipt_in(receipt) or "-").select_related("survey").first()
    )
    if found is None:
        raise AbsentError("没有这份答卷")
    return found


def file_of(reach: Reach, number: int, receipt: str, key: str) -> files.Handed | None:
    """A file that an answer holds now or held before it was corrected; the sight is audited. None for any other."""
    answer = answer_of(reach, number, receipt)
    named = _files(form_of(answer.survey), answer)
    if key not in named:
        return None
    audit.seen(reach.person, "surveys.answer.file", object_type="survey_answer", object_id=answer.receipt)
    return files.hand_key(files.ANSWERS, key, named[key])


def _files(ready: ReadyForm, answer: Answer) -> dict[str, str]:
    """Key → label of the files that an answer holds; of those that only an earlier version held, with its number."""
    found = {key: label for label, key in kept_files(ready, _filled(ready, answer.document))}
    for e in answer.earlier.order_by("-version"):
        for label, key in kept_files(ready, _filled(ready, e.document)):
            found.setdefault(key, f"{label}（第 {e.version} 版，更正以前）")
    return found


def _earlier(ready: ReadyForm, kept: EarlierAnswer) -> tuple[int, datetime, list[tuple[str, str]]]:
    return kept.version, kept.until_at, [(_AREA, _area(kept.area)), *shown(ready, _filled(ready, kept.document))]


def _compared(versions: list[tuple[int, datetime, list[tuple[str, str]]]]) -> tuple[EarlierShown, ...]:
    """Each earlier version, the newest first, with the lines marked that the next one says otherwise."""
    pairs = pairwise(versions)
    return tuple(
        EarlierShown(n, until, tuple((label, said, (label, said) not in after) for label, said in lines))
        for (n, until, lines), (_, _, after) in reversed(list(pairs))
    )


def _told(filled: Filled, explanations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(what was asked, what was said) of the explanations."""
    asked = {q.key: q.message for q in filled.queries}
    return tuple((asked.get(key, key), said) for key, said in explanations.items())


def _area(code: str) -> str:
    names = site_pack.pack().areas
    return names[code].name if code in names else code


def export(reach: Reach, number: int) -> bytes:
    """The answers in force as a CSV file with codes (UTF-8 with BOM): receipt, area, day, then each field."""
    survey = run_survey(reach, number)
    ready = form_of(survey)
    rows = [
        {"receipt": a.receipt, "area": a.area, "answered_on": a.document["filled_on"]}
        | {k: _plain(v) for k, v in cells(ready, _filled(ready, a.document)).items()}
        for a in survey.answers.filter(state="given").order_by("pk").iterator()
    ]
    header = list(dict.fromkeys(["receipt", "area", "answered_on", *(k for r in rows for k in r)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return csv_bytes(text.getvalue())


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+@\t\r" or (cell[:1] == "-" and not cell[1:2].isdigit()) else cell


def _filled(ready: ReadyForm, kept: dict[str, Any]) -> Filled:
    return fill(ready, kept["answers"], on=date.fromisoformat(kept["filled_on"]))


def survey_of(reach: Reach, number: int) -> Survey:
    """The row of a survey of a unit within reach. Raises AbsentError for any other."""
    found = Survey.objects.select_related("unit").filter(pk=number, unit__in=reach.unit_ids).first()
    if found is None:
        raise AbsentError("没有这次调查")
    return found


def run_survey(reach: Reach, number: int) -> Survey:
    """The row of a survey that this person runs. Raises AbsentError for any other."""
    survey = survey_of(reach, number)
    access.require(reach, survey, "count")
    return survey


def _brief(survey: Survey, answered: int) -> Brief:
    return Brief(
        survey.pk, survey.title, survey.frozen["form"]["label"]["zh"], survey.form_version, survey.unit.label,
        _area(survey.area), survey.from_date, survey.to_date, survey.by_link,
        survey_flow(()).state(survey.state), survey.version, answered, survey.published,
    )  # fmt: skip
