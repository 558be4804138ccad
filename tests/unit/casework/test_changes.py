"""What a county changes of a programme, and what `check` says of programmes that do not hold together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.casework.ready import prepare_programme
from qingmiao.content.check import check_pack
from qingmiao.content.load import load_pack, read_pack
from qingmiao.kernel.errors import Fault

ROOT = Path(__file__).parents[3]
SOURCE = {"document": "演示办法", "place": "第三条", "evidence": "seen"}


@pytest.fixture
def county(tmp_path: Path) -> Callable[..., Path]:
    """A county's pack on the country's, with files of its own."""

    def made(**files: object) -> Path:
        root = tmp_path / f"county{len(list(tmp_path.iterdir()))}"
        root.mkdir()
        china = (ROOT / "content/china").as_posix()
        head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{china}"]\n'
        (root / "pack.toml").write_text(head, "utf-8")
        for name, content in files.items():
            path = root / name.replace("__", "/")
            path = path.with_suffix(".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        return root

    return made


def told(root: Path, of: str = "") -> str:
    """What is wrong with a pack, or with one file of it."""
    return "\n".join(f.message for f in faults(root) if of in (f.file or ""))


@cache
def faults(root: Path) -> list[Fault]:
    pack, found = read_pack(root)
    return [*found, *(check_pack(pack) if pack is not None else [])]


def test_a_county_changes_single_lines_and_all_else_stays(county: Callable[..., Path]) -> None:
    change = {
        "id": "orphan",
        "source": SOURCE,
        "deadlines": [
            {"id": "township", "label": {"zh": "乡镇审核"}, "starts": ["applied"], "met_by": ["township_check"],
             "value": 10, "unit": "working_days", "source": SOURCE},
        ],
        "fields": [{"id": "local_note", "label": {"zh": "本县说明"}, "type": "text"}],
        "steps": [{"do": "township_check", "label": {"zh": "乡镇审核"}, "from": "applied", "to": "township_check",
                   "roles": ["supervisor"], "asks": ["township_finding"], "may": ["local_note"]}],
    }  # fmt: skip
    root = county(programme_changes__orphan=change)
    assert told(root) == ""
    ready, country = (
        prepare_programme(load_pack(root), "W04"),
        prepare_programme(load_pack(ROOT / "content/china"), "W04"),
    )
    assert ready.deadlines["township"].words() == "10 个工作日"
    assert country.deadlines["township"].words() == "本县未设置"
    assert "local_note" in ready.fields
    assert [s.do for s in ready.programme.steps] == [s.do for s in country.programme.steps]
    assert ready.deadlines["county"] == country.deadlines["county"]


def test_a_local_clock_is_set_in_the_policy(county: Callable[..., Path]) -> None:
    root = county(policy={"deadlines": {"orphan.county": {"value": 20, "unit": "working_days"}}})
    assert told(root) == ""
    assert prepare_programme(load_pack(root), "W04").deadlines["county"].words() == "20 个工作日"
    wrong = county(policy={"deadlines": {"legal_aid.decide": {"value": 20, "unit": "working_days"}}})
    assert "不由县里设置" in told(wrong)


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "orphan": ({"secrecy": "内部"}, "只能提高"),
    "legal_aid": ({"without_steps": ["no_such"]}, "没有的环节"),
    "recommendation": ({"without_steps": ["measures"]}, "改了以后"),
    "no_such": ({}, "没有服务项目"),
}


def test_a_change_that_does_not_hold_is_named(county: Callable[..., Path]) -> None:
    files = {
        f"programme_changes__{id_}": {"id": id_, "source": SOURCE} | change for id_, (change, _) in CHANGES.items()
    }
    root = county(**files)
    for id_, (_, words) in CHANGES.items():
        assert words in told(root, f"{id_}.yaml"), id_


def a_programme(**more: object) -> dict[str, Any]:
    """A small programme that holds together, with something changed."""
    made = {
        "id": "small", "label": {"zh": "小项目"}, "subject": "none", "secrecy": "敏感", "source": SOURCE,
        "states": {"open": {"label": {"zh": "开始"}, "owners": ["supervisor"]},
                   "done": {"label": {"zh": "结束"}, "final": True}},
        "fields": [{"id": "seen_on", "label": {"zh": "日期"}, "type": "date"}],
        "steps": [{"do": "open", "label": {"zh": "开始"}, "to": "open", "roles": ["supervisor"], "asks": ["seen_on"]},
                  {"do": "done", "label": {"zh": "结束"}, "from": "open", "to": "done", "roles": ["supervisor"]}],
    }  # fmt: skip
    return made | more


FIELDS: Any = a_programme()["fields"]
STEPS: Any = a_programme()["steps"]
STATES: Any = a_programme()["states"]


CASES: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, ""),
        ({"states": {**STATES, "open": {"label": {"zh": "开始"}}}}, "没有写由谁办"),
        ({"states": {**STATES, "lost": {"label": {"zh": "丢失"}, "owners": ["supervisor"]}}}, "没有出路"),
        ({"steps": [STEPS[0]]}, "没有出路"),
        ({"steps": [{**STEPS[0], "asks": []}, STEPS[1]]}, "没有一个环节填"),
        ({"steps": [STEPS[0], {**STEPS[1], "needs": ["no_such"]}]}, "没有字段"),
        ({"steps": [STEPS[0], {**STEPS[1], "guards": [{"check": "seen_on > 3", "message": {"zh": "不行"}}]}]}, "放在一起"),
        ({"deadlines": [{"id": "d", "label": {"zh": "时限"}, "starts": ["open"], "met_by": ["done"], "value": 3}]},
         "没有来源"),
        ({"deadlines": [{"id": "d", "label": {"zh": "时限"}, "starts": ["opened"], "met_by": ["done"], "local": True}]},
         "没有的"),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"], "purpose": {"zh": "认定"},
                                                       "ground": SOURCE}]}]}, "那边没有"),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"],
                                                       "purpose": {"zh": "认定"}}]}]}, "转介要写"),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"], "purpose": {"zh": "认定"},
                                                       "called": {"seen_on": "no_such"}, "ground": SOURCE}]}]}, "那边没有"),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"], "purpose": {"zh": "认定"},
                                                       "called": {"seen_on": "child_birth_date"}, "ground": SOURCE}]}]},
         ""),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"], "purpose": {"zh": "认定"},
                                                       "called": {"other": "child_birth_date"}, "ground": SOURCE}]}]},
         "called"),
        ({"steps": [STEPS[0], {**STEPS[1], "refers": [{"to": "orphan", "fields": ["seen_on"], "purpose": {"zh": "认定"},
                                                       "called": {"seen_on": "child_name"}, "ground": SOURCE}]}]},
         "类型或选项不同"),
        ({"steps": [{**STEPS[0], "blocks": ["visit"]}, STEPS[1]]}, "要分风险等级"),
        ({"alarm": {"when": "seen_on is null", "told": "seen_on"}}, "日期和时间"),
        ({"risk": "grade", "fields": [*FIELDS, {"id": "grade", "label": {"zh": "等级"}, "type": "code",
                                                                 "codes": "case_risk"}],
          "steps": [{**STEPS[0], "asks": ["seen_on", "grade"]}, STEPS[1]]}, "第二人"),
)  # fmt: skip


def test_check_names_what_does_not_hold_together(county: Callable[..., Path]) -> None:
    root = county(
        **{f"programmes__small{n}": a_programme(**more) | {"id": f"small{n}"} for n, (more, _) in enumerate(CASES)}
    )
    for n, (_, words) in enumerate(CASES):
        found = told(root, f"small{n}.yaml")
        assert (found == "") if not words else (words in found), (n, found)
