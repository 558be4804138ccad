"""``qingmiao compare``: only differences are told, a file of marks holds nothing personal, another key gives
nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.identity.marks import ListVerdict
from qingmiao.identity.numbers import check_character

NUMBER = "79010120190305002" + check_character("79010120190305002")
OTHER = "79010120190305004" + check_character("79010120190305004")
HOUSEHOLD = f"""record_id,name,sex,birth_date,id_number
h1,张雨桐,女,2019-03-05,{NUMBER}
h2,李浩,男,2018-01-02,
h3,王芳,女,2018-05-06,
h4,闫丽,女,2017-07-08,
h5,赵敏,女,2019-03-05,{OTHER}
h6,没有生日,女,,
"""
ROLL = f"""record_id,name,sex,birth_date,id_number
s1,张 雨桐,F,20190305,
s2,李皓,1,2018/1/2,
s4,阎丽,女,2017年7月8日,
s5,赵敏,女,2019-03-05,{NUMBER}
s9,钱四,男,2017-01-01,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "household.csv").write_text(HOUSEHOLD, "utf-8")
    (tmp_path / "roll.csv").write_text(ROLL, "utf-8")
    assert run("--new-key", tmp_path / "key")[0] == 0
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["compare", *(str(a) for a in arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def told(path: Path) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["record_id"], row["list"]): row["result"] for row in csv.DictReader(file)}


def test_only_what_differs_is_told_each_side_by_its_own_ids(folder):
    assert run(folder / "household.csv", folder / "roll.csv", "--key", folder / "key", "--out", folder / "o")[0] == 0
    assert told(folder / "o" / "household.csv") == {
        ("h2", "roll.csv"): ListVerdict.NAME_DIFFERS,
        ("h3", "roll.csv"): ListVerdict.NO,
        ("h5", "roll.csv"): ListVerdict.NUMBER_DIFFERS,
        ("h6", "roll.csv"): ListVerdict.NOT_COMPARED,
    }
    assert told(folder / "o" / "roll.csv") == {
        ("s2", "household.csv"): ListVerdict.NAME_DIFFERS,
        ("s5", "household.csv"): ListVerdict.PERSON_DIFFERS,
        ("s9", "household.csv"): ListVerdict.NO,
    }


def test_who_is_in_none_of_anothers_list_is_written_as_a_list_of_cases_only_where_it_is_asked(folder):
    lists = (folder / "household.csv", folder / "roll.csv")
    assert run(*lists, "--key", folder / "key", "--out", folder / "o", "--people")[0] == 0
    text = (folder / "o" / "roll.people.csv").read_text("utf-8-sig")
    assert text.split() == ["record_id,name,sex,birth_date,list", "s9,钱四,M,2017-01-01,household.csv"]
    assert run(*lists, "--key", folder / "key", "--out", folder / "plain")[0] == 0
    assert not (folder / "plain" / "roll.people.csv").exists()


def test_three_lists_are_compared_each_with_each(folder):
    (folder / "present.csv").write_text("record_id,name,birth_date\np1,张雨桐,2019-03-05\n", "utf-8")
    lists = [folder / name for name in ("household.csv", "roll.csv", "present.csv")]
    assert run(*lists, "--key", folder / "key", "--out", folder / "o")[0] == 0
    found = told(folder / "o" / "household.csv")
    assert found["h3", "present.csv"] == ListVerdict.NO
    assert ("h1", "present.csv") not in found
    assert told(folder / "o" / "present.csv") == {}


def test_the_file_that_crosses_holds_nothing_personal_and_gives_the_same_answer(folder):
    assert run("--hash", folder / "roll.csv", "--key", folder / "key", "--out", folder / "h")[0] == 0
    crossing = folder / "h" / "roll.hash.csv"
    text = crossing.read_text("utf-8")
    with crossing.open(newline="") as file:
        cells = {cell for row in list(csv.reader(file))[1:] for cell in row if cell}
    assert all(len(cell) == 64 and set(cell) <= set("0123456789abcdef") for cell in cells)
    assert all(personal not in text for personal in ("s1", "张", "雨桐", NUMBER, "roll"))
    assert [p.name for p in (folder / "h").iterdir()] == ["roll.hash.csv"]
    for name, other in (("clear", folder / "roll.csv"), ("marks", crossing)):
        assert run(folder / "household.csv", other, "--key", folder / "key", "--out", folder / name)[0] == 0
    clear, marked = (told(folder / name / "household.csv") for name in ("clear", "marks"))
    assert {row: result for (row, _), result in clear.items()} == {row: result for (row, _), result in marked.items()}
    assert [p.name for p in (folder / "marks").iterdir()] == ["household.csv"]


def test_another_key_gives_nothing(folder):
    assert run("--new-key", folder / "key2")[0] == 0
    for key in ("key", "key2"):
        assert run("--hash", folder / "roll.csv", "--key", folder / key, "--out", folder / key[::-1])[0] == 0
    one, other = ((folder / key[::-1] / "roll.hash.csv").read_text("ascii").splitlines()[1:] for key in ("key", "key2"))
    assert not {c for line in one for c in line.split(",") if c} & {c for line in other for c in line.split(",") if c}
    code, said = run(
        folder / "household.csv", folder / "yek" / "roll.hash.csv", "--key", folder / "key2", "--out", folder / "o"
    )
    assert code == 2
    assert "不是这个密钥" in said
    assert not (folder / "o").exists()


def test_what_cannot_be_compared_is_said(folder):
    key = folder / "key"
    assert "已经有了" in run("--new-key", key)[1]
    assert "两份或三份" in run(folder / "roll.csv", "--key", key, "--out", folder / "o")[1]
    (folder / "sub").mkdir()
    (folder / "sub" / "roll.csv").write_text(ROLL, "utf-8")
    assert "都叫 roll" in run(folder / "roll.csv", folder / "sub" / "roll.csv", "--key", key, "--out", folder / "o")[1]
    key.chmod(0o644)
    assert "chmod 600" in run(folder / "household.csv", folder / "roll.csv", "--key", key, "--out", folder / "o")[1]
    key.chmod(0o600)
    key.write_text("qingmiao-compare-key-1\nabcd\n", "ascii")
    assert "被截断" in run(folder / "household.csv", folder / "roll.csv", "--key", key, "--out", folder / "o")[1]
    assert not (folder / "o").exists()
