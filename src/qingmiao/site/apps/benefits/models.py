"""Runs of benefits, their payments, and what is claimed back. Names and accounts are sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.benefits.workflow import UNDER_WAY
from qingmiao.site.apps.directory.models import Organisation, Person


class BenefitRun(models.Model):
    """One run of a benefit for a month. `told_sealed`: who changed and who is held, as it was when it was made."""

    benefit = models.CharField(max_length=60)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    month = models.DateField()
    state = models.CharField(max_length=10, default="draft")
    version = models.PositiveIntegerField(default=1)
    children = models.PositiveIntegerField(default=0)
    fen = models.BigIntegerField(default=0)
    told_sealed = models.BinaryField(null=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "benefits_run"
        indexes = (models.Index(fields=("unit", "-id"), name="benefit_run_unit"),)
        constraints = (
            models.UniqueConstraint(fields=("benefit",), condition=Q(state__in=UNDER_WAY), name="benefit_run_one"),
            models.CheckConstraint(
                condition=Q(state__in=(*UNDER_WAY, "sent", "booked", "dropped")), name="benefit_run_state"
            ),
        )


class BenefitPayment(models.Model):
    """A payment of a run for a month of a case. `to_sealed`: the child's name, holder, account and bank.

    Those of a dropped run are taken out; all else stays for good.
    """

    run = models.ForeignKey(BenefitRun, models.PROTECT, related_name="payments")
    reference = models.CharField(max_length=40, unique=True)
    case = models.ForeignKey("cases.KeptCase", models.PROTECT, related_name="+")
    child = models.CharField(max_length=30)
    month = models.DateField()
    fen = models.PositiveIntegerField()
    care = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="open")
    reason = models.CharField(max_length=200, blank=True)
    to_sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "benefits_payment"
        indexes = (models.Index(fields=("case", "month"), name="benefit_payment_case"),)
        constraints = (
            models.UniqueConstraint(fields=("run", "case", "month"), name="benefit_payment_once"),
            models.UniqueConstraint(
                fields=("case", "month"), condition=Q(state="open"), name="benefit_payment_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=("open", "paid", "bounced")), name="benefit_payment_state"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="benefit_payment_fen"),
        )


class BenefitClaim(models.Model):
    """What was paid too much for a month and is claimed back; how it ended: recovered, or written off."""

    run = models.ForeignKey(BenefitRun, models.PROTECT, related_name="claims")
    case = models.ForeignKey("cases.KeptCase", models.PROTECT, related_name="+")
    child = models.CharField(max_length=30)
    month = models.DateField()
    fen = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default="open")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "benefits_claim"
        constraints = (
            models.UniqueConstraint(fields=("run", "case", "month"), name="benefit_claim_once"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "recovered", "written_off")), name="benefit_claim_state"
            ),
        )
