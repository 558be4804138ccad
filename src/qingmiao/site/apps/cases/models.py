"""A case: the steps that were taken, and the few columns by which lists find it; who stands how to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingmiao.site.apps.directory.models import Organisation, Person

CORE = "核心"
"""The secrecy at which a case is seen by whoever stands in a relation to it, and by nobody else."""
NEVER = 10**12
"""The urgency of a case without a clock that runs, beside the weight of danger."""
CALM = 2 * 10**12
"""What is added to the urgency of a case without danger."""


class KeptCase(models.Model):
    """One case. All that it holds follows from its steps (`casework.case`); the columns here only serve lists."""

    programme = models.CharField(max_length=60)
    stage = models.CharField(max_length=60, blank=True)
    """The programme's state in which it stands."""
    state = models.CharField(max_length=10, default="open")
    """Where it stands at the door, whatever its programme: open, ended (in a final state), sealed."""
    version = models.PositiveIntegerField(default=1)
    """How many steps were taken: what compare-and-set compares."""
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    assigned = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    child = models.ForeignKey("records.Child", models.PROTECT, null=True, related_name="cases")
    area = models.CharField(max_length=12)
    township = models.CharField(max_length=9)
    """The area or the township that holds it: what lists by place compare."""
    secrecy = models.CharField(max_length=2)
    risk = models.CharField(max_length=12, blank=True)
    danger = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    """When the clock that ends first among those that run ends; None: none runs."""
    late_at = models.DateTimeField(null=True)
    """From when the case is called late (`casework.clocks.late_from`)."""
    due_clock = models.CharField(max_length=60, blank=True)
    soon_at = models.DateTimeField(null=True)
    """From when that clock is shown yellow."""
    look_at = models.DateTimeField(null=True)
    """When a clock next turns yellow, is over, or goes up: when the job looks again."""
    urgency = models.BigIntegerField(default=CALM + NEVER)
    """The order of queues, the lowest first: danger, then what ends first (seconds of `due_at`)."""
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    """When its last step was taken."""
    closed_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    facts_version = models.PositiveIntegerField(default=0)
    """The newest version of its facts."""
    facts_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of their rows: equal ones are not published again."""

    class Meta:
        db_table = "cases_case"
        indexes = (
            models.Index(fields=("township", "urgency", "id"), name="case_place", condition=Q(state="open")),
            models.Index(fields=("assigned", "urgency", "id"), name="case_assigned", condition=Q(state="open")),
            models.Index(fields=("child", "-id"), name="case_child", condition=Q(child__isnull=False)),
            models.Index(fields=("look_at",), name="case_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=("programme", "opened_at"), name="case_programme"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=("open", "ended", "sealed")), name="case_state"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="case_times"),
        )


class CaseStep(models.Model):
    """One step of a case, for good. Which fields it filled in stands in `values` (nothing sensitive) and in
    `values_sealed` (everything else, encrypted)."""

    case = models.ForeignKey(KeptCase, models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=60)
    source = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    """None: a job."""
    role = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    values = models.JSONField(default=dict)
    values_sealed = models.BinaryField(null=True)
    receivers = models.JSONField(default=dict)
    referral = models.PositiveIntegerField(default=0)
    operation = models.CharField(max_length=60, unique=True)
    """The id that the sender gave it: a second arrival is the first one."""
    secrecy = models.CharField(max_length=2, blank=True)
    """Of the step that opened the case: the secrecy of whatever it came from."""
    lead = models.CharField(max_length=120, blank=True)
    """The unit that has the case from then on, where it is not whoever took the step."""

    class Meta:
        db_table = "cases_step"
        constraints = (models.UniqueConstraint(fields=("case", "number"), name="case_step_once"),)


class CaseProposal(models.Model):
    """A step that waits for a second person: kept as it was filled in, nothing has changed until it is confirmed."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="proposals")
    step = models.CharField(max_length=60)
    seen = models.PositiveIntegerField()
    """The revision of the case for which it was proposed: overtaken by any other step."""
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answers_sealed = models.BinaryField()
    roles = models.JSONField(default=list)
    """One of these confirms it."""
    operation = models.CharField(max_length=60, unique=True)

    class Meta:
        db_table = "cases_proposal"
        constraints = (models.UniqueConstraint(fields=("case",), name="case_proposal_one"),)


class CaseParty(models.Model):
    """A unit that stands to a case: what its people with a role of the programme see of it, and in which relations."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="parties")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    sight = models.CharField(max_length=8)
    """`full`: the whole case; `past`: as it stood when it was handed over; `handed`: the fields of a referral."""
    owner = models.BooleanField(default=False)
    open = models.BooleanField(default=True)
    """The case is open and this unit has to do with it now (a transfer's former owner has not)."""
    urgency = models.BigIntegerField(default=CALM + NEVER)

    class Meta:
        db_table = "cases_party"
        indexes = (
            models.Index(fields=("unit", "urgency", "case"), name="party_queue", condition=Q(open=True)),
            models.Index(fields=("unit", "case"), name="party_unit"),
        )
        constraints = (
            models.UniqueConstraint(fields=("case", "unit"), name="party_once"),
            models.CheckConstraint(condition=Q(sight__in=("full", "past", "handed")), name="party_sight"),
        )


class CaseReferralKept(models.Model):
    """What was handed to another programme, as lists find it; what was sent follows from the steps."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="referrals")
    number = models.PositiveIntegerField()
    programme = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    """None: no unit was found that could receive it; the owner names one."""
    transfers = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    sent_at = models.DateTimeField()
    opened = models.ForeignKey(KeptCase, models.PROTECT, null=True, related_name="+")
    """The case that the receiver opened for it."""

    class Meta:
        db_table = "cases_referral"
        indexes = (models.Index(fields=("unit", "state", "-id"), name="case_referral_unit"),)
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="case_referral_once"),
            models.CheckConstraint(
                condition=Q(state__in=("sent", "accepted", "refused", "ended")), name="case_referral_state"
            ),
        )


class CaseHeard(models.Model):
    """The outbox of what may open a case by itself: written with the record or step, deleted by the worker that looked
    at it."""

    origin = models.CharField(max_length=6)
    """`record` or `step`."""
    number = models.BigIntegerField()

    class Meta:
        db_table = "cases_heard"
        constraints = (models.CheckConstraint(condition=Q(origin__in=("record", "step")), name="case_heard_origin"),)


class CaseOpening(models.Model):
    """What came of one record or step that opens a case of a programme by itself: once, whatever is said of it later.

    `case`: opened by it, or open already (`joined`); None: none could be opened, and `why`. `undone_at`: since when the
    record says it no more; None: it does.
    """

    programme = models.CharField(max_length=60)
    origin = models.CharField(max_length=6)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=80)
    """The kind of record, or the programme of the step."""
    file = models.CharField(max_length=24, blank=True)
    """A mark for whom it is about (`records.api.hearing`)."""
    case = models.ForeignKey(KeptCase, models.PROTECT, null=True, related_name="openings")
    joined = models.BooleanField(default=False)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_opening"
        indexes = (models.Index(fields=("file", "programme"), name="case_opening_file"),)
        constraints = (models.UniqueConstraint(fields=("programme", "origin", "number"), name="case_opening_once"),)


class CaseTaker(models.Model):
    """Somebody who took a step of a case: sees it while the own unit does."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="takers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "cases_taker"
        indexes = (models.Index(fields=("person", "-case"), name="case_taker_person"),)
        constraints = (models.UniqueConstraint(fields=("case", "person"), name="case_taker_once"),)


class CaseToDo(models.Model):
    """Something that a step asks a role to do beside the steps (content: `tasks`), once a case and kind."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="todos")
    name = models.CharField(max_length=60)
    """The task's id in its programme."""
    role = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    due_date = models.DateField(null=True)
    """None where no document sets a time and the county has not."""
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    """None beside a time: it ended with the case."""

    class Meta:
        db_table = "cases_todo"
        indexes = (models.Index(fields=("unit", "due_date", "id"), name="case_todo_unit", condition=Q(done_at=None)),)
        constraints = (
            models.UniqueConstraint(fields=("case", "name"), condition=Q(done_at=None), name="case_todo_once"),
        )


class CaseNote(models.Model):
    """What somebody noted beside the steps, encrypted."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="notes")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text_sealed = models.BinaryField()

    class Meta:
        db_table = "cases_note"


class CaseDocument(models.Model):
    """A file of a case: handed in with a step (`field`) or by itself. The bytes lie on the shelf under their hash."""

    case = models.ForeignKey(KeptCase, models.CASCADE, related_name="documents")
    step = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=80)
    label = models.CharField(max_length=120)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "cases_document"
        indexes = (models.Index(fields=("key",), name="case_document_key"),)


class CaseUnsealing(models.Model):
    """A sealed case opened to two people, by one who asks on a legal ground and one who agrees, for some hours."""

    case = models.ForeignKey(KeptCase, models.PROTECT, related_name="unsealings")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ground = models.TextField()
    """The law and article, and by whom it is asked for."""
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    until_at = models.DateTimeField(null=True)
    """Until when both read it; None: it is not agreed to."""

    class Meta:
        db_table = "cases_unsealing"
        constraints = (
            models.CheckConstraint(
                condition=Q(agreed_by=None, until_at=None)
                | (Q(until_at__gt=F("asked_at")) & ~Q(agreed_by=F("asked_by"))),
                name="case_unsealing_by_two",
            ),
        )


class RoundStaff(models.Model):
    """How many work at a unit, as it stated for the round of a programme: the last statement counts, all are kept."""

    programme = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    staff = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    """Where the figure comes from: the pay roll, the register of staff of a day."""
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "cases_round_staff"
        indexes = (models.Index(fields=("programme", "unit", "-id"), name="case_round_staff"),)
