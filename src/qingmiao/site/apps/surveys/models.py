"""A survey, how many are asked of whom in each area, its links, and its answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.models import Organisation, Person


class Survey(models.Model):
    """One version of a form put to people from a day to a day. `frozen` is the form as it was then (`forms.frozen`)."""

    title = models.CharField(max_length=120)
    form = models.CharField(max_length=80)
    form_version = models.PositiveIntegerField()
    frozen = models.JSONField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)
    from_date = models.DateField()
    to_date = models.DateField()
    by_link = models.BooleanField()
    state = models.CharField(max_length=20, default="prepared")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    published = models.PositiveIntegerField(default=0)
    """How often its answers were published as facts; the version of the source."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(from_date__lte=models.F("to_date")), name="survey_days_in_order"),
        )


class Sample(models.Model):
    """Of one area: how many belong to the population (`frame`), were drawn, refused, could not be reached."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="samples")
    area = models.CharField(max_length=12)
    frame = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    refused = models.PositiveIntegerField(default=0)
    unreached = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "area"), name="survey_sample_once"),
            models.CheckConstraint(condition=Q(drawn__lte=models.F("frame")), name="survey_drawn_of_frame"),
            models.CheckConstraint(
                condition=Q(refused__lte=models.F("drawn") - models.F("unreached")),
                name="survey_not_answering_of_drawn",
            ),
        )


class Link(models.Model):
    """A way in without login; only the SHA-256 of its token is kept. `single`: it takes one answer and no more."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    area = models.CharField(max_length=12, blank=True)
    single = models.BooleanField()
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Answer(models.Model):
    """One questionnaire that came back: `document` is what `forms.answers.document` gives, with its form's version."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="answers")
    link = models.ForeignKey(Link, models.PROTECT, null=True, related_name="answers")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    receipt = models.CharField(max_length=20, unique=True)
    once = models.CharField(max_length=64, unique=True)
    """SHA-256 of what the page that was sent held, so that one page is one answer."""
    area = models.CharField(max_length=12)
    document = models.JSONField()
    explanations = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default="given")
    version = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)
    """When it was corrected last; None where it stands as it was given."""

    class Meta:
        indexes = (models.Index(fields=("survey", "-id"), name="survey_answers_listed"),)


class EarlierAnswer(models.Model):
    """What an answer said before it was corrected: its `version`-th text, kept for those who run the survey."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="earlier")
    version = models.PositiveIntegerField()
    area = models.CharField(max_length=12)
    document = models.JSONField()
    explanations = models.JSONField(default=dict)
    until_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("answer", "version"), name="survey_answer_version_once"),)


class Rate(models.Model):
    """How many answers came from one address (kept as a keyed hash) in the present stretch of time."""

    key = models.CharField(max_length=64, primary_key=True)
    since_at = models.DateTimeField()
    count = models.PositiveIntegerField()
