"""Collections (a return opened for a year), filings (one unit's return for one area), versions, cells, and what people
say of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Area, Organisation, Person
from qingmiao.site.apps.returns.workflow import ReturnState


def _person(related: str = "+") -> models.ForeignKey[Person | None, Person | None]:
    """Who did it; empty for a job or an import."""
    return models.ForeignKey(Person, models.PROTECT, null=True, related_name=related)


class Collection(models.Model):
    """One return opened for one year, with the day on which it is due."""

    return_id = models.CharField(max_length=80)
    year = models.IntegerField()
    due_date = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = _person()
    state = "open"
    """A collection that is there is open (`flow.house.COLLECTION`)."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["return_id", "year"], name="collection_once")]


class Filing(models.Model):
    """One filing: a return of the pack, of one unit, for one area and one year.

    `version` counts the figures (1, then one more for each correction); `revision` counts every save and every step, so
    that a page knows whether what it shows is still so. `accepted_version` is what the facts and reports use.
    """

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="filings")
    return_id = models.CharField(max_length=80)
    return_version = models.IntegerField()
    year = models.IntegerField()
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="filings")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in ReturnState], default=ReturnState.DRAFT.value
    )
    version = models.IntegerField(default=1)
    revision = models.IntegerField(default=0)
    accepted_version = models.IntegerField(null=True)
    due_date = models.DateField()
    submitted_at = models.DateTimeField(null=True)
    """The first submission: what timeliness is judged by."""
    moved_at = models.DateTimeField()
    moved_by = _person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["return_id", "year", "unit", "area"], name="filing_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ReturnState]), name="filing_state"),
            models.CheckConstraint(
                condition=Q(accepted_version=None) | Q(accepted_version__lte=F("version")),
                name="filing_versions",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="filing_unit_state"),
            models.Index(fields=["state", "moved_at", "id"], name="filing_state_moved"),
            models.Index(fields=["return_id", "area", "year"], name="filing_return_area_year"),
        ]


class Version(models.Model):
    """One version of a filing's figures: why it was begun, who submitted, signed, accepted and locked it, and when."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    reason = models.TextField(blank=True)
    """Why figures that were already accepted are corrected; empty for the first version."""
    begun_at = models.DateTimeField()
    begun_by = _person()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = _person()
    signed_at = models.DateTimeField(null=True)
    signed_by = _person()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = _person()
    locked_at = models.DateTimeField(null=True)
    locked_by = _person()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="version_once")]


class Said(models.Model):
    """What all things of a version share: which filing and version, at which revision, by whom, when."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="%(class)ss")
    version = models.IntegerField()
    revision = models.IntegerField(default=0)
    """The filing's revision when it was last changed."""
    changed_at = models.DateTimeField()
    changed_by = _person()

    class Meta:
        abstract = True


class Cell(Said):
    """One cell: its figure, or None when left empty. Who changed it last is who answers for it; every change stands in
    the audit trail."""

    code = models.CharField(max_length=25)
    """ "row.column"."""
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    reason = models.CharField(max_length=40, blank=True)
    """computed, or why it is empty."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "version", "code"], name="cell_once")]


class Note(Said):
    """A note on a cell."""

    code = models.CharField(max_length=25)
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "version", "code"], name="note_once")]


class Explanation(Said):
    """Why a query rule is broken though the figures are right. `key`: the rule and its cells."""

    key = models.CharField(max_length=400)
    text = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "version", "key"], name="explanation_once")]


class SendBack(models.Model):
    """Why a return was sent back, by whom; `source` is the state that it was in."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="send_backs")
    version = models.IntegerField()
    source = models.CharField(max_length=10)
    reason = models.TextField()
    at = models.DateTimeField()
    by = _person()


class Mapping(models.Model):
    """How a unit's own sheet becomes a return: made once, used every year (`collect.mapping`)."""

    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    return_id = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    content = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = _person()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "return_id", "name"], name="mapping_once")]


class Upload(models.Model):
    """One uploaded workbook: the file (stored by its hash), what was read, what is wrong with it, and whether it was
    applied."""

    STATES = [("refused", "有错误"), ("ready", "待确认"), ("applied", "已写入"), ("dropped", "已放弃")]
    filing = models.ForeignKey(Filing, models.CASCADE, related_name="uploads")
    version = models.IntegerField()
    revision = models.IntegerField()
    """The filing's revision when the file was read: applying is refused when the figures changed since."""
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    mapping = models.ForeignKey(Mapping, models.SET_NULL, null=True)
    state = models.CharField(max_length=8, choices=STATES)
    faults = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    """Cell code → text as it will be written."""
    uploaded_at = models.DateTimeField()
    uploaded_by = _person()
    applied_at = models.DateTimeField(null=True)


class Dunning(models.Model):
    """A unit was asked by a person for a return that is overdue: at most once a day."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="dunnings")
    on_date = models.DateField()
    at = models.DateTimeField()
    by = _person()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "on_date"], name="dunning_once_a_day")]


class Reminder(models.Model):
    """A reminder of a due return, shown on the unit's first page."""

    KINDS = [("soon", "快到期"), ("overdue", "已逾期")]
    filing = models.ForeignKey(Filing, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=8, choices=KINDS)
    on_date = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "on_date"], name="reminder_once_a_day")]
