"""Funds and 民生实事 projects; each change compares before it sets."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.models import Fund, Project
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import conflict
from qingmiao.site.apps.directory.models import Person


@transaction.atomic
def put_fund(actor: Person, fund: Fund, *, version: int | None) -> None:
    """Add a fund (version None) or bring its figures up to date, compare-and-set."""
    if fund.spent > fund.allocated:
        raise UserError("支出不能多于拨付")
    if min(fund.budget, fund.allocated, fund.spent) < 0:
        raise UserError("金额不能是负数")
    if version is None:
        if Fund.objects.filter(year=fund.year, unit=fund.unit, item=fund.item).exists():
            raise UserError(f"{fund.year} 年已经有“{fund.item}”这一项")
        fund.save(force_insert=True)
    elif not Fund.objects.filter(pk=fund.pk, version=version).update(
        budget=fund.budget, allocated=fund.allocated, spent=fund.spent, version=version + 1
    ):
        raise conflict("fund", fund.pk, "改过这一项")
    audit.append(
        actor,
        "acting.fund.put",
        object_type="fund",
        object_id=fund.pk,
        detail={"budget": fund.budget, "allocated": fund.allocated, "spent": fund.spent},
    )


@transaction.atomic
def put_project(actor: Person, project: Project, *, version: int | None) -> None:
    """Add a project (version None) or report its progress, compare-and-set; 100 per cent finishes it."""
    if not 0 <= project.percent <= 100:
        raise UserError("进度是 0 到 100")
    finished = timezone.localdate() if project.percent == 100 else None
    if version is None:
        if Project.objects.filter(year=project.year, title=project.title).exists():
            raise UserError(f"{project.year} 年已经有“{project.title}”")
        project.finished_date = finished
        project.save(force_insert=True)
    elif not Project.objects.filter(pk=project.pk, version=version).update(
        percent=project.percent, progress=project.progress, finished_date=finished, version=version + 1
    ):
        raise conflict("project", project.pk, "改过这一项")
    audit.append(
        actor,
        "acting.project.put",
        object_type="project",
        object_id=project.pk,
        detail={"percent": project.percent},
    )
