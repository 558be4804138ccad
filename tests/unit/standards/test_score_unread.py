"""What a score file says and nobody understands is listed by row, its outcome is blank, and the command ends with 1."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from qingmiao.cli.score import score
from qingmiao.kernel.misread import MisreadError
from qingmiao.standards import csv_files, fitness
from qingmiao.standards.fitness.times import read_seconds
from qingmiao.standards.growth.reasons import ScoreReason

GROWTH = "id,sex,age_days,weight_kg,lenhei_cm,measure,oedema\n"
FITNESS = (
    "id,grade,sex,height_cm,weight_kg,vital_capacity,run_50m,sit_reach,sit_ups_1min,standing_long_jump,"
    "pull_ups,run_1000m,run_800m\n"
)
BOY = "{id},{grade},{sex},165,55,3000,8.2,10,,200,10,{time},\n"


def run(tmp_path: Path, command: str, text: str, *options: str) -> tuple[Result, list[dict[str, str]]]:
    (tmp_path / "in.csv").write_bytes(text.encode())
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(score, [*command.split(), *options, str(tmp_path / "in.csv"), str(out)])
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig")))) if out.exists() else []
    return result, rows


def test_growth_writes_all_rows_and_names_what_it_did_not_read(tmp_path: Path) -> None:
    text = GROWTH + (
        "a,m,400,10,76,l,n\n"
        "b,男生,400,１０,76,卧位,否\n"
        "c,m,400,十公斤,76,l,n\n"
        "d,男神,400,10,76,l,n\n"
        'e,m,"4,00",10,76,l,n\n'
        "f,m,400,10,76,坐着,n\n"
        "g,m,400,10,76,l,不清楚\n"
        "h,m,400,,76,l,n\n"
        "\n"
        "i,m,四百,10,76,l,n\n"
    )
    result, rows = run(tmp_path, "growth --reasons", text)
    assert result.exit_code == 1, result.output
    assert [row["id"] for row in rows] == list("abcdefghi")
    by = {row["id"]: row for row in rows}
    assert by["a"]["zwei"] == by["b"]["zwei"] != ""
    assert (by["c"]["zwei"], by["c"]["rwei"]) == ("", str(int(ScoreReason.NOT_UNDERSTOOD)))
    assert by["c"]["zlen"] == by["a"]["zlen"]
    assert (by["d"]["zwei"], by["d"]["rwei"]) == ("", str(int(ScoreReason.SEX_UNKNOWN)))
    assert (by["e"]["zwei"], by["e"]["rwei"]) == ("", str(int(ScoreReason.NOT_UNDERSTOOD)))
    assert (by["f"]["zlen"], by["f"]["rlen"]) == ("", str(int(ScoreReason.NOT_UNDERSTOOD)))
    assert by["f"]["zwei"] == by["a"]["zwei"]
    assert (by["g"]["zwei"], by["g"]["rwei"]) == ("", str(int(ScoreReason.NOT_UNDERSTOOD)))
    assert (by["h"]["zwei"], by["h"]["rwei"]) == ("", str(int(ScoreReason.VALUE_MISSING)))
    assert (by["i"]["zwei"], by["i"]["rwei"]) == ("", str(int(ScoreReason.NOT_UNDERSTOOD)))
    for words in (
        "第 4 行，列 weight_kg：「十公斤」不是数", "第 5 行，列 sex：不认得「男神」；是不是 男", "第 6 行，列 age_days：「4,00」不是数；是不是 4.00",
        "第 7 行，列 measure：不认得「坐着」", "第 8 行，列 oedema：不认得「不清楚」", "第 11 行，列 age_days：「四百」不是数",
        "weight_kg 1 处", "age_days 2 处",
    ):  # fmt: skip
        assert words in result.output


@pytest.mark.parametrize(
    ("standard", "column", "cell", "nearest"),
    [
        ("wst586", "height_cm", "1.25", "125（原来像是用米写的）"),
        ("wst586", "height_cm", "1250", "125（原来像是用毫米写的）"),
        ("wst586", "weight_kg", "25000", "25（原来像是用克写的）"),
        ("wst456", "height_cm", "1.25", "125（原来像是用米写的）"),
        ("wst612", "height_cm", "12500", ""),
        ("wst423", "weight_kg", "12500", "12.5（原来像是用克写的）"),
    ],
)
def test_a_value_in_another_unit_is_no_result(
    tmp_path: Path, standard: str, column: str, cell: str, nearest: str
) -> None:
    good = {"height_cm": "125", "weight_kg": "25"}
    text = "id,sex,age_months,height_cm,weight_kg,lenhei_cm\n"
    for number, values in enumerate((good, good | {column: cell})):
        age, height = 70 if standard == "wst423" else 100, values["height_cm"]
        text += f"{number},f,{age},{height},{values['weight_kg']},{height}\n"
    result, rows = run(tmp_path, f"growth --standard {standard} --reasons", text)
    assert result.exit_code == 1, result.output
    assert f"列 {column}：「{cell}」不在" in result.output
    assert nearest in result.output
    grades = [name for name in rows[0] if name.startswith(standard) and "_r" not in name]
    assert any(rows[0][name] for name in grades)
    spoiled = {row["id"]: row for row in rows}["1"]
    if standard != "wst423":
        assert [spoiled[name] for name in grades if "stunted" not in name or column == "height_cm"] == [""] * len(
            [n for n in grades if "stunted" not in n or column == "height_cm"]
        )
    assert str(int(ScoreReason.NOT_UNDERSTOOD)) in spoiled.values()


def test_who_flags_such_values_itself_and_they_are_named(tmp_path: Path) -> None:
    result, rows = run(tmp_path, "growth", GROWTH + "a,m,400,10,760,l,n\n")
    assert result.exit_code == 0, result.output
    assert rows[0]["flen"] == "1"
    assert "可疑的：lenhei_cm 1 处" in result.output
    assert "76（原来像是用毫米写的）" in result.output


GRADES = [
    *((name, f"P{n}") for n,
        zh in enumerate("一二三四五六", 1) for name in (f"{zh}年级", f"小学{zh}年级", f"1{n}", f"小{zh}", f"{n}年级", f"p{n}")),
    *((name, f"J{n}") for n, zh, more in ((1, "一", "七"), (2, "二", "八"), (3, "三", "九"))
      for name in (f"初{zh}", f"初中{zh}年级", f"2{n}", f"{more}年级", f"2{n}.0", f"{n + 6}年级")),
    *((name, f"H{n}") for n, zh in ((1, "一"), (2, "二"), (3, "三"))
      for name in (f"高{zh}", f"高中{zh}年级", f"3{n}", f"职高{zh}", f"中职{zh}年级", f"中专{n}年级", f"　３{n} ")),
    ("大一", "U12"), ("大二", "U12"), ("大三", "U34"), ("大学四年级", "U34"),
]  # fmt: skip


def test_every_way_to_write_a_grade() -> None:
    table = {
        "grade": pa.array([name for name, _ in GRADES] + [code for _, code in GRADES]).to_numpy(zero_copy_only=False),
        "sex": pa.array(["女生"] * (2 * len(GRADES))).to_numpy(zero_copy_only=False),
    }
    measures = {"height_cm": 140.0, "weight_kg": 38.0, "vital_capacity": 2100, "run_50m": 9.6, "sit_reach": 10,
        "rope_skipping_1min": 100,
                "sit_ups_1min": 35, "standing_long_jump": 165, "shuttle_50m_x8": 110, "run_800m": 240}  # fmt: skip
    table |= {name: pa.array([float(value)] * (2 * len(GRADES))).to_numpy() for name, value in measures.items()}
    found = fitness.score_columns(table)
    count = len(GRADES)
    assert found["state"].tolist() == ["scored"] * (2 * count)
    for name in ("total", "score_vital_capacity", "score_run_50m"):
        assert found[name][:count].tolist() == found[name][count:].tolist()
    assert len(set(found["score_vital_capacity"][count:].tolist())) > 5, "the grades differ in what they ask"


@pytest.mark.parametrize("grade", ["火星", "1", "一", "41", "24", "初四", "大五", "2023级", "P7", "毕业班"])
def test_an_unknown_grade_is_named_and_nothing_is_scored(tmp_path: Path, grade: str) -> None:
    text = (
        FITNESS
        + BOY.format(id="1", grade="初一", sex="男", time="225")
        + BOY.format(id="2", grade=grade, sex="男", time="225")
    )
    result, rows = run(tmp_path, "fitness --reasons", text)
    assert result.exit_code == 1, result.output
    assert f"第 3 行，列 grade：不认得「{grade}」" in result.output
    assert [row["state"] for row in rows] == ["scored", "unknown_grade"]
    assert rows[1]["total"] == rows[1]["level"] == ""


TIMES = {
    "225": 225.0, "225秒": 225.0, "3'45\"": 225.0, "3′45″": 225.0, "3’45”": 225.0, "3'45": 225.0, "3:45": 225.0,
    "３：４５": 225.0,
    "0:03:45": 225.0, "00:03:45": 225.0, "3分45秒": 225.0, "3分45": 225.0, "3分05秒": 185.0, "3'5\"": 185.0, "3分5秒": 185.0,
    "3'45''": 225.0,
    "3'45\"6": 225.6, "3'45.6\"": 225.6, "3:45.6": 225.6, "3分": 180.0, "8\"3": 8.3, "8.3秒": 8.3, "8.3\"": 8.3,
    "1,000": 1000.0,
}  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), TIMES.items())
def test_a_time_as_score_sheets_write_it(text: str, seconds: float) -> None:
    assert read_seconds(text) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("3:45:00", "3'45\""), ("3'5", "3'05\" 或 3'50\""), ("3:5", "3'05\" 或 3'50\""), ("3'60\"", ""), ("3'75", ""),
        ("快", ""), ("3'4'5", "")],
)  # fmt: skip
def test_a_time_that_can_be_read_in_two_ways_is_not_guessed(text: str, nearest: str) -> None:
    with pytest.raises(MisreadError) as found:
        read_seconds(text)
    assert text in found.value.message
    if nearest:
        assert found.value.nearest == nearest


def test_fitness_names_times_that_may_be_minutes(tmp_path: Path) -> None:
    text = FITNESS + "".join(
        BOY.format(id=n, grade="初二", sex=sex, time=time)
        for n, (sex, time) in enumerate(
            [
                ("男生", "3′45″"),
                ("男", "225"),
                ("男", "3.45"),
                ("男", ""),
                ("男", "快"),
            ]
        )
    )
    result, rows = run(tmp_path, "fitness --reasons", text)
    assert result.exit_code == 1, result.output
    assert rows[0]["score_run_1000m"] == rows[1]["score_run_1000m"] != ""
    assert [row["reason_run_1000m"] for row in rows] == ["", "", "implausible", "missing", "unreadable"]
    assert [row["state"] for row in rows] == [
        "scored",
        "scored",
        "incomplete",
        "incomplete",
        "unreadable_item",
    ]
    assert "第 4 行，列 run_1000m：「3.45」不在 100–1800 之间；是不是 3'45\"" in result.output
    assert "第 6 行，列 run_1000m：「快」不是数" in result.output


def test_cells_of_items_that_a_pupil_does_not_do_are_not_named(tmp_path: Path) -> None:
    line = "1,初二,女,160,50,3000,8.2,10,40,180,/,不测,225\n"
    result, rows = run(tmp_path, "fitness --reasons", FITNESS + line)
    assert result.exit_code == 0, result.output
    assert rows[0]["state"] == "scored"


VISION = "id,birth_date,check_date,va_right,va_left,sphere_right,cylinder_right,sphere_left,cylinder_left,ortho_k\n"


def test_vision_reads_days_as_people_write_them_and_names_the_others(tmp_path: Path) -> None:
    eyes = "4.9,5.0,-0.75,0,0,0"
    text = VISION + (
        f"a,2015年9月1日,2025/9/1,{eyes},\n"
        f"b,42248,45901,{eyes},\n"
        f"c,2015-09-31,2025-09-01,{eyes},\n"
        f"d,2015-09-01,2025-09-01,好,5.0,-0.75,0,0,0,\n"
        f"e,2015-09-01,2025-09-01,０.８,5.0,-0.75,0,0,0,\n"
        f"f,2015-09-01,2025-09-01,{eyes},也许\n"
        f"g,2015-09-01,2025-09-01,,5.0,-0.75,0,0,0,\n"
        f"h,2015-09-01,2025-09-01,4.9,5.0,-75,0,0,0,\n"
    )
    result, rows = run(tmp_path, "vision", text)
    assert result.exit_code == 1, result.output
    assert [row["state"] for row in rows][:2] == ["screened", "screened"]
    assert rows[0] | {"id": ""} == rows[1] | {"id": ""}
    assert rows[2]["reason"] == "birth_date:not_a_date"
    states = ["unreadable", "unreadable", "out_of_range", "screened", "missing_acuity", "out_of_range"]
    assert [row["state"] for row in rows[2:]] == states
    assert [row["screening_myopia"] for row in rows] == ["true", "true", "", "", "", "true", "", ""]
    assert rows[2]["low_acuity"] == ""
    assert [rows[n]["reason"] for n in (3, 4, 5, 7)] == [
        "va_right:unreadable", "va_right:out_of_range", "ortho_k:unreadable", "sphere_right:out_of_range",
    ]  # fmt: skip
    for words in (
        "第 4 行，列 birth_date：没有「2015-09-31」这一天；是不是 2015-09-30", "第 5 行，列 va_right：「好」不是数",
        "第 6 行，列 va_right：「０.８」不在 3–5.3 之间；是不是 小数记录（--notation decimal）", "第 7 行，列 ortho_k：不认得「也许」", "是不是 -0.75",
    ):  # fmt: skip
        assert words in result.output


def test_vision_says_nothing_of_a_child_whose_age_or_lenses_could_not_be_read(tmp_path: Path) -> None:
    """Clear readings and an unread cell: the rule may not apply, so neither yes nor no."""
    text = (
        "id,age_months,va_right,va_left,sphere_right,cylinder_right,sphere_left,cylinder_left,ortho_k,cycloplegia\n"
        + (
            "a,120,5.0,5.0,0,0,0,0,,\n"
            "b,十岁,5.0,5.0,0,0,0,0,,\n"
            "c,120,5.0,5.0,0,0,0,0,晚上,\n"
            "d,120,5.0,5.0,0,0,0,0,,滴了药\n"
            "e,-3,5.0,5.0,0,0,0,0,,\n"
            "f,120,4.8,5.0,-1,0,0,0,晚上,\n"
            "g,十岁,4.8,5.0,-1,0,0,0,,\n"
            "h,120,4.8,5.0,-1,0,0,0,,滴了药\n"
        )
    )
    result, rows = run(tmp_path, "vision", text)
    assert result.exit_code == 1
    assert [row["screening_myopia"] for row in rows] == ["false", "", "", "", "", "true", "", ""]
    assert [row["state"] for row in rows] == [
        "screened",
        *["unreadable"] * 4,
        "screened",
        *["unreadable"] * 2,
    ]


def test_faults_are_written_down_whole_and_folded_on_the_screen(tmp_path: Path) -> None:
    text = GROWTH + "".join(f"{n},m,400,x{n},76,l,n\n" for n in range(50))
    faults = tmp_path / "faults.csv"
    result, _ = run(tmp_path, "growth", text, "--faults", str(faults))
    assert result.exit_code == 1
    assert "另有 30 处" in result.output
    assert "weight_kg 50 处" in result.output
    assert result.output.count("列 weight_kg") == 20
    rows = list(csv.DictReader(io.StringIO(faults.read_text("utf-8-sig"))))
    assert [row["行"] for row in rows] == [str(n) for n in range(2, 52)]
    assert rows[7]["原文"] == "x7"
    assert faults.read_bytes().startswith(b"\xef\xbb\xbf")


def test_rows_are_counted_over_blocks_and_blank_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 200)
    text = (
        GROWTH
        + "a,m,400,10,76,l,n\n" * 40
        + "\n\r\n"
        + "b,m,400,x,76,l,n\n"
        + "a,m,400,10,76,l,n\n" * 40
        + "c,z,400,10,76,l,n\n"
    )
    result, rows = run(tmp_path, "growth", text)
    assert result.exit_code == 1
    assert len(rows) == 82
    assert "第 44 行，列 weight_kg：「x」" in result.output
    assert "第 85 行，列 sex：不认得「z」" in result.output


@pytest.mark.parametrize("command", ["growth", "fitness", "vision"])
def test_a_csv_has_a_mark_for_excel_unless_told_not_to(tmp_path: Path, command: str) -> None:
    text = {"growth": GROWTH + "张三,m,400,10,76,l,n\n",
        "fitness": FITNESS + BOY.format(id="张三", grade="初一", sex="男", time="225"),
            "vision": VISION + "张三,2015-09-01,2025-09-01,4.9,5.0,-0.75,0,0,0,\n"}[command]  # fmt: skip
    assert run(tmp_path, command, text)[0].exit_code == 0
    marked = (tmp_path / "out.csv").read_bytes()
    assert run(tmp_path, command, text, "--no-bom")[0].exit_code == 0
    plain = (tmp_path / "out.csv").read_bytes()
    assert marked == b"\xef\xbb\xbf" + plain
    assert "张三".encode() in plain


def table_with(identity: pa.Array) -> pa.Table:
    return pa.table(
        {
            "id": identity,
            "sex": ["m"] * len(identity),
            "age_days": [400.0] * len(identity),
            "weight_kg": [10.0] * len(identity),
        }
    )


def through_parquet(tmp_path: Path, table: pa.Table) -> tuple[Result, list[Any]]:
    pq.write_table(table, tmp_path / "in.parquet")
    out = tmp_path / "out.parquet"
    result = CliRunner().invoke(score, ["growth", str(tmp_path / "in.parquet"), str(out)])
    return result, pq.read_table(out)["id"].to_pylist() if out.exists() else []


def test_identities_in_floats_are_read_only_where_exact(tmp_path: Path) -> None:
    result, ids = through_parquet(tmp_path, table_with(pa.array([123.0, None, 7.0])))
    assert result.exit_code == 0, result.output
    assert ids == ["123", None, "7"]
    assert "编号的写法改正了 2 处" in result.output
    for wrong in (1.42625199001011e17, 1.5):
        result, _ = through_parquet(tmp_path, table_with(pa.array([7.0, wrong])))
        assert result.exit_code == 2
        assert "第 3 行，列 id" in result.output


def test_width_and_blanks_of_identities_are_put_right_and_told(tmp_path: Path) -> None:
    result, rows = run(
        tmp_path,
        "growth",
        GROWTH + "Ａ１,m,400,10,76,l,n\n 007 ,m,400,10,76,l,n\n11010519491231002x,m,400,10,76,l,n\n",
    )
    assert result.exit_code == 0, result.output
    assert [row["id"] for row in rows] == ["A1", "007", "11010519491231002X"]
    assert "编号的写法改正了 3 处" in result.output


def test_infinite_numbers_of_a_file_are_no_numbers(tmp_path: Path) -> None:
    text = GROWTH + "".join(
        f"{n},m,400,{cell},76,l,n\n" for n, cell in enumerate(["inf", "-inf", "1e400", "NaN", "nan", "Infinity"])
    )
    result, rows = run(tmp_path, "growth --reasons", text)
    assert result.exit_code == 1
    assert [row["zwei"] for row in rows] == [""] * 6
    assert [int(row["rwei"]) for row in rows] == [10, 10, 10, 5, 5, 10]
    pq.write_table(
        table_with(pa.array(["a", "b"])).set_column(3, "weight_kg", pa.array([10.0, float("inf")])),
        tmp_path / "in.parquet",
    )
    result = CliRunner().invoke(score, ["growth", str(tmp_path / "in.parquet"), str(tmp_path / "o.parquet")])
    assert result.exit_code == 1
    assert "第 3 行，列 weight_kg" in result.output


def test_timestamps_of_utc_midnights_in_china_are_chinas_days(tmp_path: Path) -> None:
    check = datetime.datetime(2025, 8, 31, 16, tzinfo=datetime.UTC)
    table = pa.table({
        "id": ["a"], "birth_date": [datetime.date(2019, 9, 1)],
        "check_date": pa.array([check], pa.timestamp("us", "UTC")),
        "va_right": [4.8], "va_left": [5.0], "sphere_right": [-1.0], "cylinder_right": [0.0], "sphere_left": [0.0],
        "cylinder_left": [0.0],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "in.parquet")
    assert (
        CliRunner().invoke(score, ["vision", str(tmp_path / "in.parquet"), str(tmp_path / "o.parquet")]).exit_code == 0
    )
    assert pq.read_table(tmp_path / "o.parquet")["state"].to_pylist() == ["screened"]


def test_an_unread_age_is_not_replaced_by_another_column(tmp_path: Path) -> None:
    """Two columns may say the age: a blank cell gives way to the other one, an unread cell does not."""
    head = "id,sex,age_days,age_months,weight_kg,lenhei_cm\n"
    text = head + "a,m,400,,10,76\nb,m,,13.2,10,76\nc,m,四百,13.2,10,76\nd,m,400,十三,10,76\n"
    result, rows = run(tmp_path, "growth", text)
    assert result.exit_code == 1
    assert [bool(row["zwei"]) for row in rows] == [True, True, False, True]
    result, rows = run(tmp_path, "growth --standard wst423", text)
    assert [bool(row["wst423_wei"]) for row in rows] == [True, True, True, False]
    eyes = "4.8,4.8,-1,0,-1,0"
    head = (
        "id,age_months,birth_date,check_date,va_right,va_left,sphere_right,cylinder_right,sphere_left,cylinder_left\n"
    )
    text = head + f"a,,2020-09-01,2025-09-01,{eyes}\nb,五岁,2020-09-01,2025-09-01,{eyes}\n"
    _, rows = run(tmp_path, "vision", text)
    assert [row["refer_acuity"] for row in rows] == ["true", ""]
