"""A child's file: identity, where the child lives and goes to school, relatives, records, who may see it.

`*_sealed` columns are encrypted, bound to their row (`sealing`); `*_index` beside them is a keyed hash for exact
search.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person

CERTAINTIES = ("day", "month", "year", "estimated", "lunar")
GONE = Q(state="merged") | Q(state="void")
"""Files under whose numbers another one may stand: merged into it, or taken back with the list that made them. Two
equations, not a list: PostgreSQL prints an index over a list otherwise than it reads it."""
PAPERS = ("citizen", "permit", "foreign", "foreign_old", "passport", "none")


class Identity(models.Model):
    """Who a child is, as it stands now (`Child`) or stood at a version (`ChildVersion`)."""

    name = models.CharField(max_length=60)
    """As it is written; of a newborn without one, by its mother (某某之子)."""
    former_names = models.JSONField(default=list)
    sex = models.CharField(max_length=8)
    birth_date = models.DateField()
    birth_certainty = models.CharField(max_length=10, default="day")
    papers = models.CharField(max_length=10, default="none")
    """The kind of identity number."""
    number_sealed = models.BinaryField(null=True)
    certificate_sealed = models.BinaryField(null=True)
    """The birth certificate's number."""

    class Meta:
        abstract = True


class Child(Identity):
    """One child, one file. Addresses name its number alone. `area` … `grade` repeat the present stay and class."""

    name_key = models.CharField(max_length=60)
    """The name in normal form."""
    pinyin = models.CharField(max_length=200)
    initials = models.CharField(max_length=60)
    number_index = models.BinaryField(null=True)
    certificate_index = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True)
    """Of the first guardian's phone: by it twice registered children are found."""
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that keeps the file (管理单位)."""
    area = models.CharField(max_length=12)
    village = models.CharField(max_length=60, blank=True)
    school_unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    school_class = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=8, blank=True)
    left_date = models.DateField(null=True)
    """When the child moved out or died."""
    left_to = models.CharField(max_length=120, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    blocked_at = models.DateTimeField(null=True)
    """Since when the file is only kept and used for nothing (停止处理): nobody sees it but who answers the request."""
    state = models.CharField(max_length=20, default="here")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    @property
    def survivor(self) -> Child:
        """The file that a merged one leads to; itself where it was not merged."""
        found = self
        while found.merged_into is not None:
            found = found.merged_into
        return found

    @property
    def used(self) -> bool:
        """Whether the file itself is used: not blocked, not taken back."""
        return self.blocked_at is None and self.state != "void"

    class Meta:
        indexes = (
            models.Index(fields=("area", "village", "-id"), name="child_area"),
            models.Index(fields=("unit", "-id"), name="child_unit"),
            models.Index(fields=("school_unit", "school_class", "-id"), name="child_school"),
            models.Index(fields=("birth_date", "sex"), name="child_birth"),
            models.Index(fields=("name_key",), name="child_name", opclasses=("varchar_pattern_ops",)),
            models.Index(fields=("pinyin",), name="child_pinyin", opclasses=("varchar_pattern_ops",)),
            models.Index(fields=("initials",), name="child_initials", opclasses=("varchar_pattern_ops",)),
            models.Index(fields=("phone_index",), name="child_phone"),
        )
        constraints = (
            models.UniqueConstraint(fields=("number_index",), condition=~GONE, name="child_number_once"),
            models.UniqueConstraint(fields=("certificate_index",), condition=~GONE, name="child_certificate_once"),
            models.CheckConstraint(condition=Q(birth_certainty__in=CERTAINTIES), name="child_certainty"),
            models.CheckConstraint(condition=Q(papers__in=PAPERS), name="child_papers"),
            models.CheckConstraint(
                condition=Q(merged_into=None, state__in=("here", "moved_out", "died", "void"))
                | Q(merged_into__isnull=False, state="merged"),
                name="child_merged",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="child_not_into_itself"),
            models.CheckConstraint(
                condition=Q(left_date=None, state__in=("here", "merged", "void")) | Q(left_date__gte=F("birth_date")),
                name="child_left",
            ),
        )


class ChildVersion(Identity):
    """Who the child was said to be at a version; sealed columns are bound to the child's row as the child's own are."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "records_child_version"
        constraints = (models.UniqueConstraint(fields=("child", "number"), name="child_version_once"),)


class Stay(models.Model):
    """Where a child lives (`residence`) or is registered (`registration`), from a day until another (exclusive)."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="stays")
    kind = models.CharField(max_length=12)
    area = models.CharField(max_length=12)
    village = models.CharField(max_length=60, blank=True)
    address_sealed = models.BinaryField(null=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("child", "kind"), condition=Q(to_date=None), name="stay_one_present"),
            models.CheckConstraint(condition=Q(kind__in=("residence", "registration")), name="stay_kind"),
            models.CheckConstraint(condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="stay_dates"),
        )


class Relative(models.Model):
    """A grown-up of a child's family; a mother has records of her own."""

    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=60, db_index=True)
    papers = models.CharField(max_length=10, default="none")
    number_sealed = models.BinaryField(null=True)
    number_index = models.BinaryField(null=True, db_index=True)
    phone_sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField()


class Relation(models.Model):
    """How a grown-up stands to a child, from a day until another."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="relations")
    relative = models.ForeignKey(Relative, models.PROTECT, related_name="relations")
    kind = models.CharField(max_length=20)
    guardian = models.BooleanField(default=False)
    """监护人."""
    carer = models.BooleanField(default=False)
    """受委托照护人."""
    sealed = models.BooleanField(default=False)
    """Only the unit that keeps the file sees it (a relation that is protected)."""
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        indexes = (models.Index(fields=("child", "to_date"), name="relation_child"),)
        constraints = (
            models.UniqueConstraint(
                fields=("child", "relative", "kind"), condition=Q(to_date=None), name="relation_once"
            ),
            models.CheckConstraint(condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="relation_dates"),
        )


class SchoolAttendance(models.Model):
    """A class that a child goes to, from a day until another."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="attendances")
    school_unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    school_class = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=8, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        db_table = "records_attendance"
        constraints = (
            models.UniqueConstraint(fields=("child",), condition=Q(to_date=None), name="attendance_one_present"),
            models.CheckConstraint(condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="attendance_dates"),
        )
