"""What is recorded in a file, by versions; files that may be of one child; charges; glass that was broken."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records.models import Child, Relative


class FormKept(models.Model):
    """A form as it was when something was recorded by it: kept once, whatever the number of records."""

    form = models.CharField(max_length=80)
    form_version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of `frozen`."""
    frozen = models.JSONField()

    class Meta:
        db_table = "records_form_kept"


class HealthRecord(models.Model):
    """One record (健康记录) of a kind in a child's or a mother's file. What it says stands in its versions."""

    kind = models.CharField(max_length=80)
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="records")
    mother = models.ForeignKey(Relative, models.PROTECT, null=True, related_name="records")
    on_date = models.DateField()
    """The day of the newest version."""
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    operation = models.CharField(max_length=40, unique=True)
    """The id that the sender gave it: a second arrival is the first one."""
    state = models.CharField(max_length=20, default="recorded")
    version = models.PositiveIntegerField(default=1)
    published = models.PositiveIntegerField(default=0)
    """The newest version of its facts."""

    class Meta:
        db_table = "records_record"
        indexes = (
            models.Index(fields=("child", "-on_date", "-id"), name="record_child"),
            models.Index(fields=("mother", "-on_date", "-id"), name="record_mother"),
            models.Index(fields=("kind", "on_date"), name="record_kind"),
            models.Index(fields=("unit", "-id"), name="record_unit"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(child=None, mother__isnull=False) | Q(child__isnull=False, mother=None),
                name="record_of_one",
            ),
        )


class RecordVersion(models.Model):
    """What a record said from a moment on: answers with their form. A withdrawal is a version without answers."""

    record = models.ForeignKey(HealthRecord, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    form = models.ForeignKey(FormKept, models.PROTECT, related_name="+")
    on_date = models.DateField()
    filled_date = models.DateField()
    answers = models.JSONField()
    explanations = models.JSONField(default=dict)
    """What was said to what the form asked back, by the key of the query."""
    withdrawn = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "records_record_version"
        constraints = (models.UniqueConstraint(fields=("record", "number"), name="record_version_once"),)


class RecordFollowUp(models.Model):
    """Something found that must be followed: until when, by which unit, and the record that closed it."""

    record = models.ForeignKey(HealthRecord, models.PROTECT, related_name="follow_ups")
    name = models.CharField(max_length=60)
    """The follow-up of the kind of record."""
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    due_date = models.DateField(null=True)
    """None where the county has set no time."""
    closed_by = models.ForeignKey(HealthRecord, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "records_follow_up"
        indexes = (models.Index(fields=("unit", "due_date"), condition=Q(closed_by=None), name="follow_up_open"),)
        constraints = (models.UniqueConstraint(fields=("record", "name"), name="follow_up_once"),)


class OpenDue(models.Model):
    """Something that is due or overdue of a child, counted anew whenever the child or its records change and every
    day. Nothing that was said: it may be deleted and counted again."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="open_dues")
    schedule = models.CharField(max_length=80)
    item = models.CharField(max_length=80)
    overdue = models.BooleanField()
    last_date = models.DateField()
    """The last day; far away where nothing sets one."""

    class Meta:
        db_table = "records_open_due"
        indexes = (models.Index(fields=("overdue", "last_date", "id"), name="open_due_order"),)
        constraints = (models.UniqueConstraint(fields=("child", "schedule", "item"), name="open_due_once"),)


class DueCounted(models.Model):
    """The day for which everybody's open dues were counted last; one row."""

    on_date = models.DateField()

    class Meta:
        db_table = "records_due_counted"


class SameFiles(models.Model):
    """Two files that may be of one person (`left` the one made first), and why."""

    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, default="open")
    version = models.PositiveIntegerField(default=1)
    found_at = models.DateTimeField()

    class Meta:
        abstract = True


def held_of_pairs(name: str) -> tuple[models.BaseConstraint, ...]:
    """What must hold of a table of pairs: each pair once, the older file on the left, a probability."""
    return (
        models.UniqueConstraint(fields=("left", "right"), name=f"{name}_once"),
        models.CheckConstraint(condition=Q(left__lt=F("right")), name=f"{name}_order"),
        models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name=f"{name}_probability"),
    )


class SameChild(SameFiles):
    """Two files that may be of one child."""

    left = models.ForeignKey(Child, models.PROTECT, related_name="+")
    right = models.ForeignKey(Child, models.PROTECT, related_name="+")

    class Meta:
        db_table = "records_same_child"
        constraints = held_of_pairs("same_child")


class Charge(models.Model):
    """A village (`area`, or a named one in it) or a class of a school that is in somebody's charge."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="charges")
    area = models.CharField(max_length=12, blank=True)
    village = models.CharField(max_length=60, blank=True)
    school_unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    school_class = models.CharField(max_length=40, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    state = models.CharField(max_length=20, default="held")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("person",), condition=Q(state="held"), name="charge_held"),)
        constraints = (
            models.CheckConstraint(
                condition=(~Q(area="") & Q(school_unit=None)) | (Q(area="", village="") & Q(school_unit__isnull=False)),
                name="charge_village_or_class",
            ),
        )


class Glass(models.Model):
    """A file that somebody opened for a reason without the right to it (紧急查阅), for some hours."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.TextField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("person", "until_at"), name="glass_person"),)
        constraints = (models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="glass_times"),)
