"""Editions of the reports that the pack offers. A released edition never changes (a trigger refuses it)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.report.languages import CHINESE
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.publishing.workflow import EditionState


class Edition(models.Model):
    """One edition of a year's report, made from one run. Editions are numbered by year, layout, field and language."""

    year = models.IntegerField()
    layout = models.CharField(max_length=80, default="annual")
    """Which report of the pack (`report.layouts`)."""
    field = models.CharField(max_length=80, blank=True, default="")
    """The field of the plan that a layout about one field is about; empty for the others."""
    language = models.CharField(max_length=8, default=CHINESE)
    """In which language it is written (`report.languages`)."""
    number = models.IntegerField()
    run = models.ForeignKey("monitoring.Run", models.PROTECT)
    state = models.CharField(max_length=12, default=EditionState.MAKING.value)
    version = models.IntegerField(default=1)
    generated_date = models.DateField()
    is_demo = models.BooleanField(default=False)
    started_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    cited = models.BooleanField(default=True)
    """Whether the body is printed with a superscript a sentence; chosen when it is handed in."""
    edits = models.JSONField(default=dict)
    """Paragraph index → text with tokens."""
    editors = models.JSONField(default=list)
    """The numbers of the people who edited; a constraint refuses one of them as approver (migration 0003)."""
    progress = models.CharField(max_length=60, blank=True)
    done = models.IntegerField(default=0)
    of = models.IntegerField(default=0)
    note = models.TextField(blank=True)
    """Why it failed or was sent back."""
    files = models.JSONField(default=dict)
    """Format → {name, sha256, bytes}, under home/reports/<id>-<version>."""
    folder = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "layout", "field", "language", "number"], name="edition_number"),
            # Four eyes: who starts or submits a report never approves it.
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("started_by")) & ~Q(approved_by=F("submitted_by"))),
                name="edition_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | (Q(approved_by__isnull=False) & Q(released_at__isnull=False)),
                name="edition_released_whole",
            ),
        ]
