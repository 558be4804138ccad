"""The main job end to end on the starter pack: what it writes, that it writes all or nothing, and the way back."""

from __future__ import annotations

import codecs
import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main
from qingmiao.content.new_pack import new_pack

DAY = "2025-03-01"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    new_pack(tmp_path / "pack")
    return tmp_path / "pack"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def monitor(root: Path, out: Path, *more: str) -> Result:
    words = (
        "monitor",
        "--pack",
        root,
        "--data",
        root / "data",
        "--year",
        "2024",
        "--out",
        out,
        "--date",
        DAY,
    )
    return run(*words, "--formats", "none", *more)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_values_assessment_warnings_and_run(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert monitor(root, out).exit_code == 0
    values = rows(out / "values.csv")
    assert list(values[0]) == [
        "indicator",
        "area",
        "year",
        "sex",
        "numerator",
        "denominator",
        "value",
        "obs_status",
    ]
    total = [v for v in values if v["indicator"] == "health.infant_mortality" and v["year"] == "2024"]
    assert [(v["area"], v["sex"], v["numerator"], v["denominator"]) for v in total] == [("990001", "", "6", "1450")]
    assert float(total[0]["value"]) == 6 / 1450 * 1000
    verdicts = {(r["target"], r["area"]): r["attainment"] for r in rows(out / "assessment.csv")}
    assert verdicts["T01", "990001"] == "已达标"
    assert verdicts["T02", "990001"] == "未达标"  # one township is at 1 of 2
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["pack"]["id"] == "pack"
    assert set(record["data"]["files"]) == {"facts/vaccinations.csv", "returns/mch01.csv"}
    assert not list(tmp_path.glob(".*"))


def test_equal_inputs_give_equal_runs(root: Path, tmp_path: Path) -> None:
    monitor(root, tmp_path / "a")
    monitor(root, tmp_path / "b")
    for name in ("values.csv", "values.parquet", "assessment.csv", "warnings.csv", "run.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_bad_data_leave_nothing_and_keep_the_older_run(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    before = (out / "values.csv").read_bytes()
    file = root / "data/facts/vaccinations.csv"
    file.write_text(file.read_text("utf-8").replace("990001201", "990009999"), "utf-8")
    result = monitor(root, out)
    assert result.exit_code == 2
    assert "facts/vaccinations.csv:4" in result.output
    assert "没有这个行政区划代码" in result.output
    assert (out / "values.csv").read_bytes() == before
    assert not list(tmp_path.glob(".out*"))


def test_a_folder_with_other_files_is_not_overwritten(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    assert monitor(root, out).exit_code == 2
    assert [p.name for p in out.iterdir()] == ["thesis.txt"]


def test_a_bad_pack_is_refused_with_its_faults(root: Path, tmp_path: Path) -> None:
    file = root / "indicators/vaccination.yaml"
    file.write_text(file.read_text("utf-8").replace("decimals: 1", "decimals: 99"), "utf-8")
    result = monitor(root, tmp_path / "out")
    assert result.exit_code == 2
    assert "vaccination.yaml" in result.output
    assert not (tmp_path / "out").exists()


def test_killed_at_any_moment_it_leaves_the_older_run_whole(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    words = [
        "-m",
        "qingmiao.cli",
        "monitor",
        "--pack",
        str(root),
        "--data",
        str(root / "data"),
        "--year",
        "2024",
    ]
    for delay in (0.3, 0.9, 1.3, 1.7):
        process = subprocess.Popen(
            [sys.executable, *words, "--out", str(out), "--formats", "none"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert json.loads((out / "run.json").read_text("utf-8"))["year"] == 2024
        assert run("recompute", out).exit_code == 0


def test_explain_goes_back_to_file_and_row(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    told = run("explain", "health.vaccination", "--area", "990001201", "--year", "2024", "--run", out)
    assert told.exit_code == 0, told.output
    assert "facts/vaccinations.csv 第 4 行" in told.output
    assert "facts/vaccinations.csv 第 5 行" in told.output
    cell = run("explain", "health.infant_mortality", "--area", "990001", "--year", "2024", "--run", out)
    assert "returns/mch01.csv" in cell.output
    group = run("explain", "health.vaccination", "--area", "990001", "--year", "2024", "--by", "sex=F", "--run", out)
    assert "第 3 行" in group.output
    assert "第 2 行" not in group.output
    asked = ("explain", "health.vaccination", "--area", "990001", "--year", "2024", "--run", out, "--as-of")
    earlier = run(*asked, "2024-05-01")
    assert earlier.exit_code == 0, earlier.output
    assert "按 2024-05-01 已经登记的数据" in earlier.output
    assert "没有登记日期、按现在的数据：预防接种" in earlier.output
    wrong = run(*asked, "5月1日")
    assert wrong.exit_code == 2
    assert "--as-of「5月1日」不是日期" in wrong.output


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("explain", "health.nothing", "--area", "990001", "--year", "2024"), "没有指标"),
        (("explain", "health.vaccination", "--area", "1", "--year", "2024"), "1"),
        (("explain", "health.vaccination", "--area", "990001", "--year", "2024", "--by", "sex"), "sex=F"),
    ],
)
def test_explain_says_what_is_not_there(root: Path, tmp_path: Path, words: tuple[str, ...], part: str) -> None:
    monitor(root, tmp_path / "out")
    result = run(*words, "--run", tmp_path / "out")
    assert result.exit_code == 2
    assert part in result.output


def test_recompute_is_equal_to_the_last_bit_or_lists_what_differs(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    assert run("recompute", out).exit_code == 0
    file = root / "indicators/vaccination.yaml"
    file.write_text(file.read_text("utf-8").replace('{count: "*"}', "{count: sex}"), "utf-8")
    changed = run("recompute", out)
    assert changed.exit_code == 1
    assert "health.vaccination" in changed.output
    assert run("recompute", tmp_path).exit_code == 2


@pytest.mark.parametrize("name", ["values.csv", "assessment.csv", "warnings.csv"])
def test_csv_files_carry_a_byte_order_mark_unless_told_not_to(root: Path, tmp_path: Path, name: str) -> None:
    monitor(root, tmp_path / "with")
    monitor(root, tmp_path / "without", "--no-bom")
    with_mark, without = ((tmp_path / f / name).read_bytes() for f in ("with", "without"))
    assert with_mark == codecs.BOM_UTF8 + without
    assert not without.startswith(codecs.BOM_UTF8)
    for folder in ("with", "without"):
        assert run("recompute", tmp_path / folder).exit_code == 0


@pytest.mark.parametrize(
    ("name", "was", "now", "told"),
    [
        ("values.csv", ",1450,", ",1451,", "values.csv 第 {line} 行 denominator 列：原为 1451，现为 1450"),
        ("assessment.csv", "未达标", "已达标", "assessment.csv 第 {line} 行 attainment 列：原为 已达标，现为 未达标"),
        ("assessment.csv", "every_area", "at_least", "assessment.csv 第 {line} 行 kind 列：原为 at_least，现为 every_area"),
    ],
)  # fmt: skip
def test_a_hand_edited_csv_is_found_with_row_and_column(
    root: Path, tmp_path: Path, name: str, was: str, now: str, told: str
) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    lines = (out / name).read_bytes().decode("utf-8-sig").split("\n")
    at = next(i for i, line in enumerate(lines) if was in line)
    lines[at] = lines[at].replace(was, now, 1)
    (out / name).write_bytes("\n".join(lines).encode("utf-8-sig"))
    found = run("recompute", out)
    assert found.exit_code == 1
    assert told.format(line=at + 1) in found.output
    assert "共 1 处不同" in found.output


def test_lines_taken_from_or_added_to_a_csv_and_one_saved_again_are_found(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    monitor(root, out)
    text = (out / "values.csv").read_bytes().decode("utf-8-sig")
    lines = text.splitlines(keepends=True)

    def told(data: bytes) -> str:
        (out / "values.csv").write_bytes(data)
        result = run("recompute", out)
        assert result.exit_code == 1
        return result.output

    assert "少了 values.csv：原为 （无）" in told("".join(lines[:-1]).encode("utf-8-sig"))
    added = told((text + "health.x,990001,2024,,1,1,1,A\n").encode("utf-8-sig"))
    assert f"多了 values.csv 第 {len(lines) + 1} 行：原为 health.x,990001" in added
    assert "内容相同，写法不同" in told(text.replace('"', "").replace("\n", "\r\n").encode("utf-8"))
    assert "不是 UTF-8" in told(text.replace("A", "甲").encode("gb18030"))
    (out / "values.csv").unlink()
    assert "应有此文件" in run("recompute", out).output


def test_what_collecting_found_is_part_of_what_is_recomputed(root: Path, tmp_path: Path) -> None:
    """warnings.csv is made of it; a changed file is found, and so is a run that has none."""
    out = tmp_path / "out"
    monitor(root, out)
    file = out / "collected.json"
    file.write_text(file.read_text("utf-8").replace("990001", "990002"), "utf-8")
    assert "文件 collected.json" in run("recompute", out).output
    file.unlink()
    result = run("recompute", out)
    assert result.exit_code == 2
    assert "collected.json" in result.output
