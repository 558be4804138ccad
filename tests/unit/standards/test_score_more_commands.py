"""``qingmiao score fitness | vision | immunisation``: files in, files out, wrong files named in Chinese."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from qingmiao.cli.score import score
from qingmiao.standards import fitness, immunisation, vision

FITNESS = "id,grade,sex,height_cm,weight_kg,vital_capacity,run_50m,sit_reach,rope_skipping_1min\n"
VISION = "id,age_months,va_right,va_left,sphere_right,cylinder_right,sphere_left,cylinder_left\n"
IMMUNISATION = "id,birth_date,sex,vaccine,dose,date\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(score, [str(word) for word in words])


def test_fitness_sheet(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(FITNESS + "001,P1,M,120,22,1700,10.2,16.1,111\n002,P1,F,120,22,,11,16,100\n", encoding="utf-8")
    result = run("fitness", source, target)
    assert result.exit_code == 0, result.output
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].split(",")[:3] == ["id", "bmi", "score_bmi"]
    assert lines[0].endswith("bonus,total,level")
    assert lines[1].startswith("001,15.3,100,100,100,100,100,")
    assert lines[1].endswith(",1,101,excellent")
    assert lines[2].endswith(",0,,")


def test_fitness_csv_and_parquet_agree(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(FITNESS + "001,P1,M,120,22,1700,10.2,16.1,111\n", encoding="utf-8")
    assert run("fitness", "--reasons", source, tmp_path / "out.parquet").exit_code == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["id", *fitness.output_columns()]
    assert table["total"].to_pylist() == [101.0]
    assert table["reason_pull_ups"].to_pylist() == ["not_tested"]


def test_vision_sheet_in_decimal_notation(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(VISION + "1,100,0.8,1.0,-1,0,0,0\n2,100,1.0,1.0,,,,\n", encoding="utf-8")
    assert run("vision", "--notation", "decimal", source, target).exit_code == 0
    table = pacsv.read_csv(target)
    assert table["screening_myopia"].to_pylist() == [True, None]
    assert table["state"].to_pylist() == ["screened", "missing_refraction"]
    assert table["worse_acuity"].to_pylist() == [4.9, 5.0]


def test_immunisation_on_a_day(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        IMMUNISATION + "1,2025-01-31,M,HepB,1,2025-01-31\n2,2025-01-31,F,,,\n1,2025-01-31,M,XYZ,,2025-02-01\n"
    )
    result = run("immunisation", "--on", "2025-03-01", source, target)
    assert result.exit_code == 1, "a vaccine was not understood"
    assert "第 4 行，列 vaccine：「XYZ」不是认得的疫苗" in result.output
    assert "没有读懂的：vaccine 1 处" in result.output
    table = pacsv.read_csv(target)
    assert table.num_rows == 2 * 31, "the output is whole all the same"
    rows = [row for row in table.to_pylist() if (row["vaccine"], row["dose"]) == ("HepB", 1)]
    assert [row["state"] for row in rows] == ["given_valid", "overdue"]
    later = [row["state"] for row in table.to_pylist() if (row["vaccine"], row["dose"]) == ("BCG", 1)]
    assert later == ["missing", "due"], "the unread vaccine may have been BCG"
    assert run("immunisation", source, target).exit_code == 2


def test_immunisation_names_every_cell_it_did_not_understand(tmp_path: Path) -> None:
    """Trial case 11: Chinese days and names, an Excel serial and full width are read; 31 September is named."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    cells = [
        ("a", "MMR", "2025年9月10日"),
        ("b", "MMR", "45910"),
        ("c", "MMR", "2025-09-31"),
        ("d", "ＭＭＲ", "２０２５．９．１０"),
        ("e", "麻腮风", "2025/9/10"),
        ("f", "麻腮风疫", "20250910"),
        ("g", "麻腮风疫苗", ""),
    ]
    lines = [f"{name},2025-01-10,M,{vaccine},第一剂,{date}\n" for name, vaccine, date in cells]
    source.write_text(IMMUNISATION + "".join(lines), encoding="utf-8")
    result = run("immunisation", "--on", "2026-08-01", source, target)
    assert result.exit_code == 1
    assert "第 4 行，列 date：没有「2025-09-31」这一天；是不是 2025-09-30？" in result.output
    assert "第 7 行，列 vaccine：「麻腮风疫」不是认得的疫苗；是不是 MMR" in result.output
    assert "第 8 行，列 date：写了疫苗「麻腮风疫苗」，没有写接种日期" in result.output
    assert "没有读懂的：date 2 处，vaccine 1 处" in result.output
    rows = [row for row in pacsv.read_csv(target).to_pylist() if (row["vaccine"], row["dose"]) == ("MMR", 1)]
    given, unknown = "given_valid", "missing"
    assert [row["state"] for row in rows] == [given, given, unknown, given, given, unknown, unknown]
    source.write_text(IMMUNISATION + "".join(lines[:2]), encoding="utf-8")
    assert run("immunisation", "--on", "2026-08-01", source, target).exit_code == 0


def test_immunisation_names_rows_in_every_column_and_past_blank_lines(tmp_path: Path) -> None:
    source, target, faults = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "faults.csv"
    rows = [
        "1,2025-01-10,男生,HepB,1,2025-01-10",
        "",
        "1,2025-01-11,M,HepB,1,2025-02-10",
        ",2025-01-11,M,HepB,1,2025-02-10",
        "2,2025-01-10,M,,1,2025-02-10",
        "3,2025-01-10,X,乙脑,x,2025-10-10",
    ]
    source.write_text(IMMUNISATION + "\n".join(rows) + "\n", encoding="utf-8")
    result = run("immunisation", "--on", "2026-08-01", "--faults", faults, source, target)
    assert result.exit_code == 1
    for words in (
        "第 2 行，列 birth_date：编号 1 的各行出生日期不一样（2025-01-10、2025-01-11）",
        "第 5 行，列 id：没有编号",
        "第 6 行，列 vaccine：写了接种日期或剂次，没有写疫苗",
        "第 7 行，列 sex：不认得「X」",
        "第 7 行，列 vaccine：「乙脑」分不清是哪一种疫苗；是不是 JE-L 或 JE-I？",
        "第 7 行，列 dose：「x」不是第几剂",
    ):
        assert words in result.output, result.output
    assert len(faults.read_text(encoding="utf-8-sig").splitlines()) == 1 + 6
    states = {(row["id"], row["vaccine"], row["dose"]): row["state"] for row in pacsv.read_csv(target).to_pylist()}
    assert len(states) == 3 * 31
    assert {states[1, "HepB", 1], states[2, "HepB", 1], states[3, "JE-L", 1]} == {"missing"}
    assert states[3, "HepB", 1] == "overdue"


@pytest.mark.parametrize(
    ("command", "text", "words"),
    [
        (("fitness",), "id,grade\n1,P1\n", ["缺少列 sex"]),
        (("vision",), "id,va_right\n1,5.0\n", ["va_left"]),
        (("immunisation", "--on", "2025-01-01"), "id,birth_date,vaccine\n1,2025-01-01,\n", ["缺少列 date"]),
        (("immunisation", "--on", "2025-01-01"), IMMUNISATION, ["没有数据行"]),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, command: tuple[str, ...], text: str, words: list[str]) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, encoding="utf-8")
    result = run(*command, source, target)
    assert result.exit_code == 2
    assert all(word in result.output for word in words), result.output
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("command", ["fitness", "vision", "immunisation"])
def test_columns_lists_every_column(command: str) -> None:
    result = run(command, "--columns")
    known = {
        "fitness": fitness.input_columns(),
        "vision": vision.sheet.INPUT_COLUMNS,
        "immunisation": immunisation.sheet.INPUT_COLUMNS,
    }[command]
    assert result.exit_code == 0
    assert all(name in result.output for name in known)
