"""One table, append only: the database itself refuses to change or delete a row (migration 0002)."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Who did what to what, when; `hash` = SHA-256 over the row and the hash of the row before."""

    number = models.BigIntegerField(primary_key=True)
    """1, 2, 3 … without gaps."""
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    """The user name; "system" for jobs, "anonymous" before login."""
    unit = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=64)
    """"app.verb", for example "returns.accept"."""
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "number"], name="audit_object"),
            models.Index(fields=["actor", "number"], name="audit_actor"),
        ]
