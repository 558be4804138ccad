"""Runs (what was measured on which snapshot, and why) and warnings with their history.

The values themselves lie in one Parquet file a run under `settings.HOME/runs`, the facts under `settings.HOME/facts` by
their hash; a file is complete before the row that names it is committed, and is never changed (docs/decisions/0008).
"""

from __future__ import annotations

from django.db import models


class Run(models.Model):
    """One state of all values. The newest run is what the pages show."""

    made_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    """In Chinese: 首次载入, 验收 H101 2024 年 第 2 版 …"""
    taken = models.JSONField(default=list)
    """What this run read for the first time (`kept.Taken`)."""
    year = models.IntegerField()
    """The newest year with values: what is assessed unless another is asked for."""
    pack_digest = models.CharField(max_length=64)
    snapshot = models.CharField(max_length=16)
    tables = models.JSONField()
    """Table → partition → file name under home/facts (`partitions.Files`)."""
    crossing = models.JSONField(default=list)
    """The tables in which a key stands in two partitions, so that they are read as one."""
    values = models.CharField(max_length=80)
    """File name under home/runs."""
    libraries = models.JSONField(default=dict)
    measured = models.JSONField(default=list)
    """The indicators that this run measured anew; empty for all."""
    changes = models.JSONField(default=list)
    """[indicator, area, year, before, after] of the totals that changed."""
    states = models.JSONField(default=list)
    """What the warnings say of returns that were due (`assess.quality.ReturnStatus`)."""
    findings = models.JSONField(default=list)
    """What collecting and measuring found on the data (`assess.quality.Finding`)."""
    seconds = models.FloatField(default=0)


class WarningRecord(models.Model):
    """A warning from when it was first seen until it is gone; it keeps its number as long as its cause lasts."""

    key = models.CharField(max_length=200)
    """What it is about: kind, target, indicator, area (the return for late ones)."""
    kind = models.CharField(max_length=20)
    severity = models.CharField(max_length=4)
    target = models.CharField(max_length=40, blank=True)
    indicator = models.CharField(max_length=80, blank=True)
    area = models.CharField(max_length=12, blank=True)
    areas = models.JSONField(default=list)
    year = models.IntegerField(null=True)
    lead = models.CharField(max_length=120, blank=True)
    told = models.TextField(blank=True)
    """Where, when and what, in plain words; without how many days something is overdue (see `due_date`)."""
    reason = models.TextField()
    data_used = models.TextField(blank=True)
    what_would_change = models.TextField(blank=True)
    due_date = models.DateField(null=True)
    """The day by which what is still missing was due."""
    first_run = models.ForeignKey(Run, models.PROTECT, related_name="warnings_begun")
    last_run = models.ForeignKey(Run, models.PROTECT, related_name="warnings_last_seen")
    first_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "monitoring_warning"
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(gone_at=None), name="warning_open_once"),
        ]
        indexes = [models.Index(fields=["gone_at", "severity", "id"], name="warning_open")]
