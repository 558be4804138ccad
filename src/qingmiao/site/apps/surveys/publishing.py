"""A closed survey becomes facts: one row an answer in force, weighted by how the people were drawn.

Answers do not move indicators while a survey runs: weights and response are known when it is closed. What changes
afterwards (a withdrawn answer, a corrected count) is published as a newer version of the same source, in the
transaction of the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from qingmiao.content.facts import Fact
from qingmiao.content.forms import Publishes
from qingmiao.forms import ReadyForm, fill
from qingmiao.forms.answers import fact_values
from qingmiao.forms.frozen import fact_of, thaw
from qingmiao.forms.ready import places
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.surveys.models import Answer, Sample, Survey


def form_of(survey: Survey) -> ReadyForm:
    """The form as the survey gives it to people."""
    return thaw(survey.frozen, places(site_pack.pack()))


def weights(survey: Survey) -> Mapping[str, Decimal]:
    """Area → how many of the population one drawn person stands for (frame ÷ drawn); areas without a sample are not in
    it."""
    drawn = Sample.objects.filter(survey=survey, drawn__gt=0)
    return {s.area: Decimal(s.frame) / s.drawn for s in drawn}


def rows(survey: Survey, *, on: date) -> list[dict[str, Any]]:
    """The rows that a survey's answers in force are, published on a day; an answer of an area without a sample weighs
    1."""
    fact = fact_of(survey.frozen)
    if fact is None:
        return []
    ready, of = form_of(survey), weights(survey)
    publishes = ready.form.publishes or Publishes()
    found = Answer.objects.filter(survey=survey, state="given").order_by("pk")
    return [_row(fact, publishes, ready, answer, of.get(answer.area, Decimal(1)), on) for answer in found.iterator()]


def _row(
    fact: Fact, publishes: Publishes, ready: ReadyForm, answer: Answer, weight: Decimal, on: date
) -> dict[str, Any]:
    answered = date.fromisoformat(answer.document["filled_on"])
    filled = fill(ready, answer.document["answers"], on=answered)
    row: dict[str, Any] = {
        fact.key[0]: answer.receipt,
        fact.area: answer.area,
        **({fact.date: answered} if fact.date else {}),
        **({fact.version: on} if fact.version else {}),
        **({fact.retracted: False} if fact.retracted else {}),
        **fact_values(ready, filled).get(fact.id, {}),
        **publishes.constants,
    }
    said = {publishes.score: filled.score, publishes.passed: filled.passed, publishes.weight: weight}
    row |= {column: value for column, value in said.items() if column is not None}
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()}


def published(survey: Survey, doing: Doing) -> dict[str, Any]:
    """The effect of closing: the answers in force become the newest version of this survey's facts."""
    fact = fact_of(survey.frozen)
    if fact is None:
        return {}
    survey.published += 1
    Survey.objects.filter(pk=survey.pk).update(published=survey.published)
    day = timezone.localdate(doing.at)
    made = facts.publish(
        fact.id, None, rows(survey, on=day), source=f"survey:{survey.pk}", version=survey.published, on=day
    )
    return {"fact": fact.id, "rows": made.rows}


def _label(name: str) -> str:
    title = Survey.objects.filter(pk=int(name)).values_list("title", flat=True).first() if name.isdigit() else None
    return f"问卷调查：{title or name}"


def _entered(name: str) -> facts.Entered:
    """Whose survey it is and who runs it; who answered is not told here."""
    found = Survey.objects.filter(pk=int(name) if name.isdigit() else 0).select_related("made_by").first()
    return facts.Entered() if found is None else facts.Entered(found.unit_id, f"{found.made_by.name} 办理")


facts.register("survey", label=_label, address=lambda name: f"/surveys/{name}", entered=_entered)
