"""One notice to one person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.models import Person


class Notification(models.Model):
    """What somebody is told: `subject` in one sentence without names of children, `address` a path of the site.

    `about`: what thing it is of ("filing 12"); the same is told to the same person once a day (`on_date`).
    """

    to = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    address = models.CharField(max_length=200)
    about = models.CharField(max_length=80)
    on_date = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    """Who caused it; empty for a job."""
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    """When the gateway had taken it, whole."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to", "kind", "about", "on_date"], name="notice_once_a_day")]
        indexes = [
            models.Index(fields=["to", "-id"], name="notice_to"),
            models.Index(fields=["to"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["id"], condition=Q(sent_at=None), name="notice_unsent"),
        ]
