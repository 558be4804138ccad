"""``qingmiao score growth``: files in, files out, and wrong files refused whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from qingmiao.cli.score import score
from qingmiao.standards import csv_files
from qingmiao.standards.growth.norms import NORMS

SAMPLES = Path(__file__).parent / "growth_samples"
HEAD = "id,sex,age_days,weight_kg\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(score, ["growth", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(("standard", "name"), [("who2006", "who_anthro_sample"), ("who2007", "who_anthroplus_sample")])
def test_sample_through_files(tmp_path: Path, standard: str, name: str, kind: str) -> None:
    source = SAMPLES / f"{name}.csv"
    if kind == "parquet":
        source = tmp_path / "in.parquet"
        pq.write_table(pacsv.read_csv(SAMPLES / f"{name}.csv"), source)
    out = tmp_path / f"out.{kind}"
    result = run("--standard", standard, source, out)
    assert result.exit_code == 0, result.output
    written = pacsv.read_csv(out) if kind == "csv" else pq.read_table(out)
    expected = pacsv.read_csv(SAMPLES / f"{name}.csv")
    assert written.column_names == ["id", *(column for column, _ in NORMS[standard].outputs)]
    for column in written.column_names:
        got = [None if v is None else float(v) for v in written[column].to_pylist()]
        want = [None if v is None else float(v) for v in expected[column].to_pylist()]
        assert got == pytest.approx(want, abs=1e-6), column
    assert sorted(path.name for path in tmp_path.iterdir() if path != source) == [out.name]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["空"]),
        (HEAD.encode(), ["没有数据行"]),
        (f"{HEAD}1,m,100,5\n2,m,100\n".encode(), ["第 3 行"]),
        (b"id,age_days,weight_kg\n1,100,5\n", ["缺少列 sex"]),
        (b"id,sex,weight_kg\n1,m,5\n", ["age_days", "age_months"]),
        (b"id,sex,age_days\n1,m,5\n", ["weight_kg"]),
        (b"id,sex,age_days,age_days,weight_kg\n1,m,5,5,5\n", ["age_days", "两次"]),
        (f"{HEAD}caf\xe9,m,100,5\n".encode("latin-1"), ["GBK", "UTF-8"]),
        (b"id;sex;age_days;weight_kg\n1;m;100;5\n", ["';'", "逗号"]),
        (f"{HEAD}1,m,100,5\n".encode("utf-16"), ["UTF-16"]),
        (b"PK\x03\x04 an xlsx", ["Excel"]),
        (f"{HEAD}a,m,100,5\n1.42625E+17,m,100,5\n".encode(), ["第 3 行", "id", "1.42625E+17", "科学计数法"]),
        (f"{HEAD}123.0,m,100,5\n".encode(), ["第 2 行", "id", "123.0", "是不是 123"]),
        (f"{HEAD}142625199001010000,m,100,5\n".encode(), ["第 2 行", "id", "第 15 位以后全是 0"]),
    ],
)
def test_wrong_file_is_refused_whole(tmp_path: Path, content: bytes, words: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    result = run("--standard", "who2006", source, tmp_path / "out.csv")
    assert result.exit_code == 2
    assert [word for word in words if word not in result.output] == []
    assert "in.csv" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_error_late_in_a_file_leaves_the_old_output_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1000)
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(HEAD + "1,m,100,5\n" * 1000 + "2,m,100\n")
    out.write_text("old")
    result = run(source, out)
    assert result.exit_code == 2
    assert "第 1002 行" in result.output
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize("name", ["in.txt", "absent.csv"])
def test_unknown_extension_and_absent_file(tmp_path: Path, name: str) -> None:
    if name == "in.txt":
        (tmp_path / name).write_text("x")
    assert run(tmp_path / name, tmp_path / "out.csv").exit_code == 2


def test_ids_come_back_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        '\ufeffid,sex,age_days,weight_kg\n007,m,100,6\n"a,b",男,100,6\n"say ""hi""",f,,6\n', "utf-8"
    )
    assert run(tmp_path / "in.csv", tmp_path / "out.parquet").exit_code == 0
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == ["007", "a,b", 'say "hi"']
    assert run(tmp_path / "in.csv", tmp_path / "out.csv").exit_code == 0
    ids = pacsv.read_csv(tmp_path / "out.csv", convert_options=pacsv.ConvertOptions(column_types={"id": pa.string()}))[
        "id"
    ]
    assert ids.to_pylist() == ["007", "a,b", 'say "hi"']


@pytest.mark.parametrize("standard", sorted(NORMS))
def test_columns_lists_every_column(standard: str) -> None:
    result = run("--standard", standard, "--columns")
    assert result.exit_code == 0
    for field in NORMS[standard].fields:
        assert field.name in result.output
    for name, _ in NORMS[standard].outputs:
        assert name in result.output


def test_reasons_are_written_on_request(tmp_path: Path) -> None:
    assert run("--reasons", SAMPLES / "who_anthro_sample.csv", tmp_path / "out.csv").exit_code == 0
    assert pacsv.read_csv(tmp_path / "out.csv")["rlen"].null_count == 0


@pytest.mark.parametrize("standard", sorted(NORMS))
def test_every_standard_scores_a_file(tmp_path: Path, standard: str) -> None:
    (tmp_path / "in.csv").write_text(
        "id,sex,age_months,weight_kg,lenhei_cm,headc_cm,gestation_weeks,birth_weight_g\n"
        "a,f,90,25,120,50,36,2300\nb,m,30,13,92,48,40,3300\nc,1.0,,,,,,\n"
    )
    assert run("--standard", standard, tmp_path / "in.csv", tmp_path / "out.parquet").exit_code == 0
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row.pop("id") for row in rows] == ["a", "b", "c"]
    assert set(rows[0]) == {name for name, _ in NORMS[standard].outputs}
    scored = [sum(value is not None for value in row.values()) for row in rows]
    assert max(scored[:2]) > scored[2]
