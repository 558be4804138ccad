"""Consents, requests, reviews of broken glass, files to be erased: each a thing with a flow of its own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records.event_models import Glass
from qingmiao.site.apps.records.models import Child, Relation

REQUEST_KINDS = ("copy", "correct", "delete", "restrict", "looked")


class Consent(models.Model):
    """A guardian's consent that a child's file is used for one purpose (of the content); it may be withdrawn."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=80)
    guardian = models.ForeignKey(Relation, models.PROTECT, related_name="+")
    given_date = models.DateField()
    form = models.CharField(max_length=200)
    """How it was given: a signed sheet with its number, by word of mouth before whom …"""
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="given")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "records_consent"
        constraints = (
            models.UniqueConstraint(fields=("child", "purpose"), condition=Q(state="given"), name="consent_once"),
        )


class FileRequest(models.Model):
    """What a guardian asks about a child's file: a copy, a correction, deletion, restriction, who looked."""

    kind = models.CharField(max_length=10)
    child = models.ForeignKey(Child, models.PROTECT, related_name="requests")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that received it and answers it."""
    applicant = models.CharField(max_length=60)
    relation = models.CharField(max_length=20)
    """How the applicant stands to the child, a code of the list of kinships."""
    asked = models.TextField()
    """What is asked, in the applicant's words."""
    document = models.CharField(max_length=200, blank=True)
    """By which papers identity and guardianship were checked; never a number."""
    identified_at = models.DateTimeField(null=True)
    ground = models.CharField(max_length=40, blank=True)
    """Of a refusal: its legal ground, a code."""
    reason = models.TextField(blank=True)
    result = models.TextField(blank=True)
    copied_at = models.DateTimeField(null=True)
    """When the copy (the answer of who looked) was made for the applicant."""
    received_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="received")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "records_request"
        indexes = (models.Index(fields=("unit", "state", "-id"), name="request_unit"),)
        constraints = (models.CheckConstraint(condition=Q(kind__in=REQUEST_KINDS), name="request_kind"),)


class GlassReview(models.Model):
    """Whether a file that was opened by broken glass was opened for a good reason: judged by somebody else."""

    glass = models.OneToOneField(Glass, models.PROTECT, related_name="review")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The unit that kept the file then."""
    reason = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="open")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "records_glass_review"
        indexes = (models.Index(fields=("unit", "state", "-id"), name="glass_review_unit"),)


class Erasure(models.Model):
    """A file whose times are all over, found by the nightly job: erased by a person's word, or kept for a reason.

    What is erased is gone: the row of the child stays, without content; its facts stay under their pseudonym.
    """

    child = models.OneToOneField(Child, models.PROTECT, related_name="erasure")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    over_date = models.DateField()
    """The day on which the last time was over."""
    purposes = models.JSONField(default=list)
    """[purpose, last day] of every time that was counted."""
    found_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="listed")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "records_erasure"
        indexes = (models.Index(fields=("unit", "state", "-id"), name="erasure_unit"),)
