"""The de-identified package that an outside evaluator is given: made of a run's rows, by the tables of a scheme.

One row a person, named by a key that is thrown away when the package is made: nobody finds a person by it, the office
no more than the evaluator, and rows of two tables or two packages cannot be joined. Packages of one scheme and year are
made of one run, so that no two of them can be subtracted (docs/explanation/disclosure.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings

from qingmiao.collect.areas import LEVEL_COLUMNS
from qingmiao.content.base import Label
from qingmiao.content.evaluations import EvaluationScheme, PackageTable
from qingmiao.content.facts import Fact
from qingmiao.disclosure import RULE
from qingmiao.disclosure.rows import AnonymousRows, anonymous, pseudonym
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import goal_figures
from qingmiao.site.apps.acting.goal_figures import GoalFigures
from qingmiao.site.apps.acting.kinds import kind_of
from qingmiao.site.apps.acting.models import Activity, DocumentFile
from qingmiao.site.apps.directory.access import Doing
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.pack import pack

ROW, AREA = "row", "township"
"""The columns that the package has of its own: the pseudonym of a row, the township."""
MANIFEST, READ_ME = "manifest.json", "说明.txt"


@dataclass(frozen=True)
class PackedTable:
    """A table of a package as it is given: its rows as CSV, and what the manifest says of it."""

    name: str
    text: str
    told: Mapping[str, Any]


def packed(activity: Activity, doing: Doing) -> dict[str, Any]:
    """The effect: the package becomes a file of the document. UserError where the year has no rows; the audit keeps how
    many rows were given and left out."""
    kind, scheme = kind_of(activity.kind), None
    if kind.package is not None:
        scheme = pack().entries("evaluations", EvaluationScheme).get(kind.package)
    year = int(activity.answers[kind.package_year]) if kind.package_year is not None else activity.year
    run = _run_for(activity, year)
    if scheme is None or not scheme.package or run is None:
        raise UserError("没有可以做成数据包的数据：先计算指标，评估方案写明数据包有哪些表")
    key = secrets.token_bytes(32)
    tables = [made for one in scheme.package if (made := _table(run, one, year, key)) is not None]
    del key
    if not tables:
        raise UserError(f"{year} 年没有可以做成数据包的行")
    told = _manifest(activity, scheme, run, year, tables, doing)
    data = _zipped(told, tables)
    attach(activity, doing, data, f"{year}年脱敏数据包.zip", "zip")
    rows = {t.name: {k: t.told[k] for k in ("rows", "dropped")} for t in tables}
    return {"run": run.run.number, "sha256": hashlib.sha256(data).hexdigest(), "rows": rows}


def attach(activity: Activity, doing: Doing, data: bytes, name: str, kind: str) -> None:
    """Put a file that the site made to a document, in the name of who takes the step."""
    assert doing.person is not None  # flows of documents are people's
    kept = files.put(files.MADE, data, name, kind)
    DocumentFile.objects.create(
        activity=activity, name=kept.name, sha256=kept.sha256, bytes=kept.size, added_by=doing.person, added_at=doing.at
    )


def rows_of(document: Activity, table: str) -> tuple[str, ...]:
    """The pseudonyms of a table of the package that a document holds. UserError where it has none of that name, or its
    file is gone."""
    for one in DocumentFile.objects.filter(activity=document).order_by("-pk"):
        handed = files.hand(files.MADE, one.sha256, one.name)
        if handed is None or handed.kind != "zip":
            continue
        with zipfile.ZipFile(handed.path) as whole:
            names = [n.removesuffix(".csv") for n in whole.namelist() if n.endswith(".csv")]
            if table not in names:
                raise UserError(f"数据包里没有表“{table}”；有：{'、'.join(names)}")
            text = whole.read(f"{table}.csv").decode("utf-8-sig")
        return tuple(row[ROW] for row in csv.DictReader(io.StringIO(text)))
    raise UserError("这份文书没有数据包；先由妇儿工委办做成并批准")


def _run_for(activity: Activity, year: int) -> LoadedRun | None:
    """The run of the first package of this scheme and year, else the newest."""
    earlier = Activity.objects.filter(kind=activity.kind, figures__year=year)
    first = earlier.exclude(pk=activity.pk).order_by("pk").first()
    kept = first.figures if first is not None else None
    found = monitoring.of_run(kept["run"]) if kept is not None else monitoring.current()
    if found is not None:
        of = GoalFigures(found.run.number, year, ())
        Activity.objects.filter(pk=activity.pk).update(figures=goal_figures.kept(of))
    return found


def _table(run: LoadedRun, one: PackageTable, year: int, key: bytes) -> PackedTable | None:
    fact = run.pack.facts[one.fact]
    given = _last_of_each(fact, one, monitoring.rows_of_year(run, one.fact, year))
    if not given.num_rows:
        return None
    by = (AREA, *one.by)
    columns = {AREA: _townships(run, given)} | {n: _texts(given[n]) for n in (*one.by, *one.columns)}
    made = anonymous(columns, by)
    if made.dropped == given.num_rows:
        return None
    persons = np.asarray(given[one.person].to_pylist(), dtype=object)[made.kept]
    names = [pseudonym(key, one.fact, str(person)) for person in persons.tolist()]
    text = _csv(names, made, (*by, *one.columns))
    said = {
        "label": _words(fact.label), "given": given.num_rows, "rows": len(names), "dropped": made.dropped,
        "blanked": dict(made.blanked), "by": list(by), "columns": _columns(run, fact, (*one.by, *one.columns)),
        "sha256": hashlib.sha256(text.encode("utf-8-sig")).hexdigest(),
    }  # fmt: skip
    return PackedTable(one.fact, text, said)


def _last_of_each(fact: Fact, one: PackageTable, rows: pa.Table) -> pa.Table:
    """The last row of each person by the table's date (else by its order); rows of nobody are left out."""
    persons = rows[one.person].to_pylist() if rows.num_rows else []
    when = rows[fact.date].to_pylist() if fact.date is not None and rows.num_rows else [None] * len(persons)
    order = sorted(range(len(persons)), key=lambda i: (str(when[i] or ""), i))
    last = {persons[i]: i for i in order if persons[i] is not None}
    return rows.take(pa.array(sorted(last.values()), pa.int64()))


def _townships(run: LoadedRun, rows: pa.Table) -> list[str]:
    """The area below the plan's own in which each row lies, by its name; empty where none is known."""
    level = run.pack.area_tree.level_below(run.root) if run.root else None
    column = LEVEL_COLUMNS.get(level) if level is not None else None
    if column is None or column not in rows.column_names:
        return [""] * rows.num_rows
    areas = run.pack.areas
    return [areas[code].name if code in areas else "" for code in rows[column].to_pylist()]


def _texts(values: pa.ChunkedArray) -> list[str]:
    """As CSV has them: 1 and 0 for yes and no, empty for missing."""
    if pa.types.is_boolean(values.type):
        return ["" if v is None else "1" if v else "0" for v in values.to_pylist()]
    return ["" if v is None else str(v) for v in values.to_pylist()]


def _csv(names: Sequence[str], made: AnonymousRows, columns: Iterable[str]) -> str:
    """The rows in the order of their pseudonyms, which says nothing of their order in the table."""
    heads = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([ROW, *heads])
    lists = [made.columns[h].tolist() for h in heads]
    writer.writerows(sorted(zip(names, *lists, strict=True)))
    return out.getvalue()


def _columns(run: LoadedRun, fact: Fact, names: Iterable[str]) -> dict[str, Any]:
    """What each column is called, and the words of its codes."""
    out: dict[str, Any] = {}
    for name in names:
        about = fact.columns.get(name) or fact.derived[name]
        codes = run.pack.codes.get(about.codes) if about.codes is not None else None
        out[name] = {"label": _words(about.label)}
        if codes is not None:
            out[name]["codes"] = {c.code: _words(c.label) for c in codes.items}
    return out


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _manifest(
    activity: Activity, scheme: EvaluationScheme, run: LoadedRun, year: int, tables: Sequence[PackedTable], doing: Doing
) -> dict[str, Any]:
    kind = kind_of(activity.kind)
    until = activity.answers.get(kind.handed.until) if kind.handed is not None else None
    return {
        "package": activity.pk, "title": activity.title, "purpose": activity.text, "year": year,
        "to": activity.unit.label, "scheme": f"{scheme.id}@{scheme.version}", "run": run.run.number,
        "snapshot": run.run.snapshot, "made_at": doing.at.isoformat(), "until": until,
        "made_up": settings.ENVIRONMENT.mode != "production",
        "rule": {"fewest_alike": RULE.small + 1, "left_out": "*", "missing": ""},
        "tables": {t.name: dict(t.told) for t in tables},
    }  # fmt: skip


def _zipped(told: Mapping[str, Any], tables: Sequence[PackedTable]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr(READ_ME, _read_me(told).encode("utf-8-sig"))
        whole.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8"))
        for one in tables:
            whole.writestr(f"{one.name}.csv", one.text.encode("utf-8-sig"))
    return out.getvalue()


def _read_me(told: Mapping[str, Any]) -> str:
    fewest = told["rule"]["fewest_alike"]
    lines = [
        f"{told['title']}（{told['year']}年，第 {told['package']} 号数据包），交 {told['to']}。",
        f"用途和约定：{told['purpose']}",
        f"使用到：{told['until']}。到期不得再用，并请删除。",
        f"每行一人，取当年最后一次；任何一行，在地区和 by 所列各列上都与至少 {fewest - 1} 行相同。“*”是为此略去的值，空是原来没有填。",
        "行的代号（row）由只用一次的密钥算出，密钥已销毁，任何人都不能由代号找到人；不同的表、不同的数据包之间不能按行相连。",
        "不得试图辨认任何人，不得与别的数据相连，不得转给他人。",
        f"One row a person; every row is like at least {fewest - 1} others in township and the columns of `by`. "
        "“*”: left out for that; empty: missing. The key of the pseudonyms was thrown away. Nobody may try to "
        "recognise anybody, join the rows with other data or pass them on.",
    ]
    if told["made_up"]:
        lines.insert(0, "演示数据，不代表任何地方的真实情况。Made-up data.")
    lines += [
        f"{name}.csv：{about['label']['zh']}，{about['rows']} 行（略去 {about['dropped']} 行）"
        for name, about in told["tables"].items()
    ]
    return "\r\n".join(lines) + "\r\n"
