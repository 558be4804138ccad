"""Packs made to hurt: each gets its fault with file and fix, quickly and without a crash; none is passed over in
silence."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_bad_packs import HEALTH, VACCINATION

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.new_pack import new_pack
from qingmiao.content.yaml_source import MOST_REPEATED, read_yaml

Spoil = Callable[[Path], object]


def write(name: str, content: str | bytes) -> Spoil:
    """Put a file into the pack."""

    def spoil(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    return spoil


def change(name: str, old: str, new: str) -> Spoil:
    def spoil(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), "utf-8")

    return spoil


def extends(what: str) -> Spoil:
    return change("pack.toml", "extends = []", f"extends = {what}")


def link(name: str, target: str) -> Spoil:
    return lambda root: (root / name).symlink_to(target)


def folder(name: str) -> Spoil:
    def spoil(root: Path) -> None:
        (root / name).unlink(missing_ok=True)
        (root / name).mkdir()

    return spoil


def file_for_folder(root: Path) -> None:
    shutil.rmtree(root / "indicators")
    (root / "indicators").write_text("x")


def bomb(opening: str, closing: str, part: str) -> str:
    """Nine levels, each ten times the one before: 10⁹ values."""
    names = "abcdefghij"
    rows = [f"a: &a {opening}{part}{closing}"]
    for before, name in pairwise(names):
        inner = ", ".join(f"k{i}: *{before}" if opening == "{" else f"*{before}" for i in range(10))
        rows.append(f"{name}: &{name} {opening}{inner}{closing}")
    return "\n".join(rows)


VALUE = "value: 5.3"
CASES: dict[str, tuple[Spoil, str, str]] = {
    # name: (what is done to the starter pack, code of the fault, part of it)
    "extends itself": (extends('["."]'), "extends_circle", "pack.toml:6"),
    "extends a file": (extends('["pack.toml"]'), "no_pack", "extends"),
    "extends a path with NUL": (extends('["a\\u0000b"]'), "wrong_value", "../china"),
    "extends a path too long": (extends(f'["{"x" * 5000}"]'), "no_pack", "extends"),
    "extends a text": (extends('"../china"'), "wrong_type", "列表"),
    "extends numbers": (extends("[1, {a = 2}]"), "wrong_type", "列表"),
    "a head in GBK": (write("pack.toml", 'id = "甲"'.encode("gbk")), "encoding", "UTF-8"),
    "a head nested deep": (write("pack.toml", "x = " + "[" * 5000 + "]" * 5000), "toml_syntax", "太深"),
    "a head of a thousand dots": (write("pack.toml", ".".join("a" * 20000) + " = 1"), "too_large", "16000"),
    "a head with a huge number": (write("pack.toml", "n = " + "9" * 6000), "toml_syntax", "TOML"),
    "a head with a key twice": (
        change("pack.toml", "extends = []", 'extends = []\nid = "again"'), "toml_syntax", "pack.toml:7"),
    "a head of wrong types": (write("pack.toml", 'id = 5\ntitle = ["a"]\nversion = "1"'), "wrong_type", "文字"),
    "an alias bomb of lists": (write("codes/b.yaml", bomb("[", "]", "x")), "yaml_syntax", str(MOST_REPEATED)),
    "an alias bomb of maps": (write("codes/b.yaml", bomb("{", "}", "k: x")), "yaml_syntax", str(MOST_REPEATED)),
    "an alias of itself": (write("codes/b.yaml", "a: &a [*a]"), "yaml_syntax", "引用了自己"),
    "a merge key": (write("codes/b.yaml", "b: &b {id: x}\n<<: *b"), "yaml_syntax", "<<"),
    "brackets nested deep": (write("codes/b.yaml", "[" * 100_000), "yaml_syntax", "嵌套"),
    "blocks nested deep": (write("codes/b.yaml", "\n".join(" " * i + "a:" for i in range(900))), "yaml_syntax", "嵌套"),
    "dashes nested deep": (write("codes/b.yaml", "- " * 100_000 + "a"), "yaml_syntax", "嵌套"),
    "several documents": (write("codes/b.yaml", "a: 1\n---\nb: 2"), "yaml_syntax", ":2"),
    "a tag that would call Python": (
        write("codes/b.yaml", 'a: !!python/object/apply:os.system ["true"]'), "yaml_syntax", "标签"),
    "a key that is a list": (write("codes/b.yaml", "? [a, b]\n: 1"), "unknown_key", "文字"),
    "tabs": (write("codes/b.yaml", "a:\n\tb: 1"), "yaml_syntax", "Tab"),
    "control characters": (write("codes/b.yaml", b"a: 1\nb: \x00\x01"), "yaml_syntax", ":2"),
    "UTF-16": (write("codes/b.yaml", "a: 甲".encode("utf-16")), "encoding", "UTF-8"),
    "GBK in the third line": (write("codes/b.yaml", b"a: 1\nb: 2\nc: \xbc\xd7"), "encoding", ":3"),
    "a file too large": (write("references/r.yaml", b"#" * 4_000_001), "too_large", "拆"),
    "an empty file": (write("codes/b.yaml", "---\n"), "empty_file", "空"),
    "entries that are nothing": (write("codes/b.yaml", "- null\n- 5\n- []"), "wrong_type", "空的"),
    "not a number": (change(HEALTH, VALUE, "value: .nan"), "out_of_range", "数"),
    "infinite": (change(HEALTH, VALUE, "value: -.inf"), "out_of_range", "数"),
    "1.0e+400": (change(HEALTH, VALUE, "value: 1.0e+400"), "out_of_range", "数"),
    "1e400": (change(HEALTH, VALUE, "value: 1e400"), "wrong_type", "数"),
    "five thousand digits": (change(HEALTH, VALUE, f"value: {'9' * 5000}"), "wrong_type", "数"),
    "a huge hexadecimal": (change(VACCINATION, "decimals: 1", f"decimals: 0x{'f' * 5000}"), "wrong_type", "整数"),
    "a number to base sixty": (change(HEALTH, VALUE, "value: 190:20"), "wrong_type", "190:20"),
    "a truth value for a number": (change(HEALTH, VALUE, "value: true"), "wrong_type", "true"),
    "a quoted number": (change(HEALTH, VALUE, 'value: "5.3"'), "wrong_type", "数"),
    "a share over zero": (change(HEALTH, VALUE, "cut: 1/0"), "wrong_form", "1/0"),
    "infinite thresholds": (write("policy.yaml", "likely: .inf\nmad_limit: .nan\n"), "out_of_range", "policy.yaml:2"),
    "no day of the calendar": (
        write("leads/leads.yaml", "- {of: health.g1, lead: office, valid_from: 2021-02-30, evidence: local}"),
        "wrong_type", "日期"),
    "a text for a list": (change(VACCINATION, "implements: [T02]", "implements: T02"), "wrong_type", "[T02]"),
    "lists and maps mixed up": (
        write(HEALTH, "id: health\norder: x\nlabel: 5\ntitle: [a]\ngoals: {a: 1}\nmeasures: text\n"), "wrong_type",
        "goals"),
    "a folder that links up": (link("indicators/up", ".."), "not_a_file", "链接"),
    "a file that links to itself": (link("indicators/self.yaml", "self.yaml"), "not_a_file", "self.yaml"),
    "a link to nowhere": (link("indicators/gone.yaml", "nowhere"), "not_a_file", "gone.yaml"),
    "a link to a device": (link("indicators/zero.yaml", "/dev/zero"), "not_a_file", "zero.yaml"),
    "a pipe": (lambda root: os.mkfifo(root / "indicators/pipe.yaml"), "not_a_file", "pipe.yaml"),
    "a folder for a file": (folder("policy.yaml"), "not_a_file", "文件夹"),
    "a folder for the plan": (folder("plan/plan.yaml"), "not_a_file", "文件夹"),
    "a file for a folder": (file_for_folder, "not_a_file", "indicators.yaml"),
    "a file that is not YAML": (write("indicators/x.yaml.txt", "id: x"), "unknown_file", ".yaml"),
    "a name that is no UTF-8": (lambda root: (root / os.fsdecode(b"codes/\xff.yaml")).parent.mkdir(exist_ok=True)
        or (root / os.fsdecode(b"codes/\xff.yaml")).write_text("x: 1"), "missing_key", "id"),
    "terminal codes in a key": (write("codes/b.yaml", '"\\e[31mred": 1'), "unknown_key", "�[31mred"),
    "format codes in a key": (write("codes/b.yaml", '"{0.__class__} {x!r}": 1'), "unknown_key", "{0.__class__}"),
    "units in a circle": (
        write("organisations/organisations.yaml",
              '- {id: office, label: {zh: a}, kind: group, area: "990001", parent: health_bureau}\n'
              '- {id: health_bureau, label: {zh: b}, kind: group, area: "990001", parent: office}\n'),
        "circle", "office → health_bureau → office"),
    "codes in a circle": (
        write("codes/c.yaml", "id: c\nlabel: {zh: c}\nitems:\n"
              "  - {code: a, label: {zh: a}, parent: b}\n  - {code: b, label: {zh: b}, parent: a}\n"), "circle",
              "a → b → a"),
    "a code's parent missing": (
        write("codes/c.yaml", "id: c\nlabel: {zh: c}\nitems: [{code: a, label: {zh: a}, parent: z}]\n"), "dangling_id",
        "z"),
    "goals in a circle": (
        change(HEALTH, 'number: "1"', 'number: "1"\n    parent: health.g1'), "circle", "health.g1 → health.g1"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_pack_gets_its_fault(name: str, tmp_path: Path) -> None:
    spoil, code, part = CASES[name]
    root = tmp_path / "pack"
    new_pack(root)
    spoil(root)
    result = CliRunner().invoke(main, ["check", str(root)])
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    told = [str(f) for f in check_path(root)[1] if f.code == code]
    assert any(part in text for text in told), (told, result.output[:2000])


def test_packs_that_extend_each_other(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        new_pack(tmp_path / name)
        extends(f'["../{other}"]')(tmp_path / name)
    codes = [f.code for f in check_path(tmp_path / "one")[1]]
    assert "extends_circle" in codes


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_marks_and_line_endings_of_editors_are_no_fault(ending: str, mark: bytes, tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    for path in [*root.rglob("*.yaml"), root / "pack.toml"]:
        # TOML knows no bare CR
        end = "\n" if path.suffix == ".toml" and ending == "\r" else ending
        path.write_bytes(mark + path.read_bytes().replace(b"\n", end.encode()))
    assert check_path(root)[1] == []


def test_a_file_that_may_not_be_read_is_a_fault_with_its_name() -> None:
    """As an ordinary user: the superuser may read everything."""
    root = Path(tempfile.mkdtemp()) / "pack"
    try:
        new_pack(root)
        assert check_path(root)[1] == []
        for path in (root.parent, *root.parent.rglob("*")):
            path.chmod(0o755)
        (root / VACCINATION).chmod(0)
        (root / "returns").chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            faults = check_path(root)[1]
        finally:
            os.seteuid(user)
        told = {Path(f.file).name for f in faults if f.code == "unreadable"}
        assert told == {"vaccination.yaml", "returns"}
    finally:
        shutil.rmtree(root.parent)


def test_words_that_look_like_numbers_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("[no, on, 010, 1_000, 12:30, 0x1F, 1e5, '5', 5, 5.5, -1, .5, true, ~, 2024-01-31]", "utf-8")
    data = read_yaml(path, "x").data
    assert data[:8] == ["no", "on", "010", "1_000", "12:30", "0x1F", "1e5", "5"]
    assert data[8:14] == [5, 5.5, -1, 0.5, True, None]
    assert str(data[14]) == "2024-01-31"
    assert not isinstance(data[14], str)


def test_a_small_alias_is_written_out_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: &s {document: 甲}\nb: *s\n", "utf-8")
    document = read_yaml(path, "x")
    assert document.faults == []
    assert document.data["b"] == {"document": "甲"}
    assert document.line(("b", "document")) == 2
