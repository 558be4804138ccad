"""Samples that an outside evaluator draws from the package that was given: from a seed, so that anybody can draw them
again (`qingmiao draw --verify`)."""

from __future__ import annotations

from typing import Any

from qingmiao.kernel.drawing import DrawLine, draw
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.kinds import kind_of
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.outside import handed_to
from qingmiao.site.apps.acting.packages import attach, rows_of
from qingmiao.site.apps.directory.access import Doing


def drawn(activity: Activity, doing: Doing) -> dict[str, Any]:
    """The effect: the sample is drawn as the document's form says, and its record becomes a file of the document.

    UserError for a package that this unit was not given or whose day is over, a table that it has not, more rows than
    there are.
    """
    fields, said = kind_of(activity.kind).sample, activity.answers
    if fields is None:
        raise UserError("这个种类没有写怎样抽样")
    number, wanted = int(said[fields.of]), int(said[fields.wanted])
    document = handed_to(str(activity.unit_id)).filter(pk=number).first()
    if document is None:
        raise UserError(f"没有交给本单位、现在可用的第 {number} 号数据包")
    table = str(said[fields.table])
    lines = [DrawLine(name) for name in rows_of(document, table)]
    if not 1 <= wanted <= len(lines):
        raise UserError(f"要抽 {wanted} 行，表“{table}”有 {len(lines)} 行")
    record = draw(lines, (), seed=str(said[fields.seed]), wanted=wanted, each=0)
    attach(activity, doing, record.text().encode("utf-8"), f"抽样记录（第{number}号数据包，{table}）.json", "json")
    return {"package": number, "table": table, "of": len(lines), "wanted": wanted, "list": record.places_hash}
