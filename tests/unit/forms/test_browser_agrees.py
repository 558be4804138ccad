"""The browser's walk over a form (frontend/src/form) says the same as the server's, over generated answers."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qingmiao.content import load_pack
from qingmiao.content.forms import Form
from qingmiao.content.norms import NORMS
from qingmiao.forms import ReadyField, ReadyForm, fill, prepare
from qingmiao.forms.browser import browser_form
from qingmiao.forms.ready import ready_form
from qingmiao.forms.values import Position, decimal_text
from waiting import ENDS

ROOT = Path(__file__).resolve().parents[3]
NODE = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = pytest.mark.skipif(NODE is None, reason="没有 node（装 nodejs，或 requirements/node.txt）")
DAY = date(2024, 5, 31)
CASES = 300
SEED = 20240531

EVERYTHING = Form.model_validate(
    {
        "id": "everything",
        "version": 1,
        "label": {"zh": "样样都有"},
        "purpose": "record",
        "source": {"document": "虚构表单", "evidence": "local"},
        "fields": [
            {"id": "name", "label": {"zh": "名称"}, "type": "text"},
            {"id": "story", "label": {"zh": "经过"}, "type": "long_text", "required_if": "name = '甲'"},
            {"id": "born", "label": {"zh": "出生日期"}, "type": "date", "required": False},
            {"id": "age", "label": {"zh": "月龄"}, "type": "computed", "compute": "age_months(born, filled_on)"},
            {"id": "weight", "label": {"zh": "体重"}, "type": "number", "unit": "千克", "min": 0.5, "max": 150,
             "show_if": "age < 84",
             "checks": [{"id": "light", "level": "query", "check": "weight >= 2.5", "message": {"zh": "偏轻"}}]},
            {"id": "light_z", "label": {"zh": "体重评分"}, "type": "computed", "decimals": 1,
             "compute": "who2006_weight_z('M', born, filled_on, weight, null)"},
            {"id": "why_light", "label": {"zh": "原因"}, "type": "text", "show_if": "light_z < 0"},
            {"id": "count", "label": {"zh": "次数"}, "type": "integer", "min": 0, "max": 20},
            {"id": "share", "label": {"zh": "每次"}, "type": "computed", "compute": "weight / count", "decimals": 2},
            {"id": "well", "label": {"zh": "健康"}, "type": "boolean"},
            {"id": "signs", "label": {"zh": "症状"}, "type": "code", "multiple": True, "show_if": "not well",
             "options": [{"code": c, "label": {"zh": c + "症"}} for c in "abc"]},
            {"id": "worst", "label": {"zh": "最重"}, "type": "code", "show_if": "how_many(signs) > 1",
             "options": [{"code": c, "label": {"zh": c + "症"}} for c in "abc"],
             "checks": [{"id": "one_of", "check": "worst <> 'c' or has(signs, 'c')", "message": {"zh": "没有选c症"}}]},
            {"id": "at", "label": {"zh": "钟点"}, "type": "time", "required": False,
             "checks": [{"id": "day_time", "level": "query", "check": "at >= '06:00'", "message": {"zh": "夜里？"}}]},
            {"id": "where", "label": {"zh": "位置"}, "type": "place", "required_if": "at is null"},
            {"id": "home", "label": {"zh": "家庭"}, "type": "group", "show_if": "well or worst = 'a'", "fields": [
                {"id": "rooms", "label": {"zh": "间数"}, "type": "integer", "required": False},
                {"id": "half", "label": {"zh": "一半"}, "type": "computed", "compute": "rooms / 2"}]},
            {"id": "visits", "label": {"zh": "走访"}, "type": "group", "repeat": True, "min": 1, "max": 3, "fields": [
                {"id": "came", "label": {"zh": "日期"}, "type": "date"},
                {"id": "days", "label": {"zh": "天数"}, "type": "integer", "required_if": "came < filled_on",
                 "checks": [{"id": "few", "check": "days < 10", "message": {"zh": "天数太多"}}]}]},
        ],
        "checks": [{"id": "some", "check": "count > 0 or how_many(visits) > 1", "message": {"zh": "至少有一次"}}],
    }
)  # fmt: skip
TYPED = {
    "text": ["", " ", "甲", "乙　丙", "一\n二", "x" * 501, "\u202e倒", "👨\u200d👩"],
    "long_text": ["", "经过", "第一行\r\n第二行"],
    "integer": ["", "0", "1", "3", "007", "+5", "20", "21", "-1", "1.0", "1.5", "1,5", "1,000", "12a", "9" * 16, "--2",
        "１２"],
    "number": ["", "0.5", "3.2", "2.50", "10", "0.1", "151", ".5", "1e1", "-0", "1.2.3", "abc", "1000000000000000"],
    "boolean": ["", "是", "否"],
    "date": ["", "2024-05-31", "2020-02-29", "2017-06-01", "2010-12-31"],
    "time": ["", "05:30", "06:00", "23:59"],
}  # fmt: skip


def typed(one: ReadyField, rng: random.Random) -> Any:
    """What somebody might give to a field, sometimes nothing."""
    if one.type == "code":
        codes = list(one.choices)
        if one.field.multiple:
            return rng.sample(codes, rng.randint(0, len(codes)))
        return rng.choice(["", *codes])
    if one.type == "place":
        pick = lambda *of: rng.choice(["", *of])  # noqa: E731
        return {"latitude": pick("36.1", "91"), "longitude": pick("110.8", "-181", "x1"), "precision": pick("5", "-1")}
    if one.type in ("area", "organisation"):
        return rng.choice(["", *list(one.choices)[:3]])
    return rng.choice(TYPED.get(one.type, ["", "甲"]))


def answered(fields: tuple[ReadyField, ...], rng: random.Random) -> dict[str, Any]:
    """Answers to fields, plain groups flat, repeated ones with rows."""
    given: dict[str, Any] = {}
    for one in fields:
        if one.field.repeat:
            given[one.id] = [answered(one.fields, rng) for _ in range(rng.randint(0, 4))]
        elif one.type == "group":
            given |= answered(one.fields, rng)
        elif one.type not in ("computed", "note"):
            given[one.id] = typed(one, rng)
    return given


def plain(value: Any) -> Any:
    """A server's value as the browser prints it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return {"number": decimal_text(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Position):
        return {k: plain(getattr(value, k)) for k in ("latitude", "longitude", "precision")}
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def in_browser(ready: ReadyForm, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the browser's walk says of each case once the server answered all that it asks of the norms."""
    served: list[Any] = []
    while True:
        says = _walked(ready, cases, served)
        asked = {json.dumps(call): call for one in says for call in one["asks"]}
        if not asked:
            return says
        assert not asked.keys() & {json.dumps(call) for call, _ in served}  # what was answered is not asked again
        served += [[call, answer(*call)] for call in asked.values()]


def answer(name: str, given: list[Any]) -> Any:
    """What the server answers to a call of a norm's function."""
    read = {"date": date.fromisoformat, "number": Decimal, "text": str, "boolean": bool}
    of = zip(NORMS[name].arguments, given, strict=True)
    value = NORMS[name](*(None if v is None else read[a.kind](v) for a, v in of))
    return plain(value)


def _walked(ready: ReadyForm, cases: list[dict[str, Any]], served: list[Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(NODE), str(ROOT / "frontend" / "tests" / "fill.mjs")],
        input=json.dumps({"form": browser_form(ready), "day": DAY.isoformat(), "cases": cases, "served": served}),
        capture_output=True, text=True, timeout=ENDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def agree(ready: ReadyForm, seed: int) -> list[dict[str, Any]]:
    """Compare over generated answers; what the browser leaves to the server is left out."""
    rng = random.Random(seed)
    cases = [answered(ready.fields, rng) for _ in range(CASES)]
    compared = []
    for given, says in zip(cases, in_browser(ready, cases), strict=True):
        if says["unread"]:
            continue
        filled = fill(ready, given, on=DAY)
        assert {s for s, _ in map(tuple, says["shown"])} == filled.shown, given
        assert {s for s, _ in map(tuple, says["required"])} == filled.required, given
        assert says["values"] == plain(dict(filled.values)), given
        for ours, theirs in ((filled.faults, says["faults"]), (filled.queries, says["queries"])):
            assert [(f.field, f.row) for f in ours] == [(f, row) for f, row, _ in theirs], (given, ours)
            assert {f.message for f in ours if f.check} <= {m for _, _, m in theirs}, given
        compared.append(says)
    return compared


def test_a_form_with_every_kind_of_field() -> None:
    compared = agree(ready_form(EVERYTHING, {}, {}, {}), SEED)
    assert len(compared) > CASES / 3
    assert {f[0] for says in compared for f in says["faults"]} >= {
        "name",
        "weight",
        "worst",
        "where",
        "visits",
        "days",
        "",
    }
    assert {f[0] for says in compared for f in says["queries"]} == {"weight", "at"}
    assert {c[0] for says in compared for c in says["computed"]} == {"age", "share", "half", "light_z"}


def test_every_form_of_the_pack() -> None:
    pack = load_pack(ROOT / "content" / "china")
    assert len(pack.forms) >= 10
    for n, form_id in enumerate(pack.forms):
        assert agree(prepare(pack, form_id), SEED + n), form_id


def test_right_answers_stay_on_the_server() -> None:
    pack = load_pack(ROOT / "content" / "china")
    scored = [f for f in pack.forms.values() if any(x.correct for x in f.fields)]
    assert scored
    for form in scored:
        text = json.dumps(browser_form(prepare(pack, form.id)))
        assert "correct" not in text
        assert "score" not in text
