"""Lists of children that were uploaded: the file sealed, what became of each row."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child


class ChildList(models.Model):
    """One uploaded list in a layout of the pack. The file is kept sealed: it holds names and numbers."""

    layout = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    file_sealed = models.BinaryField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    asked = models.JSONField(default=dict)
    """What was answered once for all rows: field → answer."""
    explanations = models.JSONField(default=dict)
    """What was said to what the form asks back, by the check."""
    faults = models.JSONField(default=list)
    """The first faults: [cell, message]."""
    fault_count = models.PositiveIntegerField(default=0)
    queries = models.JSONField(default=dict)
    """Check → [its words, how many rows it asks about]."""
    unknown = models.JSONField(default=list)
    """Headings of the file that are none of the layout's."""
    missing = models.JSONField(default=list)
    """Headings of the layout that the file does not have."""
    state = models.CharField(max_length=20, default="reading")
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of what its rows became, once they are records."""

    class Meta:
        db_table = "records_list"
        indexes = (models.Index(fields=("unit", "-id"), name="list_unit"),)


class ListedRow(models.Model):
    """A row of a list and the child that it is about. `standing`: sure, chosen (by a person), unsure, absent (no child
    within reach), left_out (by a person), again (it is a record already)."""

    listed = models.ForeignKey(ChildList, models.PROTECT, related_name="rows")
    place = models.PositiveIntegerField()
    """The row in the file, from 1."""
    said = models.JSONField(default=dict)
    """Name, sex, birth and class as the file says; never a number."""
    standing = models.CharField(max_length=10)
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="+")
    candidates = models.JSONField(default=list)
    """[child, probability, reasons], the likeliest first."""
    digest = models.BinaryField(null=True)
    """Of the child and the answers: by it the same row is known again."""
    record = models.OneToOneField(HealthRecord, models.PROTECT, null=True, related_name="listed_row")

    class Meta:
        db_table = "records_list_row"
        indexes = (models.Index(fields=("digest",), condition=Q(record__isnull=False), name="list_row_digest"),)
        constraints = (models.UniqueConstraint(fields=("listed", "place"), name="list_row_once"),)


class HeadingMap(models.Model):
    """A unit's own headings of a layout, said once: heading of the file → heading of the layout ("": none)."""

    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    layout = models.CharField(max_length=80)
    headings = models.JSONField(default=dict)

    class Meta:
        db_table = "records_heading_map"
        constraints = (models.UniqueConstraint(fields=("unit", "layout"), name="heading_map_once"),)


class ListProgress(models.Model):
    """What is under way with a list and how far it is. `phase`: check, recheck, import, undo; "" for nothing."""

    listed = models.OneToOneField(ChildList, models.CASCADE, primary_key=True, related_name="progress")
    phase = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    """In whose name it is done."""
    reason = models.TextField(blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Rows."""
    error = models.TextField(blank=True)
    """Why the last phase was not done, in Chinese."""

    class Meta:
        db_table = "records_list_progress"
