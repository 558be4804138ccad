"""A made-up fitness list (演示数据) is uploaded, matched, judged and imported, beside what is fastest and what is usual.

``python benchmarks/import.py [ROWS]`` (default 20,000; 1,000,000 once) makes a database of its own with as many pupils
as rows and ends with one JSON line. Twenty columns. `seconds` is the whole way of an upload: sealed, read in the
throw-away process, laid beside the register, every row judged by the form twice (when it is uploaded and when it is
imported), records, versions, follow-ups, facts and what is due. `limit`: calamine, ranges in DuckDB, COPY of the rows
into a plain table. `usual`: openpyxl, and each row looked up, judged and recorded by itself as a person's entry; on
`USUAL_MOST` rows at most, multiplied. Target: 2 × the limit. `cpu_s`, `limit_cpu_s`: processor seconds of this process
and of the readers that it starts, which other work on the machine lengthens little; the database's are not in them.
`reader_cpu_s`: the readers' share.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served

HEADINGS = (
    "年级编号", "班级编号", "班级名称", "学籍号", "民族代码", "姓名", "性别", "出生日期", "家庭住址", "身高", "体重",
    "肺活量", "50米跑", "坐位体前屈", "立定跳远", "引体向上", "1000米跑", "一分钟仰卧起坐", "一分钟跳绳", "800米跑",
)  # fmt: skip
LAYOUT, CLASSES = "fitness_upload", 40
USUAL_MOST = 60
TIMES_LIMIT = 2


def main(rows: int) -> None:
    """Make the register and the file, time the three, print."""
    with served.own_database("import"):
        print(json.dumps(measured(rows), ensure_ascii=False))


def measured(rows: int) -> dict[str, object]:
    """The figures."""
    from django.core.management import call_command

    from qingmiao.site.apps.records import sealing
    from qingmiao.site.apps.records.event_models import HealthRecord

    call_command("migrate", verbosity=0)
    sealing.keys()  # made while nothing is sealed yet
    person = _register(rows)
    data = a_list(rows)
    usual_rows = min(rows, USUAL_MOST)
    done, slow = timed(usual, person, a_list(usual_rows))
    _forget()
    own, readers_own = time.process_time(), _of_readers()
    phases, whole = timed(ours, person, data)
    readers_own = _of_readers() - readers_own
    own = time.process_time() - own + readers_own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # before the limit, which holds all rows at once
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    spent = time.process_time()
    in_range, least = timed(limit, data)
    spent = time.process_time() - spent
    recorded = HealthRecord.objects.count()
    assert recorded == rows == in_range, (recorded, in_range)
    assert done == usual_rows
    extrapolated = slow * rows / usual_rows
    return {
        "benchmark": "import", "rows": rows, "columns": len(HEADINGS), "mb_file": round(len(data) / 2**20, 1),
        "seconds": round(whole, 1), **{f"{k}_s": round(v, 1) for k, v in phases.items()}, "limit_s": round(least, 1),
        "times_limit": round(whole / least, 1), "cpu_s": round(own, 1), "reader_cpu_s": round(readers_own, 1),
        "limit_cpu_s": round(spent, 2), "times_limit_cpu": round(own / spent, 1),
        "target_times": TIMES_LIMIT, "met": whole <= TIMES_LIMIT * least,
        "usual_s": round(extrapolated, 1), "usual_rows": usual_rows, "times_faster": round(extrapolated / whole, 1),
        "mb": peak, "mb_reader": readers,
    }  # fmt: skip


def _of_readers() -> float:
    """Processor seconds of the processes that have ended, which this one started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def birth(n: int) -> date:
    """The birth of a boy of the seventh grade."""
    return date(2013, 9, 1) + timedelta(days=n % 365)


def a_list(rows: int) -> bytes:
    """A workbook of so many of them."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, HEADINGS)
    for n in range(rows):
        sheet.write_row(n + 1, 0, (
            21, n % CLASSES, f"{n % CLASSES + 1}班", "", "01", f"演示{n}", 1, birth(n).isoformat(), "",
            140 + n % 300 / 10, 35 + n % 250 / 10, 2000 + n % 900, 7 + n % 30 / 10, n % 20, 150 + n % 80, n % 12,
            f"{4 + n % 2}'{n % 60:02d}\"",
        ))  # fmt: skip
    book.close()
    return out.getvalue()


def asked() -> dict[str, str]:
    """What is said once of the whole file."""
    today = date.today().isoformat()
    return {"tested_on": today, "body_on": today, "tester": "演示教师"}


def ours(person: Any, data: bytes) -> dict[str, float]:
    """As a long list goes its way, here without the worker's own process; seconds of each part."""
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import list_work, lists
    from qingmiao.site.apps.records.list_models import ChildList

    jobs: list[int] = []
    list_work.AT_ONCE, list_work._defer = 0, jobs.append
    can = Reach(person)
    number, upload = timed(
        lambda: lists.receive(can, LAYOUT, name="名单.xlsx", data=data, asked=asked(), headings=None)
    )
    _, check = timed(list_work.carry_out, number)
    kept = ChildList.objects.defer("file_sealed").get(pk=number)
    assert not kept.fault_count, kept.faults
    lists.write(can, number, version=kept.version)
    _, write = timed(list_work.carry_out, number)
    return {"upload": upload, "check": check, "import": write}


def limit(data: bytes) -> int:
    """calamine, ranges in DuckDB, COPY; how many rows are in range."""
    import duckdb
    import pyarrow as pa
    import python_calamine
    from django.db import connection

    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    columns = pa.table({f"c{n}": [str(r[n]) for r in rows[1:]] for n in range(17)})
    database = duckdb.connect()
    database.register("given", columns)
    good = database.execute(
        "SELECT * FROM given WHERE try_cast(c9 AS DOUBLE) BETWEEN 80 AND 220"
        " AND try_cast(c10 AS DOUBLE) BETWEEN 10 AND 200 AND try_cast(c11 AS DOUBLE) BETWEEN 300 AND 9999"
        " AND try_cast(c12 AS DOUBLE) BETWEEN 5 AND 25 AND try_cast(c13 AS DOUBLE) BETWEEN -30 AND 40"
        " AND 60 * split_part(c16, '''', 1)::INT + rtrim(split_part(c16, '''', 2), '\"')::INT BETWEEN 150 AND 900"
    ).fetchall()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE plain ({', '.join(f'c{n} text' for n in range(17))})")
        with cursor.copy("COPY plain FROM STDIN") as copy:
            for row in good:
                copy.write_row(row)
    return len(good)


def usual(person: Any, data: bytes) -> int:
    """openpyxl, and every row by itself."""
    import openpyxl

    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import entering, lists
    from qingmiao.site.apps.records.models import Child

    layout, can, done = lists.layouts()[LAYOUT], Reach(person), 0
    fields = {c.heading: c.field for c in layout.columns if c.field}
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    for row in sheet.iter_rows(min_row=2, values_only=True):
        said = {fields[h]: str(v) for h, v in zip(HEADINGS, row, strict=False) if h in fields and v is not None}
        minutes, _, seconds = said["run_1000m"].rstrip('"').partition("'")
        said["run_1000m"] = str(60 * int(minutes) + int(seconds))
        child = Child.objects.get(name_key=row[5], birth_date=row[7])
        made, _ = entering.write(
            can, child.pk, layout.record, operation=f"usual-{done}", answers={**asked(), "exempt": "否", **said}
        )
        done += bool(made)
    return done


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """What it gives, and in how many seconds."""
    started = time.perf_counter()
    found = work(*given)
    return found, time.perf_counter() - started


def _forget() -> None:
    """What `usual` recorded."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE records_record, facts_publication CASCADE")


def _register(children: int) -> Any:
    """A school and its pupils, by one INSERT; somebody who tests them."""
    from django.db import connection

    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api as directory
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.pack import pack

    directory.load_pack(audit.SYSTEM, pack(), on=date.today())
    school = Organisation.objects.get(pk="education")  # as a unit that pupils attend: the pack names no school
    person = directory.make_person(
        audit.SYSTEM, username="tester", name="演示校医", unit=school, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    directory.grant(audit.SYSTEM, person, "school_doctor", on=date(2024, 1, 1), area="141029")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO records_child (name, former_names, sex, birth_date, birth_certainty, papers, name_key,
               pinyin, initials, unit_id, area, village, school_unit_id, school_class, grade, left_to, state, version,
               made_by_id, made_at)
               SELECT '演示' || g, '[]', 'M', %s::date + g %% 365, 'day', 'none', '演示' || g, 'yanshi' || g, 'ys', %s,
               '141029100', '', %s, (g %% %s + 1) || '班', 'J1', '', 'here', 1, %s, now()
               FROM generate_series(0, %s) g""",
            [birth(0), school.pk, school.pk, CLASSES, person.pk, children - 1],
        )
        cursor.execute("ANALYZE records_child")
    return person


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
