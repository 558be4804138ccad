"""Tasks, and the files that prove what was done."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.tasks.workflow import Level, TaskState


class Task(models.Model):
    """What a unit, or one role or one person in it, has to do by when; `source` and `source_id` say who asked for
    it."""

    source = models.CharField(max_length=24)
    """The kind of thing that asks (see `sources`): a warning, a decision, a return; "direct": somebody by hand."""
    source_id = models.CharField(max_length=60, blank=True)
    part = models.CharField(max_length=24, null=True)
    """What of its source it carries out, asked for once at a time (`again`) or once for all; None: as often as
    wanted."""
    again = models.BooleanField(default=True)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    level = models.IntegerField(default=Level.ORDINARY.value)
    element = models.CharField(max_length=80, blank=True)
    """The goal, measure or system of the plan that it serves; what was done for it is evidence for that."""
    area = models.CharField(max_length=12, blank=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="tasks")
    role = models.CharField(max_length=30, blank=True)
    """Whose it is in the unit: holders of one role; empty: everybody who acts for the unit."""
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="tasks")
    due_at = models.DateTimeField()
    deadline = models.CharField(max_length=80, blank=True)
    """The content's deadline that `due_at` was counted by and that says how it goes up; empty: a day that somebody
    set."""
    state = models.CharField(max_length=10, default=TaskState.OPEN.value)
    version = models.IntegerField(default=1)
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    """Who opened it; None: a job."""
    opened_at = models.DateTimeField()
    cause = models.TextField(blank=True)
    countermeasure = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    """Why it was sent back, re-dated, reopened, withdrawn, or closed by its source."""
    reopened = models.IntegerField(default=0)
    went_up_to = models.JSONField(default=list)
    """The roles that it went up to, in order."""
    went_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="tasks_due"),
            models.Index(fields=["unit", "state"], name="tasks_unit"),
            models.Index(fields=["source", "source_id"], name="tasks_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id", "part"],
                condition=Q(state__in=["open", "answered"]),
                name="task_once_open",
            ),
            models.UniqueConstraint(
                fields=["source", "source_id", "part"],
                condition=Q(again=False) & ~Q(state="withdrawn"),
                name="task_once_for_all",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("answered_by")), name="task_verified_by_another"
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="task_level"),
        ]


class Evidence(models.Model):
    """A file that proves what was done; it lies in the home folder under its hash."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
