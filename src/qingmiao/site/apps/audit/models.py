"""One table, append only: the database itself refuses to change or delete a row (migrations 0002, 0003); sealing only
fills in what is still empty."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Who did what to what, when; sealed later: `hash` = SHA-256 over the row and the hash of the row sealed before."""

    id = models.BigAutoField(primary_key=True)
    """The order of writing; a transaction that was rolled back leaves a gap."""
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    """The user name; "system" for jobs, "anonymous" before login."""
    unit = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=64)
    """"app.verb", for example "returns.accept"."""
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    number = models.BigIntegerField(null=True)
    """1, 2, 3 … without gaps, in the order of sealing; None as long as it is not sealed (so are the three below)."""
    previous = models.CharField(max_length=64, null=True)
    hash = models.CharField(max_length=64, null=True)
    sealed_at = models.DateTimeField(null=True)
    """None also for rows from before decision 0010, which were chained as they were written."""

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="audit_object"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
            models.Index(fields=["id"], name="audit_unsealed", condition=Q(number__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="audit_number", condition=Q(number__isnull=False)),
            models.CheckConstraint(
                name="audit_sealed_whole",
                condition=Q(number__isnull=False, previous__isnull=False, hash__isnull=False)
                | Q(number__isnull=True, previous__isnull=True, hash__isnull=True, sealed_at__isnull=True),
            ),
        ]
