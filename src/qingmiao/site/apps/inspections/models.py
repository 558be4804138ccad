"""A visit to a place with one version of a checklist, who inspects, and what was found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.models import Organisation, Person

METHODS: dict[str, Label] = {
    "routine": Label(zh="日常检查", en="routine"),
    "random": Label(zh="双随机抽查", en="double-random"),
    "special": Label(zh="专项检查", en="special"),
    "joint": Label(zh="联合检查", en="joint"),
    "follow_up": Label(zh="跟踪检查", en="follow-up"),
    "complaint": Label(zh="投诉举报核查", en="after a complaint"),
}


class Inspection(models.Model):
    """One visit, from its planning to its end. `frozen` is the checklist as it was when planned (`frozen.freeze`)."""

    checklist = models.CharField(max_length=80)
    frozen = models.JSONField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that inspects."""
    responsible = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that puts right what is found: the inspected one, or the one that it hangs on."""
    place = models.CharField(max_length=120)
    place_kind = models.CharField(max_length=60)
    area = models.CharField(max_length=12)
    planned_date = models.DateField()
    method = models.CharField(max_length=12, default="routine")
    """Why there is a visit (`METHODS`)."""
    joint = models.ForeignKey("self", models.PROTECT, null=True, related_name="joined")
    """The visit that this one goes together with."""
    apart = models.TextField(blank=True)
    """Why it is held although another unit visits the place in the same days."""
    visited_at = models.DateTimeField(null=True)
    answers = models.JSONField(default=dict)
    """What is filled in so far, as it was typed or stored."""
    filled_date = models.DateField(null=True)
    result = models.CharField(max_length=20, blank=True)
    """Empty until the record is handed in."""
    note = models.TextField(blank=True)
    """Why it was sent back or could not be held; the opinion of the re-check."""
    state = models.CharField(max_length=20, default="planned")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    concluded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    concluded_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    transferred_to = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("planned_date", "area"), name="inspections_calendar"),
            models.Index(fields=("unit", "state", "-id"), name="inspections_unit"),
            models.Index(fields=("responsible", "state", "-id"), name="inspections_responsible"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(closed_at=None) | Q(state="closed"), name="inspection_closed"),
        )


class Inspector(models.Model):
    """One of the people who inspect."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="inspectors")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("inspection", "person"), name="inspector_once"),)


class InspectionFinding(models.Model):
    """One item that was not in order. `key` names it within its visit; its task has the source "inspection"."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="findings")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=300)
    said = models.TextField(blank=True)
    done = models.TextField(blank=True)
    """What was done about it on the spot."""
    severity = models.CharField(max_length=12)
    deadline = models.CharField(max_length=80, blank=True)
    """The content's deadline by which it is to be put right; empty for advice."""
    due_at = models.DateTimeField(null=True)
    """Until when; None until it was ordered."""
    extended_at = models.DateTimeField(null=True)
    """When a leader gave it more time; once only."""
    rectified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inspections_finding"
        constraints = (
            models.UniqueConstraint(fields=("inspection", "key"), name="finding_once"),
            models.CheckConstraint(condition=Q(rectified_at=None) | ~Q(due_at=None), name="finding_ordered_first"),
        )


class Draw(models.Model):
    """A double-random drawing of a unit's visits: the lists as they were, the seed, what was drawn."""

    checklist = models.CharField(max_length=80)
    roles = models.JSONField()
    """Who may draw by this checklist, as when the lists were made."""
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    places = models.JSONField()
    """[[name, unit]] of the places."""
    people = models.JSONField()
    """[[name, unit]] of those who may inspect."""
    wanted = models.PositiveSmallIntegerField()
    each = models.PositiveSmallIntegerField()
    places_hash = models.CharField(max_length=64)
    people_hash = models.CharField(max_length=64)
    seed = models.CharField(max_length=200, blank=True)
    record = models.TextField(blank=True)
    """The record of `kernel.drawing`, once it was drawn."""
    state = models.CharField(max_length=12, default="prepared")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    drawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(drawn_by=None) | ~Q(drawn_by=models.F("made_by")), name="draw_by_two"),
            models.CheckConstraint(condition=~Q(state="drawn") | ~Q(record=""), name="draw_has_record"),
        )
