"""The main job end to end on the starter pack: what it writes, that it writes all or nothing, and the way back."""

from __future__ import annotations

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
    with path.open(encoding="utf-8", newline="") as file:
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
    assert [(v["area"], v["sex"], v["numerator"], v["denominator"]) for v in total] == [
        ("990001", "", "6", "1450")
    ]
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
    group = run(
        "explain", "health.vaccination", "--area", "990001", "--year", "2024", "--by", "sex=F", "--run", out
    )
    assert "第 3 行" in group.output
    assert "第 2 行" not in group.output


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("explain", "health.nothing", "--area", "990001", "--year", "2024"), "没有指标"),
        (("explain", "health.vaccination", "--area", "1", "--year", "2024"), "1"),
        (("explain", "health.vaccination", "--area", "990001", "--year", "2024", "--by", "sex"), "sex=F"),
    ],
)
def test_explain_says_what_is_not_there(
    root: Path, tmp_path: Path, words: tuple[str, ...], part: str
) -> None:
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
