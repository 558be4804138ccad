"""A woman's file: who keeps it, where she lives, how her pregnancy stands; which child came of which birth."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records.event_models import HealthRecord, SameFiles, held_of_pairs
from qingmiao.site.apps.records.models import Child, Relative

PREGNANCY = timedelta(days=320)
"""The longest time before a birth that a record of the same pregnancy may lie: 45 weeks and some days."""


class MotherFile(models.Model):
    """One woman, one file. Who she is stands in her `Relative`; she need not have a child."""

    relative = models.OneToOneField(Relative, models.PROTECT, primary_key=True, related_name="file")
    birth_date = models.DateField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that keeps the file (管理单位)."""
    area = models.CharField(max_length=12)
    village = models.CharField(max_length=60, blank=True)
    left_to = models.CharField(max_length=120, blank=True)
    expected_on = models.DateField(null=True)
    delivered_on = models.DateField(null=True)
    risk = models.CharField(max_length=12, blank=True)
    """`expected_on`, `delivered_on` and `risk` repeat what her newest records say, for lists."""
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    state = models.CharField(max_length=20, default="here")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    @property
    def survivor(self) -> MotherFile:
        """The file that a merged one leads to; itself where it was not merged."""
        found = self
        while found.merged_into is not None:
            found = found.merged_into
        return found

    class Meta:
        db_table = "records_mother"
        indexes = (
            models.Index(fields=("area", "village", "-relative"), name="mother_area"),
            models.Index(fields=("unit", "-relative"), name="mother_unit"),
            models.Index(fields=("risk", "expected_on"), name="mother_risk"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(merged_into=None, state__in=("here", "moved_out", "died"))
                | Q(merged_into__isnull=False, state="merged"),
                name="mother_merged",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("relative")), name="mother_not_into_itself"),
        )


class MotherVersion(models.Model):
    """Who a woman was said to be at a version of her file; the sealed columns are bound to her own row."""

    file = models.ForeignKey(MotherFile, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    birth_date = models.DateField()
    area = models.CharField(max_length=12)
    village = models.CharField(max_length=60, blank=True)
    papers = models.CharField(max_length=10, default="none")
    number_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "records_mother_version"
        constraints = (models.UniqueConstraint(fields=("file", "number"), name="mother_version_once"),)


class SameMother(SameFiles):
    """Two files that may be of one woman."""

    left = models.ForeignKey(MotherFile, models.PROTECT, related_name="+")
    right = models.ForeignKey(MotherFile, models.PROTECT, related_name="+")

    class Meta:
        db_table = "records_same_mother"
        constraints = held_of_pairs("same_mother")


class ChildBorn(models.Model):
    """The child that a record of a birth made or found: `row` is the child's line in the record, from 0."""

    record = models.ForeignKey(HealthRecord, models.PROTECT, related_name="births")
    row = models.PositiveSmallIntegerField()
    child = models.ForeignKey(Child, models.PROTECT, related_name="births")

    class Meta:
        db_table = "records_birth"
        constraints = (
            models.UniqueConstraint(fields=("record", "row"), name="birth_once"),
            models.UniqueConstraint(fields=("child",), name="birth_of_child_once"),
        )
