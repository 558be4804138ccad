"""What tasks aim at, responsibilities, activities, funds, projects, and the files that prove them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person


class Activity(models.Model):
    """One document, check, meeting, study … of a year (see `kinds`)."""

    kind = models.CharField(max_length=60)
    """The id of its kind in the content (`documents/`)."""
    year = models.IntegerField()
    on_date = models.DateField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that it concerns."""
    title = models.CharField(max_length=120)
    text = models.TextField()
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    opinion = models.TextField(blank=True)
    decisions = models.TextField(blank=True)
    """What was decided or demanded, one a line."""
    frozen = models.JSONField(null=True)
    """The form of its kind as it was when it was recorded (`forms.frozen`); None where the kind had none."""
    answers = models.JSONField(default=dict)
    """What that form holds, as it was judged on `filled_date`."""
    explanations = models.JSONField(default=dict)
    """What explains the form's queries, by their keys."""
    filled_date = models.DateField(null=True)
    figures = models.JSONField(null=True)
    """The figures of the unit's goals when it was recorded (`goal_figures`); None where its kind keeps none."""
    state = models.CharField(max_length=60)
    """A state of its kind's flow."""
    version = models.IntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    signed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["kind", "-year", "-id"], name="activity_kind")]
        constraints = [
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="activity_score"),
            models.CheckConstraint(
                condition=Q(frozen=None, filled_date=None) | Q(frozen__isnull=False, filled_date__isnull=False),
                name="activity_form_filled",
            ),
        ]

    @property
    def decided(self) -> tuple[str, ...]:
        """The decisions in their order."""
        return tuple(line.strip() for line in self.decisions.splitlines() if line.strip())


class Aim(models.Model):
    """What a task is to change: an indicator in an area, and its value when the task was opened; the effect is measured
    against it."""

    task = models.OneToOneField("tasks.Task", models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=80)
    area = models.CharField(max_length=12, blank=True)
    value_before = models.FloatField(null=True)
    year_before = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["indicator", "area"], name="aim_indicator")]


class DocumentFile(models.Model):
    """A file that belongs to a document; it lies in the home folder under its hash."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "acting_evidence"


class Responsibility(models.Model):
    """Which unit leads or co-operates on a goal or measure in a year; proposed by the pack, confirmed by the office."""

    of = models.CharField(max_length=60)
    year = models.IntegerField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="responsibilities")
    leads = models.BooleanField(default=True)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    document = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, default="proposed")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "year", "unit"], name="responsibility_once"),
            models.UniqueConstraint(fields=["of", "year"], condition=Q(leads=True), name="responsibility_one_lead"),
        ]


class Fund(models.Model):
    """Money for children of a year, in 10,000 yuan: budgeted, allocated, spent."""

    year = models.IntegerField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    item = models.CharField(max_length=120)
    source = models.CharField(
        max_length=20, choices=[("budget", "财政预算"), ("higher", "上级补助"), ("social", "社会资金")]
    )
    budget = models.DecimalField(max_digits=12, decimal_places=2)
    allocated = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    spent = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "unit", "item"], name="fund_once"),
            models.CheckConstraint(
                condition=Q(budget__gte=0, allocated__gte=0, spent__gte=0), name="fund_not_negative"
            ),
            models.CheckConstraint(condition=Q(spent__lte=F("allocated")), name="fund_spent_within"),
        ]

    @property
    def state(self) -> str:
        """It has one state."""
        return "kept"


class Project(models.Model):
    """A 民生实事 project: promised for a year, followed to its end."""

    year = models.IntegerField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    goal = models.CharField(max_length=60, blank=True)
    due_date = models.DateField()
    percent = models.IntegerField(default=0)
    progress = models.TextField(blank=True)
    finished_date = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "title"], name="project_once"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="project_percent"),
            models.CheckConstraint(condition=Q(finished_date=None) | Q(percent=100), name="project_finished_whole"),
        ]

    @property
    def state(self) -> str:
        """It has one state."""
        return "kept"
