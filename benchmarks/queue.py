"""A page of the queue of a supervisor of 200 units, beside SQL written by hand; and the page after, and the counts.

``python benchmarks/queue.py [CASES]`` (default 200,000; 10,000,000 once) makes a database of its own with made-up cases
(演示数据) of 500 units, a tenth of them open, and ends with one JSON line. Target: at most twice the bare SQL, p95 ≤ 50
ms. The bare SQL is the quickest of several queries by hand, each also as a prepared statement; all give the same page.
"""

from __future__ import annotations

import sys

if __name__ == "queue":  # a benchmark beside it asked for the standard library's module of this name
    import importlib.util
    import sysconfig

    found = importlib.util.spec_from_file_location("queue", sysconfig.get_path("stdlib") + "/queue.py")
    assert found is not None
    assert found.loader is not None
    sys.modules["queue"] = standard = importlib.util.module_from_spec(found)
    found.loader.exec_module(standard)
else:
    import json
    import os
    import statistics
    import time
    from pathlib import Path
    from typing import Any

    HERE = Path(__file__).resolve().parent
    sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != HERE]
    sys.path.insert(0, str(HERE.parent / "tests"))

    UNITS, SUPERVISED, ASKED, PAGE = 500, 200, 60, 50
    TARGET_S, TARGET_TIMES = 0.050, 2.0
    PROGRAMMES = ("mandatory_report", "child_case", "victim_protection", "dv_warning", "street_child")
    ROLE = "child_protection_officer"
    TAKEN = """SELECT p.urgency, p.case_id FROM cases_party p JOIN cases_case k ON k.id = p.case_id
            WHERE p.unit_id = {unit} AND p.open AND p.sight = 'full' AND p.owner AND k.state = 'open'
                AND k.programme = ANY(%(programmes)s)"""
    SHOWN = """SELECT c.*, o.label, a.name FROM ({found} ORDER BY 1, 2 LIMIT 51) x
        JOIN cases_case c ON c.id = x.case_id JOIN directory_organisation o ON o.id = c.owner_id
        LEFT JOIN directory_person a ON a.id = c.assigned_id ORDER BY x.urgency, x.case_id"""
    EACH = "SELECT y.* FROM unnest(%(units)s::text[]) u(unit) CROSS JOIN LATERAL ({taken} ORDER BY 1, 2 LIMIT {most}) y"

    def bare_queries(units: list[str]) -> dict[str, str]:
        """The page by hand, in every way that somebody who knows the tables may write it; the quickest of them counts.

        `each`: the first 51 of every unit, sorted. `bounded`: no case is read that comes after the 51st of the first
        two of every unit. `merged`: the units' indexes side by side, each read no further than the page needs.
        """
        one = TAKEN.format(unit="u.unit")
        few = EACH.format(taken=one, most=2)
        bound = f"(SELECT coalesce((SELECT f.urgency FROM ({few}) f ORDER BY 1 OFFSET 50 LIMIT 1), 9000000000000))"
        arms = " UNION ALL ".join(f"({TAKEN.format(unit=repr(unit))} ORDER BY 1, 2)" for unit in units)
        found = {
            "each": EACH.format(taken=one, most=51),
            "bounded": EACH.format(taken=f"{one} AND p.urgency <= {bound}", most=51),
            "merged": arms,
        }
        return {name: SHOWN.format(found=sql) for name, sql in found.items()}

    def main(cases: int) -> None:
        """Make the cases, ask, print."""
        from website import served

        with served.own_database("queue"):
            print(json.dumps(measured(cases)))

    def measured(cases: int) -> dict[str, object]:
        """The figures."""
        import psycopg
        from django.core.management import call_command
        from django.db import connection

        from qingmiao.site.apps.cases import api, standing
        from qingmiao.site.apps.directory.models import Organisation, Person
        from qingmiao.site.apps.directory.permissions import Reach

        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        with connection.cursor() as cursor:
            _fill(cursor, cases)
        filled = time.perf_counter() - began
        reach = Reach(Person.objects.get(username="u0"))
        units = list(Organisation.objects.filter(path__startswith="/u0/").exclude(pk="u0").values_list("pk", flat=True))
        programmes = sorted(standing.sights(reach).seats[0].whole)

        said = {"units": units, "programmes": programmes}

        def bare(sql: str, *, prepared: bool) -> list[int]:
            connection.ensure_connection()
            with psycopg.Cursor(connection.connection) as cursor:  # Django's own never prepares
                return [row[0] for row in cursor.execute(sql, said, prepare=prepared).fetchall()][:PAGE]

        supervised = api.QueueFilters("supervised")
        second = api.list_cases(reach, supervised).after
        ours = _timed(lambda: api.list_cases(Reach(reach.person), supervised))
        asked = [r.number for r in api.list_cases(reach, supervised).rows]
        by_hand: dict[str, list[float]] = {}
        for name, sql in bare_queries(units).items():
            for prepared in (False, True):
                way = f"{name}, prepared" if prepared else name
                assert bare(sql, prepared=prepared) == asked, f"{way}: another page than ours"
                by_hand[way] = _timed(lambda sql=sql, prepared=prepared: bare(sql, prepared=prepared))
        best = min(by_hand, key=lambda way: statistics.median(by_hand[way]))
        hand = by_hand[best]
        later = _timed(lambda: api.list_cases(Reach(reach.person), supervised, after=second))
        counts = _timed(lambda: api.counts(Reach(reach.person)))
        times = statistics.median(ours) / statistics.median(hand)
        return {
            "benchmark": "queue", "cases": cases, "units": len(units), "filled_s": round(filled, 1),
            "median_s": round(statistics.median(ours), 4), "p95_s": round(_p95(ours), 4),
            "next_page_p95_s": round(_p95(later), 4), "counts_p95_s": round(_p95(counts), 4),
            "bare": best, "bare_median_s": round(statistics.median(hand), 4), "times_bare": round(times, 2),
            "by_hand_ms": {way: round(1000 * statistics.median(s), 1) for way, s in by_hand.items()},
            "load": round(os.getloadavg()[0], 1), "met": _p95(ours) <= TARGET_S and times <= TARGET_TIMES,
        }  # fmt: skip

    def _timed(call: Any) -> list[float]:
        call()
        found = []
        for _ in range(ASKED):
            began = time.perf_counter()
            call()
            found.append(time.perf_counter() - began)
        return found

    def _p95(seconds: list[float]) -> float:
        return statistics.quantiles(seconds, n=20)[18]

    def _fill(cursor: Any, cases: int) -> None:
        """Areas, units, one person, and the cases with their parties, each by one INSERT."""
        run = cursor.execute
        run(
            "INSERT INTO directory_area (code, full_code, level, is_site) VALUES ('14', '140000000000', 'county', true)"
        )
        run(
            "INSERT INTO directory_organisation (id, label, label_en, short, kind, area_id, path, is_active)"
            " SELECT 'u' || n, '演示' || n, '', '', 'civil_affairs', '14',"
            " CASE WHEN n BETWEEN 1 AND %s THEN '/u0/u' || n || '/' ELSE '/u' || n || '/' END, true"
            " FROM generate_series(0, %s) n",
            [SUPERVISED, UNITS - 1],
        )
        run(
            "INSERT INTO directory_person (password, username, name, organisation_id, is_active, is_demo, totp_step,"
            " must_change_password, former_passwords, created_at)"
            " VALUES ('!', 'u0', '演示', 'u0', true, true, 0, false, '[]', now()) RETURNING id"
        )
        person = cursor.fetchone()[0]
        run(
            "INSERT INTO directory_rolekept (id, label, label_en, scope, grants, held_by, excludes, second_factor, "
            "ended)"
            " VALUES (%s, '演示', '', 'own', jsonb_build_array(%s::text), '[]', '[]', true, false)",
            [ROLE, ROLE],
        )
        run(
            "INSERT INTO directory_assignment (person_id, role, organisation_id, area_id, from_date)"
            " VALUES (%s, %s, 'u0', '14', '2024-01-01')",
            [person, ROLE],
        )
        run(
            """INSERT INTO cases_case (programme, stage, state, version, owner_id, area, township, secrecy, risk,
               danger, due_at, late_at, due_clock, urgency, opened_at, moved_at, closed_at, made_by_id,
               facts_version, facts_digest)
               SELECT (%s::text[])[1 + g %% 5], 'x', CASE WHEN g %% 10 = 0 THEN 'open' ELSE 'ended' END, 3,
               'u' || (hashint4(g) & 2147483647) %% %s, '14', '14', '敏感', '', g %% 70 = 0,
               timestamptz '2026-01-01' + g %% 300 * interval '1 day',
               timestamptz '2026-01-01' + g %% 300 * interval '1 day', '',
               CASE WHEN g %% 70 = 0 THEN 0 ELSE 2000000000000 END + 1767225600 + g %% 300 * 86400,
               timestamptz '2025-01-01', timestamptz '2025-02-01',
               CASE WHEN g %% 10 = 0 THEN NULL ELSE timestamptz '2025-02-01' END, %s, 0, ''
               FROM generate_series(1, %s) g""",
            [list(PROGRAMMES), UNITS, person, cases],
        )
        run(
            """INSERT INTO cases_party (case_id, unit_id, sight, owner, open, urgency)
               SELECT c.id, c.owner_id, 'full', true, c.state = 'open', c.urgency FROM cases_case c
               UNION ALL SELECT c.id, 'u' || (400 + c.id %% 100), 'full', false, c.state = 'open', c.urgency
               FROM cases_case c WHERE c.id %% 3 = 0 AND c.owner_id <> 'u' || (400 + c.id %% 100)"""
            .replace("%%", "%")
        )  # fmt: skip
        run("ANALYZE cases_case")
        run("ANALYZE cases_party")

    if __name__ == "__main__":
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
