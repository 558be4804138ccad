"""Publications (what one source said at one version), their batches of rows by partition, and what consumers have still
to hear of.

Rows lie in batches as Arrow columns, typed by the content's fact table: a batch is written once and never changed (the
database refuses it). A newer version of a source takes the place of the older one, whose rows stay
(docs/decisions/0015).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Publication(models.Model):
    """One version of what one source knows of one table. `superseded_by`: the later version that counts in its
    place."""

    table = models.CharField(max_length=60)
    source = models.CharField(max_length=120)
    """Kind and name of the source: filing:12, load:facts/cases.csv, activity:7."""
    version = models.IntegerField()
    rows = models.IntegerField()
    at = models.DateTimeField()
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "source", "version"], name="publication_once"),
            models.UniqueConstraint(
                fields=["table", "source"], condition=Q(superseded_by=None), name="publication_one_counts"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="publication_version"),
            models.CheckConstraint(condition=~Q(superseded_by=F("id")), name="publication_not_by_itself"),
        ]


class Batch(models.Model):
    """The rows of a publication that lie in one partition (the year by the table's own date or year column)."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="batches")
    table = models.CharField(max_length=60)
    partition = models.IntegerField()
    rows = models.IntegerField()
    takes_back = models.BooleanField()
    """Whether any of its rows takes a fact back (the table's `retracted` column)."""
    digest = models.CharField(max_length=64)
    """SHA-256 of `data`."""
    data = models.BinaryField()
    """An Arrow stream of one record batch."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "partition"], name="batch_once")]
        indexes = [
            models.Index(fields=["table", "partition", "publication"], name="batch_partition"),
            models.Index(fields=["table"], condition=Q(takes_back=True), name="batch_takes_back"),
        ]


class Change(models.Model):
    """The outbox: a partition that a consumer has still to read again. Written with the publication, deleted by the
    consumer."""

    consumer = models.CharField(max_length=40)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    table = models.CharField(max_length=60)
    partition = models.IntegerField()
    replaced = models.BooleanField()
    """Rows that counted before count no longer; otherwise the publication only adds."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "publication", "partition"], name="change_once"),
        ]
