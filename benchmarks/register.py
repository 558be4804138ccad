"""Registering a child against a register: seconds to find the files that may be the same, beside a bare exact look-up.

``python benchmarks/register.py [CHILDREN]`` (default 200,000; 1,000,000 once) makes a database of its own with made-up
children (演示数据), asks for 300 of them anew with slips, and ends with one JSON line. Target: p95 ≤ 20 ms at a million.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served

ASKED = 300
TARGET = 0.020
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "子雨浩欣梓涵思宇晨佳怡博文嘉琪俊杰诗语轩睿萱彤瑞泽涛丽娜强芳伟静敏"


def main(children: int) -> None:
    """Make the register, ask, print."""
    with served.own_database("register"):
        print(json.dumps(measured(children)))


def measured(children: int) -> dict[str, object]:
    """The figures."""
    from django.db import connection

    from qingmiao.site.apps.records import naming, sealing, twice
    from qingmiao.site.apps.records.given import IdentityGiven

    rng = random.Random(20240601)
    names = [s + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2)))) for s in SURNAMES for _ in range(1200)]
    sealing.keys()  # made while nothing is sealed yet
    with connection.cursor() as cursor:
        _fill(cursor, children, names, naming)
        cursor.execute("SELECT id, name, sex, birth_date, area FROM records_child ORDER BY random() LIMIT %s", [ASKED])
        rows = cursor.fetchall()
    seconds, cpu, bare, found = [], [], [], 0
    for number, name, sex, birth, area in rows:
        slipped = name[:-1] + rng.choice(GIVEN) if rng.random() < 0.2 else name
        day = birth + timedelta(days=rng.choice((0, 0, 0, 1)))
        said = IdentityGiven(slipped, sex, day)
        began, worked = time.perf_counter(), time.process_time()
        likely = twice.likely_files(said, area=area, guardian="", phone="")
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        found += any(f.child == number for f in likely)
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM records_child WHERE birth_date = %s AND name = %s", [day, slipped])
            cursor.fetchall()
        bare.append(time.perf_counter() - began)
    p95 = statistics.quantiles(seconds, n=20)[18]
    return {
        "benchmark": "register", "children": children, "asked": ASKED, "found": found, "p95_s": round(p95, 4),
        "cpu_p95_s": round(statistics.quantiles(cpu, n=20)[18], 4),
        "median_s": round(statistics.median(seconds), 4), "exact_p95_s": round(statistics.quantiles(bare, n=20)[18], 4),
        "target_s": TARGET, "met": p95 <= TARGET,
    }  # fmt: skip


def _fill(cursor: Any, children: int, names: list[str], naming: Any) -> None:
    """Children by one INSERT from random names, days and townships."""
    run = cursor.execute
    run("CREATE TEMP TABLE names (n int, name text, key text, pinyin text, initials text)")
    with cursor.copy("COPY names FROM STDIN") as copy:
        for n, name in enumerate(names):
            keys = naming.keys_of(name)
            copy.write_row((n, name, keys.key, keys.pinyin, keys.initials))
    run(
        "INSERT INTO directory_area (code, full_code, level, is_site) VALUES ('141029', '141029000000', 'county', true)"
    )
    run(
        "INSERT INTO directory_organisation (id, label, label_en, short, kind, area_id, path, is_active)"
        " VALUES ('u', '演示', '', '', 'institution', '141029', '/u/', true)"
    )
    run(
        "INSERT INTO directory_person (password, username, name, organisation_id, is_active, is_demo, totp_step,"
        " must_change_password, former_passwords, created_at)"
        " VALUES ('!', 'u', '演示', 'u', true, true, 0, false, '[]', now()) RETURNING id"
    )
    person = cursor.fetchone()[0]
    first = date(2008, 1, 1)
    run(
        """INSERT INTO records_child (name, former_names, sex, birth_date, birth_certainty, papers, name_key, pinyin,
           initials, unit_id, area, village, school_class, grade, left_to, state, version, made_by_id, made_at)
           SELECT k.name, '[]', CASE WHEN random() < .5 THEN 'F' ELSE 'M' END, %s::date + (random() * 6500)::int, 'day',
           'none', k.key, k.pinyin, k.initials, 'u', '141029' || (100 + (random() * 9)::int)::text, '', '', '', '',
           'here', 1, %s, now()
           FROM generate_series(1, %s) g JOIN names k ON k.n = (hashint4(g) & 2147483647) %% %s""",
        [first, person, children, len(names)],
    )
    run("ANALYZE records_child")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
