"""A county's change is one file: each is added to a copy of a pack, passes `check`, and is used by what reads it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main
from qingmiao.collect.folder import collect
from qingmiao.content import Pack
from qingmiao.content.check import check_path
from qingmiao.content.clocks import Moment, standing
from qingmiao.content.documents import DocumentKind
from qingmiao.content.new_pack import new_pack
from qingmiao.content.roles import all_roles, excluded, grants
from qingmiao.flow import Who
from qingmiao.forms import fill, prepare
from qingmiao.kernel.deadlines import ClockState
from qingmiao.measure.group_values import area_values
from qingmiao.measure.run import measure

ROOT = Path(__file__).resolve().parents[2]
COUNTY = "990001"
Add = Callable[[str, str], Pack]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The starter pack with the shared pack's roles, and the purposes for which they read files."""
    root = tmp_path / "pack"
    new_pack(root)
    china = ROOT / "content" / "china"
    shutil.copytree(china / "roles", root / "roles")
    shutil.copytree(china / "purposes", root / "purposes")
    (root / "codes").mkdir(exist_ok=True)
    shutil.copy(china / "codes" / "data_category.yaml", root / "codes")
    return root


@pytest.fixture
def add(folder: Path) -> Add:
    """Writes one file into the pack and proves the pack whole."""

    def added(file: str, text: str) -> Pack:
        path = folder / file
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        pack, faults = check_path(folder)
        assert [str(f) for f in faults] == []
        assert pack is not None
        return pack

    return added


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [*map(str, words)])
    assert result.exit_code == 0, result.output
    return result


def test_a_new_indicator_is_measured(folder: Path, add: Add) -> None:
    pack = add(
        "indicators/doses_due.yaml",
        "id: health.given\nlabel: {zh: 已种剂次}\nserves: [health.m1]\nnature: count\nunit: 剂\ndecimals: 0\n"
        "better: higher\n"
        "period: calendar_year\nfrom: vaccinations\nlead: health_bureau\nsource: {document: 示例, evidence: local}\n"
        'numerator: {count: "*", where: "given_date is not null"}\n',
    )
    header, *rows = (folder / "data/facts/vaccinations.csv").read_text("utf-8").split()
    assert header.endswith("due_date,given_date")
    given = sum(1 for row in rows if row.split(",")[-2].startswith("2024") and row.split(",")[-1])
    assert given > 0
    values = area_values(measure(pack, collect(pack, folder / "data").tables).values, COUNTY)
    assert {year: value for (id_, year, _), value in values.items() if id_ == "health.given"}[2024] == given
    assert json.loads(run("coverage", "--json", folder).stdout)["measures"]["health.m1"]["measured"] == [
        "indicator:health.given", "fact:vaccinations",
    ]  # fmt: skip


def test_a_new_return_is_collected_judged_and_has_its_template(folder: Path, add: Add, tmp_path: Path) -> None:
    pack = add(
        "returns/beds.yaml",
        "id: BED01\nform_no: 示例床位01表\nlabel: {zh: 儿科床位}\nissued_by: 示例县统计局\nperiod: calendar_year\nlevel: county\n"
        "reporter: health_bureau\ndue: {days: 30, after: end}\nrows:\n  - {code: '01', label: {zh: 儿科床位}, unit: 张}\n"
        "  - {code: '02', label: {zh: 其中空床}, unit: 张}\ncolumns:\n  - {code: '1', label: {zh: 本年}}\nrules:\n"
        "  - {id: E1, level: error, check: '[02.1] <= [01.1]', message: 空床不能多于床位}\n"
        "source: {document: 示例, evidence: local}\n",
    )
    rows = folder / "data/returns/beds.csv"
    rows.write_text(
        f"return,period,area,row,column,value\nBED01,2024,{COUNTY},01,1,40\nBED01,2024,{COUNTY},02,1,3\n", "utf-8"
    )
    cells = collect(pack, folder / "data").tables["return_cells"].to_pylist()  # type: ignore[union-attr]
    assert sorted(c["value"] for c in cells if c["return"] == "BED01") == [3, 40]
    rows.write_text(rows.read_text("utf-8").replace(",3\n", ",41\n"), "utf-8")
    refused = CliRunner().invoke(
        main,
        [
            "monitor",
            "--pack",
            str(folder),
            "--data",
            str(folder / "data"),
            "--year",
            "2024",
            "--out",
            str(tmp_path / "o"),
        ],
    )
    assert refused.exit_code != 0
    assert "空床不能多于床位" in refused.output
    run("template", folder, "BED01", tmp_path / "beds.xlsx", "--year", "2024", "--area", COUNTY)
    assert (tmp_path / "beds.xlsx").stat().st_size > 1000


def test_a_new_questionnaire_with_a_condition_and_a_computed_field_is_filled(
    folder: Path, add: Add, tmp_path: Path
) -> None:
    pack = add(
        "forms/sleep.yaml",
        "id: survey.sleep\nversion: 1\nlabel: {zh: 睡眠问卷}\npurpose: survey\nsource: {document: 示例}\n"
        "serves: [health.m1]\n"
        "fields:\n  - {id: hours, label: {zh: 平日睡几小时}, type: number, min: 0, max: 24}\n"
        "  - {id: why, label: {zh: 为什么睡得少}, type: text, show_if: hours < 8}\n"
        "  - {id: week, label: {zh: 一周合计}, type: computed, compute: hours * 7, decimals: 0}\n",
    )
    ready, on = prepare(pack, "survey.sleep"), date(2026, 3, 10)
    short = fill(ready, {"hours": "7", "why": "作业多"}, on=on)
    assert (short.faults, short.values["why"], short.values["week"]) == ((), "作业多", 49)
    assert [f.field for f in fill(ready, {"hours": "7"}, on=on).faults] == ["why"]
    enough = fill(ready, {"hours": "9", "why": "作业多", "week": "1"}, on=on)
    assert enough.faults == ()
    assert enough.values.get("why") is None
    assert enough.values["week"] == 63
    run("form", folder, "survey.sleep", "--json-schema", tmp_path / "sleep.json")
    assert "why" in json.loads((tmp_path / "sleep.json").read_text("utf-8"))["properties"]


def test_a_new_role_may_what_it_is_like_and_excludes(add: Add) -> None:
    pack = add(
        "roles/deputy.yaml",
        "id: deputy\nlabel: {zh: 副督导员}\nscope: own\nheld_by: [township]\nlike: [supervisor]\nnote: 本县设置\n",
    )
    roles = all_roles(pack)
    assert {"deputy", "supervisor", "any_unit_staff"} <= grants(roles, "deputy")
    assert "statistics" not in grants(roles, "deputy")
    assert excluded(roles, "deputy", ["statistics"]) == excluded(roles, "supervisor", ["statistics"])


def test_a_new_deadline_runs_warns_and_is_late(add: Add) -> None:
    pack = add(
        "deadlines/approving.yaml",
        "id: approving\nlabel: {zh: 批准期限}\nof: flow:edition\nstarts: [review]\nmet_by: [approve]\nvalue: 3\n"
        "unit: working_days\nsource: {document: 示例办法, place: 第九条}\nwarn: [{value: 1, unit: working_days}]\n",
    )
    found = {d.id: d for d in pack.deadlines_of("flow:edition", date(2026, 3, 2))}["approving"]
    begun = [Moment("submit", "preparing", "review", datetime(2026, 3, 2, 10))]

    def at(day: int) -> ClockState:
        how = standing(found, begun, datetime(2026, 3, day, 12))
        assert how is not None
        return how.state

    assert [at(3), at(5), at(6)] == [ClockState.RUNNING, ClockState.SOON, ClockState.OVERDUE]
    begun.append(Moment("approve", "review", "released", datetime(2026, 3, 4, 9)))
    assert at(6) is ClockState.MET


def test_a_new_kind_of_document_goes_its_own_way_and_holds_its_own_form(folder: Path, add: Add) -> None:
    add(
        "forms/bells.yaml",
        "id: record.bells\nversion: 1\nlabel: {zh: 铃声记录}\npurpose: record\nsource: {document: 示例}\nfields:\n"
        "  - {id: bells, label: {zh: 铃的个数}, type: integer, min: 1}\n"
        "  - {id: dumb, label: {zh: 不响的个数}, type: integer, min: 0}\n"
        "  - {id: share, label: {zh: 响的比例}, type: computed, compute: (bells - dumb) / bells * 100, decimals: 0}\n",
    )
    pack = add(
        "documents/bell_check.yaml",
        "id: bell_check\nlabel: {zh: 铃声检查}\nrecorded_by: [committee_office]\ntext: {zh: 听到什么}\n"
        "form: record.bells\nserves: [health.m1]\nflow:\n  states:\n    heard: {label: {zh: 已听}}\n"
        "    mended: {label: {zh: 已修}, final: true}\n  steps:\n"
        "    - {do: mend, label: {zh: 修好}, from: heard, to: mended, roles: [supervisor]}\n",
    )
    kind = pack.entries("documents", DocumentKind)["bell_check"]
    office, supervisor = Who("a", frozenset({"committee_office"})), Who("b", frozenset({"supervisor"}))
    ways = {(s.name, s.target): (office.may(s), supervisor.may(s)) for s in kind.workflow.steps}
    assert ways == {("record", "heard"): (True, False), ("mend", "mended"): (False, True)}
    filled = fill(prepare(pack, str(kind.form)), {"bells": "4", "dumb": "1"}, on=date(2026, 3, 10))
    assert (filled.faults, filled.values["share"]) == ((), 75)
    served = json.loads(run("coverage", "--json", folder).stdout)["measures"]["health.m1"]
    assert served == {"measured": [], "operated": ["document:bell_check"]}


def test_a_new_report_layout_is_made_by_monitor(folder: Path, add: Add, tmp_path: Path) -> None:
    add(
        "reports/card.yaml",
        'id: card\nlabel: {zh: 监测卡片}\ntitle: "{plan}{year}年卡片"\ncontents: false\nindex_name: 附录\nblocks:\n'
        '  - section: 一句话\n    blocks:\n      - paragraph: "{year}年{count.all}项目标中达标{count.met}项。"\n'
        "  - section: 附录　数字索引\n    numbered: false\n    blocks:\n      - element: numbers\n",
    )
    data, out = folder / "data", tmp_path / "out"
    run("monitor", "--pack", folder, "--data", data, "--year", 2024, "--out", out, "--report", "card")
    pages = [p.read_text("utf-8") for p in out.rglob("*.html")]
    assert any("2024年卡片" in page and "一句话" in page for page in pages)
