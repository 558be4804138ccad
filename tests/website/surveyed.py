"""Made-up surveys for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

FORM = "survey.legal_literacy"


def a_survey(make_person: Callable, unit: str = "committee_office", *, form: str = FORM, state: str = "running") -> Any:
    """A survey of a unit over its own county, from yesterday till next week, answered by link."""
    from qingmiao.forms.frozen import freeze
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.surveys.models import Survey
    from website.role_ids import Role

    maker = make_person("committee_office", Role.COMMITTEE_OFFICE)
    day, pack = timezone.localdate(), site_pack.pack()
    of = Organisation.objects.get(pk=unit)
    made, _ = Survey.objects.get_or_create(
        title=f"演示调查 {unit} {form} {state}", unit=of, form=form, state=state,
        defaults={
            "form_version": pack.forms[form].version, "frozen": freeze(pack, form), "area": of.area_id[:6],
            "made_by": maker,
            "from_date": day - timedelta(days=1), "to_date": day + timedelta(days=7), "by_link": True,
            "made_at": timezone.now(),
        },
    )  # fmt: skip
    return made


def a_link(survey: Any, *, single: bool = False, days: int = 7, area: str = "") -> str:
    """A link of a survey; its token."""
    from qingmiao.site.apps.surveys import links

    now = timezone.now()
    return links.make(survey, count=1, single=single, area=area, expires_at=now + timedelta(days=days), now=now)[
        0
    ].token


def right_answers(survey: Any) -> dict[str, str]:
    """Every question answered right, by a made-up pupil."""
    from qingmiao.site.apps.surveys.publishing import form_of

    questions = [f for f in form_of(survey).every() if f.field.correct]
    return {f.id: f.field.correct[0] for f in questions} | {"sex": "M", "age": "12"}


def an_answer(survey: Any, answers: dict[str, Any] | None = None, *, area: str = "141029100") -> str:
    """A stored answer; its receipt."""
    from qingmiao.site.apps.surveys import answering, links

    token = a_link(survey)
    link = links.find(token)
    assert link is not None
    sent = answering.Sent(answers or right_answers(survey), area=area)
    taken = answering.by_link(token, sent, page=links.page_token(link.pk), address="192.0.2.1")
    assert taken.receipt, taken.faults
    return taken.receipt


def with_a_photo() -> Any:
    """Another form for the same survey: a choice, and a photograph that may be left out."""
    from qingmiao.content.forms import Form

    return Form.model_validate(
        {
            "id": "survey.made_up", "label": {"zh": "演示问卷"}, "version": 1, "purpose": "survey", "open": True,
            "source": {"document": "演示"}, "personal": "演示",
            "roles": ["committee_office", "statistics"],
            "fields": [
                {"id": "said", "type": "text", "label": {"zh": "意见"}, "required": True},
                {"id": "picture", "type": "photo", "label": {"zh": "现场照片"}, "required": False},
            ],
        }
    )  # fmt: skip


def a_photo_survey(make_person: Callable, unit: str = "committee_office") -> Any:
    """A running survey of a unit with that form."""
    from qingmiao.forms.frozen import freeze_form
    from qingmiao.site import pack as site_pack

    made, form = a_survey(make_person, unit, state="running"), with_a_photo()
    made.pk, made.title, made.form, made._state.adding = None, f"演示照片调查 {unit}", form.id, True
    made.frozen = freeze_form(site_pack.pack(), form)
    known = type(made).objects.filter(title=made.title).first()
    if known is not None:
        return known
    made.save(force_insert=True)
    return made
