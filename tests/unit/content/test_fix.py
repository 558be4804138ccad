"""`check --fix` writes what is certain, in the lines as they stand, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.fix import fix_pack
from qingmiao.content.new_pack import new_pack

HEALTH = "plan/fields/01-health.yaml"
VACCINATION = "indicators/vaccination.yaml"
FACT = "facts/vaccinations.yaml"
AREAS = "areas/areas.yaml"
LEADS = "leads/leads.yaml"
SEX = "codes/sex.yaml"
UNITS = "organisations/organisations.yaml"

CERTAIN = [
    # (file, as it stands in the good pack, as people wrote it)
    (HEALTH, "kind: at_most", "kind: 不高于"),
    (HEALTH, "kind: at_most", "kind: ≤   # 规划第三章"),
    (HEALTH, "kind: at_most", "kind: AT_MOST"),
    (HEALTH, "value: 90", 'value: "90"'),
    (HEALTH, "value: 90", "value: '90%'"),
    (HEALTH, "value: 90", "value: 90%"),
    (HEALTH, "value: 90", "value: ９０"),
    (HEALTH, "value: 5.3", "value: 5.3‰"),
    (HEALTH, "[keep]", "[保持]"),
    (HEALTH, "kind: at_most", "kind：at_most"),
    (AREAS, "level: county}", "level: 县}"),
    (AREAS, "level: township, parent: \"990001\", attributes: {residence: urban}",
        'level: 乡镇, parent: "990001", attributes: {residence: urban}'),
    (AREAS, 'code: "990001", name', "code: 990001, name"),
    (AREAS, 'parent: "990001", attributes: {residence: rural}', "parent: 990001, attributes: {residence: rural}"),
    (FACT, "{type: date, label: {zh: 接种日期}}", "{type: 日期, label: {zh: 接种日期}}"),
    (FACT, "label: {zh: 疫苗与剂次}, required: true", "label: {zh: 疫苗与剂次}, required: 是"),
    (LEADS, "{of: health.g1, lead: health_bureau, valid_from: 2021-01-01",
        "{of: health.g1, lead: health_bureau, valid_from: 2021年1月1日"),
    (LEADS, "{of: health.g1, lead: health_bureau, valid_from: 2021-01-01",
        "{of: health.g1, lead: health_bureau, valid_from: 2021/1/1"),
    (UNITS, "kind: department", "kind: 部门"),
    (VACCINATION, "better: higher", "better: 越高越好"),
    (VACCINATION, "better: higher", "Better: higher"),
    (VACCINATION, 'unit: "%"', "ｕｎｉｔ: \"%\""),
    (VACCINATION, 'unit: "%"', "unit: ％"),
    (VACCINATION, "[county, township]", "[县, 乡镇]"),
    (VACCINATION, "[county, township]", "[county，township]"),
    (VACCINATION, "period: calendar_year", "period：calendar_year"),
    (SEX, "{code: M, label", "{code：M，label"),
    (VACCINATION, "decimals: 1\n", "decimals: 1   \n"),
    (VACCINATION, "decimals: 1\n", "decimals: 1 \t\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "written"), CERTAIN)
def test_what_is_certain_is_written_and_the_rest_of_the_file_stays(
    file: str, good: str, written: str, tmp_path: Path
) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    path = root / file
    text = path.read_bytes().decode()
    assert good in text
    path.write_bytes(text.replace(good, written, 1).encode())
    changes = fix_pack(root)
    assert check_path(root)[1] == []
    assert len(changes) == 1
    assert changes[0].file.endswith(file)
    after = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    mended = after.pop(path).decode().splitlines()
    whole = before.pop(path).decode().splitlines()
    assert after == before
    assert len(mended) == len(whole)
    differing = [(a, b) for a, b in zip(whole, mended, strict=True) if a != b]
    for a, b in differing:  # quotes and the writer's own comment may remain
        assert b.split("   #")[0].replace('"', "") == a.replace('"', ""), (a, b)
    if "#" in written:
        assert "# 规划第三章" in path.read_text("utf-8")
    assert fix_pack(root) == []


UNSURE = [
    (HEALTH, "value: 90", "value: '>=90'"),
    (HEALTH, "value: 90", "value: 90‰"),
    (HEALTH, "value: 90", "value: 九十"),
    (HEALTH, "kind: at_most", "kind: at_mos"),
    (HEALTH, "kind: at_most", "kind: 高"),
    (VACCINATION, "decimals:", "decimal:"),
    (VACCINATION, "lead: health_bureau", "lead: health_buro"),
    (LEADS, "valid_from: 2021-01-01", "valid_from: 21/1/1"),
    (FACT, "required: true", "required: 也许"),
]


@pytest.mark.parametrize(("file", "good", "written"), UNSURE)
def test_what_is_not_certain_stays_a_fault(file: str, good: str, written: str, tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    path = root / file
    path.write_text(path.read_text("utf-8").replace(good, written, 1), "utf-8")
    spoilt = path.read_bytes()
    assert fix_pack(root) == []
    assert path.read_bytes() == spoilt
    assert check_path(root)[1] != []


def test_several_mistakes_in_several_files_are_shown_and_mended_at_once(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    for file, good, written in (CERTAIN[0], CERTAIN[5], CERTAIN[10], CERTAIN[19], CERTAIN[27]):
        path = root / file
        path.write_bytes(path.read_bytes().decode().replace(good, written, 1).encode())
    result = CliRunner().invoke(main, ["check", "--fix", str(root)])
    assert result.exit_code == 0, result.output
    assert result.output.count("已改：") == 5
    assert "kind: 不高于 → kind: at_most" in result.output
    again = CliRunner().invoke(main, ["check", "--fix", str(root)])
    assert "已改" not in again.output


def test_text_that_only_looks_so_is_not_touched(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    path = root / HEALTH
    text = path.read_text("utf-8").replace(
        "    text: 婴儿死亡率控制在5.3‰以下。",
        "    text: |\n      note：保持原样，a，b  \n      value: 90%   ",
        1,
    )
    path.write_text(text, "utf-8")
    assert check_path(root)[1] == []
    assert fix_pack(root) == []
    assert path.read_text("utf-8") == text


def test_packs_that_are_extended_are_not_written(tmp_path: Path) -> None:
    new_pack(tmp_path / "base")
    base = tmp_path / "base" / HEALTH
    base.write_text(base.read_text("utf-8").replace("kind: at_most", "kind: 不高于"), "utf-8")
    (tmp_path / "top").mkdir()
    (tmp_path / "top/pack.toml").write_text('id = "top"\ntitle = "t"\nversion = "1"\nextends = ["../base"]\n', "utf-8")
    assert fix_pack(tmp_path / "top") == []
    assert "不高于" in base.read_text("utf-8")
