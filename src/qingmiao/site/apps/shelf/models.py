"""Public editions and what they hold. Nothing is changed or deleted (a trigger refuses it); no name of a person is in
it."""

from __future__ import annotations

from django.db import models


class PublicEdition(models.Model):
    """What was released at one time, whole: the portal shows the newest."""

    source = models.CharField(max_length=80, unique=True)
    """What was released ("edition:12"): the same is put on the shelf once."""
    year = models.IntegerField()
    title = models.JSONField()
    """{zh, en}."""
    released_at = models.DateTimeField()
    is_demo = models.BooleanField()


class PublicItem(models.Model):
    """One document of an edition: the plan and its standing, an indicator, or the numbers of an indicator."""

    edition = models.ForeignKey(PublicEdition, models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120, blank=True)
    content = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "kind", "key"], name="shelf_item_once")]
