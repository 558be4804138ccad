"""A printed form of a case, made at once and kept nowhere; that it was printed is written down."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from qingmiao.casework.printing import printable
from qingmiao.casework.printing import printed as filled
from qingmiao.report.case_form import OfCase, case_form
from qingmiao.report.single import SingleFormat, single
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import keeping, programmes, showing, standing
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach

PRINT = "cases.print"


def printed(reach: Reach, number: int, form: str, kind: SingleFormat) -> tuple[str, bytes]:
    """A form of a case as it stands now, as (name of the file, bytes). Across every page stands who printed it, when.

    Only for whoever sees the whole case; what that person may not read is not on it. AbsentError for every other, and
    for a form that cannot be printed where the case stands.
    """
    found, sight = standing.get(reach, number)
    ready, file, now = programmes.ready(found.programme), keeping.file_of(found), timezone.localtime()
    if sight.sight != "full" or form not in {p.id for p in printable(ready, file)}:
        raise AbsentError("没有这张打印表")
    shown = showing.ShownCase(ready, sight)
    withheld = {f for f, one in ready.fields.items() if one.group is not None and not shown.may_read(one.group)}
    made = filled(ready, file, form, withheld)
    called = showing.title(found)
    unit = reach.person.organisation
    of = OfCase(
        called, found.owner.label, now.date(),
        f"{called}　{unit.short or unit.label}　{reach.person.name}　{now:%Y-%m-%d %H:%M}", reach.person.is_demo,
    )  # fmt: skip
    data = single(case_form(made, of), kind, settings.ENVIRONMENT.fonts)
    detail = {"form": form, "format": kind}
    audit.seen(reach.person, PRINT, object_type="case", object_id=number, detail=detail)
    return f"{called}-{form}", data
