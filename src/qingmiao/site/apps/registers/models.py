"""An entry of a register, its versions for good, the person whose post it is, what a minimum was excused by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.models import Organisation, Person

LIVE = ("pending", "open", "suspended")
"""States in which an entry's key is taken (`registers.steps`)."""


class RegisteredPerson(models.Model):
    """Somebody who works with children: here once, whatever posts they have. The identity number itself is not kept."""

    name = models.CharField(max_length=60)
    mark = models.CharField(max_length=64, unique=True)
    """A keyed hash of the number, under the key that never changes (`identity.sealed.Keyring.pseudonym`)."""
    last4 = models.CharField(max_length=4)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "registers_person"


class RegisterEntry(models.Model):
    """One entry as it stands. The columns beside `answers` only serve lists and constraints."""

    register = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The department that keeps the register."""
    entered_unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that entered it."""
    within = models.ForeignKey("self", models.PROTECT, null=True, related_name="holds")
    person = models.ForeignKey(RegisteredPerson, models.PROTECT, null=True, related_name="posts")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60, blank=True)
    area = models.CharField(max_length=12)
    key = models.CharField(max_length=300)
    answers = models.JSONField(default=dict)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    expires_date = models.DateField(null=True)
    confirmed_year = models.PositiveIntegerField(null=True)
    """The year for which it was last confirmed."""
    valid_from = models.DateField()
    """Since when it is as it stands."""
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default="open")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_date = models.DateField()
    """The day of its last step."""

    class Meta:
        db_table = "registers_entry"
        indexes = (
            models.Index(fields=("register", "name", "id"), name="register_list"),
            models.Index(fields=("register", "changed_date", "id"), name="register_changed"),
            models.Index(fields=("register", "area", "name", "id"), name="register_place"),
            models.Index(fields=("within", "register"), name="register_within", condition=Q(within__isnull=False)),
            models.Index(fields=("expires_date", "id"), name="register_expires", condition=Q(state__in=LIVE)),
        )
        constraints = (
            models.UniqueConstraint(fields=("register", "key"), name="register_once", condition=Q(state__in=LIVE)),
            models.CheckConstraint(condition=~Q(key=""), name="register_key"),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(state="merged"), name="register_merged"),
        )


class RegisterEntryVersion(models.Model):
    """An entry as it stood from a day until the next version's; written once and never changed (a trigger refuses)."""

    entry = models.ForeignKey(RegisterEntry, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    state = models.CharField(max_length=10)
    step = models.CharField(max_length=20)
    within = models.ForeignKey(RegisterEntry, models.PROTECT, null=True, related_name="+")
    answers = models.JSONField()
    form_version = models.PositiveIntegerField()
    confirmed_year = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "registers_version"
        constraints = (models.UniqueConstraint(fields=("entry", "version"), name="register_version_once"),)


class RegisterExcuse(models.Model):
    """Why an entry goes without a minimum for a year, as a supervisor says it."""

    entry = models.ForeignKey(RegisterEntry, models.PROTECT, related_name="excuses")
    minimum = models.CharField(max_length=60)
    year = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "registers_excuse"
        constraints = (models.UniqueConstraint(fields=("entry", "minimum", "year"), name="register_excuse_once"),)


class RegisterWaiting(models.Model):
    """A register of which something changed: its minimums are worked out anew by the worker."""

    register = models.CharField(max_length=60)

    class Meta:
        db_table = "registers_waiting"


class MinimumsKept(models.Model):
    """What was last published of a register's minimums of a year."""

    register = models.CharField(max_length=60)
    year = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    short = models.JSONField(default=dict)
    """Area code → how many minimums are not met there and not excused."""

    class Meta:
        db_table = "registers_minimums_kept"
        constraints = (models.UniqueConstraint(fields=("register", "year"), name="register_minimums_once"),)


class RegisterHeadings(models.Model):
    """A unit's own headings of a register's list: heading of the file → heading of the layout."""

    unit = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    register = models.CharField(max_length=60)
    headings = models.JSONField(default=dict)

    class Meta:
        db_table = "registers_headings"
        constraints = (models.UniqueConstraint(fields=("unit", "register"), name="register_headings_once"),)


class RegisterUpload(models.Model):
    """A list that was uploaded and is reviewed before it is imported, whole or not at all."""

    register = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=120)
    data = models.BinaryField()
    """The file; emptied once it was imported or given up, since it may hold identity numbers."""
    state = models.CharField(max_length=10, default="checked")
    imported = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "registers_upload"
