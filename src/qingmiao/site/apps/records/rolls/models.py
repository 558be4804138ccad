"""Townships whose rolls are to be worked out again, and what was published of each roll, year and township."""

from __future__ import annotations

from django.db import models


class RollWaiting(models.Model):
    """Something changed that the rolls of a township stand on: one row a change, read and deleted by the worker."""

    township = models.CharField(max_length=9)

    class Meta:
        db_table = "records_roll_waiting"


class RollKept(models.Model):
    """The newest published rows of a roll in one year and township; equal rows are not published again."""

    roll = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    township = models.CharField(max_length=9)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the rows without the day on which they were worked out."""
    on_date = models.DateField()
    rows = models.PositiveIntegerField()

    class Meta:
        db_table = "records_roll_kept"
        constraints = (models.UniqueConstraint(fields=("roll", "year", "township"), name="roll_kept_once"),)
