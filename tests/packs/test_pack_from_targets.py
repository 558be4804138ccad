"""A spreadsheet with one row a target becomes a pack that checks and runs; nothing that it says is lost or guessed."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.load import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target
from qingmiao.content.target_sheet import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"township": "乡镇", "county": "县", "village": "村", "province": "省", "city": "市"}
HEADERS = ("领域", "目标", "指标名称", "单位", "类型", "目标值", "目标年", "基期年", "基期值", "牵头单位")
Row = Sequence[object]


def written(path: Path, rows: Sequence[Row], **sheets: Sequence[Row]) -> Path:
    """A workbook, or a CSV where the name says so."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    with xlsxwriter.Workbook(path.as_posix()) as book:
        for name, given in {"目标表": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(given):
                for c, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_number(n, c, cell[0], book.add_format({"num_format": cell[1]}))
                    else:
                        sheet.write(n, c, cell)
    return path


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def row_of(target: Target, pack: Pack) -> dict[str, str]:
    """A target as people would write it into the sheet."""
    goal = pack.goal_of(target.id)
    field = pack.field_of(target.id)
    lead = pack.lead_of(target.id, 2024)
    assert field is not None
    kind = target.bound or target.kind.value
    value = "" if target.value is None else f"{target.value:g}"
    if target.low is not None or target.high is not None:
        value = f"{target.low:g}—{target.high:g}"
    if target.cut is not None or target.points is not None:
        value = f"{'每年' if target.per_year else ''}{target.cut or f'{target.points:g}个百分点'}"
    words = {
        "keep": "保持",
        "strive": "力争",
        "about": "左右",
        "sustained": "持续",
        "marked": "明显",
        "gradual": "逐步",
        "universal": "普遍",
    }
    labels = {
        "at_most": "不高于",
        "at_least": "不低于",
        "reduce_by": "较基期下降",
        "increase_by": "较基期提高",
        "within": "区间",
    }
    base, tolerance = target.baseline, target.tolerance
    return {
        "领域": field.title, "主要目标": goal.text, "编号": target.id, "指标名称": target.label.zh, "单位": target.unit,
        "类型": labels.get(kind, target.kind.label), "目标值": value, "目标年": str(target.year or ""),
        "里程碑": "；".join(f"{m.year}年{m.value:g}" for m in target.milestones if m.value is not None),
        "基期年": str(base.year) if base else "", "基期值": f"{base.value:g}" if base and base.value is not None else "",
        "逐一达到的地区": LEVELS[target.level] if target.level else "",
        "限定词": "、".join(words[q.value] for q in target.qualifiers),
        "允许偏差": f"{tolerance.value:g}" if tolerance else "", "允许偏差的依据": tolerance.source.document if tolerance else "",
        "下达单位": target.assigned_by, "牵头单位": pack.organisations[lead.lead].label.zh if lead else "",
        "配合单位": "", "原文": target.quote, "范围": target.scope, "人群": target.subgroup, "备注": target.note,
    }  # fmt: skip


def same(target: Target) -> dict[str, object]:
    """What of a target the sheet can say."""
    data = target.model_dump(exclude={"indicator", "series", "from_year", "decimals", "label"})
    if data["tolerance"]:
        data["tolerance"]["source"].pop("note")
    return {**data, "label": target.label.zh}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_fifty_targets_of_the_real_plan_go_round(suffix: str, tmp_path: Path) -> None:
    old = load_pack(ROOT / "content" / "xiangning")
    rows = [list(COLUMNS), *([row_of(t, old).get(c, "") for c in COLUMNS] for t in old.targets.values())]
    extra = {
        "规划": [
            ("规划名称", "某县规划"),
            ("地区名称", "某县"),
            ("行政区划代码", "990029"),
            ("起始年", "2021"),
            ("结束年", "2025"),
        ],
        "地区": [("代码", "名称", "上级代码"), ("990029101", "甲镇", ""), ("990029201", "乙乡", "990029")],
    }
    path = written(tmp_path / f"目标表{suffix}", rows, **extra)
    code, told = run("new-pack", tmp_path / "county", "--from", path)
    assert code == 0, told
    new, faults = check_path(tmp_path / "county")
    assert new is not None
    assert [str(f) for f in faults] == []
    assert len(new.targets) == len(old.targets) == 50
    assert [same(t) for t in new.targets.values()] == [same(t) for t in old.targets.values()]
    for id_ in old.targets:
        assert new.goal_of(id_).text == old.goal_of(id_).text
        before, after = old.lead_of(id_, 2024), new.lead_of(id_, 2024)
        if before is not None:
            assert after is not None
            assert new.organisations[after.lead].label.zh == old.organisations[before.lead].label.zh
    assert [f.title for f in new.fields] == [f.title for f in old.fields]
    assert list(new.indicators) == list(new.targets)
    if suffix == ".xlsx":
        assert new.plan is not None
        assert (new.plan.area, new.plan.start, new.plan.end, new.plan.title) == (
            "990029",
            2021,
            2025,
            "某县规划",
        )
        assert [a.name for a in new.areas.values()] == ["某县", "甲镇", "乙乡"]
    code, told = run("monitor", "--pack", tmp_path / "county", "--data", tmp_path / "county/data", "--year", "2024",
                     "--out", tmp_path / "out", "--formats", "none", "--date", "2025-06-01")  # fmt: skip
    assert code == 0, told
    assert "50 个目标，可判定 0 个" in told
    with (tmp_path / "out/assessment.csv").open(encoding="utf-8-sig") as file:
        states = {r["attainment"] for r in csv.DictReader(file)}
    assert states <= {"无法判定", "待下达", "由上级负责"}


def one(tmp_path: Path, headers: Sequence[str], row: Row, *, suffix: str = ".xlsx") -> tuple[int, str, Pack | None]:
    path = written(tmp_path / f"t{suffix}", [headers, row])
    code, told = run("new-pack", tmp_path / "p", "--from", path)
    return code, told, load_pack(tmp_path / "p") if code == 0 else None


def cells(kind: object, value: object, unit: str = "%", **more: object) -> tuple[list[str], list[object]]:
    return (
        ["领域", "指标名称", "单位", "类型", "目标值", "牵头单位", *more],
        ["健康", "近视率", unit, kind, value, "卫健局", *more.values()],
    )


READ = [
    # (类型, 目标值, 单位, what the target then says)
    ("不高于", 38, "%", {"kind": "at_most", "value": 38.0}),
    ("不高于", (0.38, "0%"), "%", {"kind": "at_most", "value": 38.0}),
    ("≤", "38％", "%", {"kind": "at_most", "value": 38.0}),
    ("", "38%以下", "%", {"kind": "at_most", "value": 38.0, "inclusive": True}),
    ("", "控制在38%以下", "", {"kind": "at_most", "value": 38.0, "unit": "%"}),
    ("", "低于38%", "%", {"kind": "at_most", "value": 38.0, "inclusive": False}),
    ("低于", 38, "%", {"kind": "at_most", "value": 38.0, "inclusive": False}),
    ("正向", 95, "%", {"kind": "at_least", "value": 95.0}),
    ("逆指标", "5.3", "‰", {"kind": "at_most", "value": 5.3}),
    ("", "≥９５", "%", {"kind": "at_least", "value": 95.0}),
    ("", "保持在95%以上", "%", {"kind": "at_least", "value": 95.0, "qualifiers": ("keep",)}),
    ("", "力争达到95%以上", "%", {"kind": "at_least", "value": 95.0, "qualifiers": ("strive",)}),
    (
        "以乡镇为单位不低于",
        90,
        "%",
        {"kind": "every_area", "level": "township", "bound": "at_least", "value": 90.0},
    ),
    ("每个乡镇不低于", 90, "%", {"kind": "every_area", "level": "township", "bound": "at_least"}),
    ("各地均达到", "90%以上", "%", {"kind": "every_area", "level": "township", "bound": "at_least"}),
    ("较基期下降", "20%", "1/10万", {"kind": "reduce_by", "cut": "20%"}),
    ("较基期下降", "1/3", "1/10万", {"kind": "reduce_by", "cut": "1/3"}),
    ("", "下降三分之一", "1/10万", {"kind": "reduce_by", "cut": "1/3"}),
    ("", "下降2个百分点", "%", {"kind": "reduce_by", "points": 2.0}),
    ("", "每年下降0.5个百分点", "%", {"kind": "reduce_by", "points": 0.5, "per_year": True}),
    ("", "提高20%", "件", {"kind": "increase_by", "cut": "20%"}),
    ("下降", "", "‰", {"kind": "falling"}),
    ("持续下降", "", "‰", {"kind": "falling", "qualifiers": ("sustained",)}),
    ("上升趋势得到控制", "—", "%", {"kind": "contained"}),
    ("区间", "103—107", "", {"kind": "within", "low": 103.0, "high": 107.0}),
    ("", "103-107", "", {"kind": "within", "low": 103.0, "high": 107.0}),
    ("建成", "10个", "个", {"kind": "count_at_least", "value": 10.0}),
    ("高于全省平均水平", "", "%", {"kind": "relative_to"}),
    ("定性", "", "", {"kind": "qualitative"}),
    ("上级下达", "", "%", {"kind": "assigned"}),
    ("at_least", "1,200", "人", {"kind": "at_least", "value": 1200.0}),
]


@pytest.mark.parametrize(("kind", "value", "unit", "wanted"), READ)
def test_a_cell_says_what_plans_say(
    kind: object, value: object, unit: str, wanted: dict[str, object], tmp_path: Path
) -> None:
    code, told, pack = one(tmp_path, *cells(kind, value, unit))
    assert code == 0, told
    assert pack is not None
    (target,) = pack.targets.values()
    data = target.model_dump()
    assert {k: data[k] for k in wanted} == wanted


REFUSED = [
    # (类型, 目标值, 单位, further columns, column and cell named, part of the message)
    ("下降", "20%", "%", {}, "目标值 E2", "两种意思"),
    ("提高", 95, "%", {}, "目标值 E2", "两种意思"),
    ("不低于", "38%以下", "%", {}, "目标值 E2", "相反"),
    ("较基期下降", "提高20%", "%", {}, "目标值 E2", "相反"),
    ("较基期下降", "2", "%", {}, "目标值 E2", "按比例还是按单位"),
    ("不高于", "5.3‰", "%", {}, "目标值 E2", "单位"),
    ("", "38", "%", {}, "目标值 E2", "上限还是下限"),
    ("", "", "%", {}, "目标值 E2", "没有写类型"),
    ("不高于", "三十八", "%", {}, "目标值 E2", "不是数"),
    ("不高于", "约38", "%", {}, "目标值 E2", "不是数"),
    ("越来越好", "38", "%", {}, "类型 D2", "不认识的类型"),
    ("定性", "38", "%", {}, "目标值 E2", "不写目标值"),
    ("不高于", "38", "%", {"目标年": "规划期末"}, "目标年 G2", "不是年份"),
    ("不高于", "38", "%", {"基期值": "45"}, "基期年", "没有基期年"),
    ("不高于", "38", "%", {"基期年": "2020", "基期值": "四十五"}, "基期值 H2", "不是数"),
    ("不高于", "38", "%", {"限定词": "尽量"}, "限定词 G2", "不认识的限定词"),
    ("不高于", "38", "%", {"限定词": "左右"}, "允许偏差", "允许偏差"),
    ("不高于", "38", "%", {"限定词": "左右", "允许偏差": "5%"}, "允许偏差 H2", "两种意思"),
    ("不高于", "38", "%", {"里程碑": "四十"}, "里程碑 G2", "读不懂"),
    ("不高于", "38", "%", {"逐一达到的地区": "片区"}, "逐一达到的地区 G2", "不认识的级别"),
    ("不高于", "38", "%", {"编号": "T 1"}, "编号 G2", "写法不对"),
    ("与上级相比", "", "%", {"对比地区": "邻县"}, "对比地区 G2", "不知道与哪里相比"),
    ("不高于", "38", "%", {"指标": "重复"}, "G1", "同一列"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "unit", "more", "cell", "part"), REFUSED)
def test_what_cannot_be_read_as_one_thing_names_its_cell_and_writes_nothing(
    kind: str, value: object, unit: str, more: dict[str, object], cell: str, part: str, tmp_path: Path
) -> None:
    code, told, _ = one(tmp_path, *cells(kind, value, unit, **more))
    assert code == 2, told
    assert cell in told
    assert part in told
    assert not (tmp_path / "p").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


def test_titles_above_other_orders_notes_and_merged_cells(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["某县儿童发展规划目标表"],
        [],
        [
            "序号",
            "责任单位",
            "目标值",
            "方向",
            "计量单位",
            "监测指标（名称）",
            "发展领域",
            "目标年份",
            "主管领导",
        ],
        [1, "县教育局", "38%", "逆向", "％", "小学生近视率", "（三）教育", 2025, "张三"],
        [2, "", "95以上", "", "%", "毛入园率", "", "2025年", ""],
        ["注：以上数据为虚构。"],
    ]
    path = written(tmp_path / "t.csv", rows)
    code, told = run("new-pack", tmp_path / "p", "--from", path)
    assert code == 0, told
    for part in ("列「主管领导」没有用到", "第 6 行是说明", "第 5 行没有牵头单位"):
        assert part in told
    pack = load_pack(tmp_path / "p")
    assert [(t.kind.value, t.value, t.unit, t.year) for t in pack.targets.values()] == [
        ("at_most", 38, "%", 2025),
        ("at_least", 95, "%", 2025),
    ]
    assert [f.label.zh for f in pack.fields] == ["教育"]


def test_every_bad_cell_is_named_in_one_go(tmp_path: Path) -> None:
    rows = [
        HEADERS,
        ["健康", "甲", "a", "%", "不知道", 5, "", "", "", ""],
        ["健康", "乙", "b", "%", "不高于", "很多", "", "", "", ""],
    ]
    code, told = run("new-pack", tmp_path / "p", "--from", written(tmp_path / "t.xlsx", rows))
    assert code == 2
    assert "2 处" in told
    assert "E2" in told
    assert "F3" in told


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", "领域,目标\n健康,好\n".encode(), "甲".encode("gbk") * 9])
def test_a_file_that_is_no_table_of_targets_is_told_so(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    code, told = run("new-pack", tmp_path / "p", "--from", tmp_path / "t.csv")
    assert code == 2
    assert "t.csv" in told
    assert not (tmp_path / "p").exists()


def test_a_missing_file_another_suffix_and_a_taken_folder(tmp_path: Path) -> None:
    assert run("new-pack", tmp_path / "p", "--from", tmp_path / "no.xlsx")[0] == 2
    (tmp_path / "t.doc").write_text("x")
    assert "不认识的文件" in run("new-pack", tmp_path / "p", "--from", tmp_path / "t.doc")[1]
    assert "已存在" in run("new-pack", tmp_path, "--from", written(tmp_path / "t.xlsx", [HEADERS]))[1]


@pytest.mark.parametrize("name", ["targets.csv", "targets.xlsx"])
def test_a_pipe_is_never_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    code, told = run("new-pack", tmp_path / "p", "--from", tmp_path / name)
    assert code == 2
    assert "管道" in told


def test_the_template_is_read_back_as_it_is(tmp_path: Path) -> None:
    assert run("new-pack", "--sheet", tmp_path / "t.xlsx")[0] == 0
    code, told = run("new-pack", tmp_path / "p", "--from", tmp_path / "t.xlsx")
    assert code == 0, told
    pack = load_pack(tmp_path / "p")
    assert list(pack.targets) == ["T01", "T02"]
    lead = pack.lead_of("T02", 2024)
    assert lead is not None
    assert [pack.organisations[u].label.zh for u in (lead.lead, *lead.with_units)] == [
        "县卫生健康局",
        "县教育局",
    ]
    assert (tmp_path / "p/data/series.csv").read_bytes().startswith(b"\xef\xbb\xbfindicator,area,year,value")
