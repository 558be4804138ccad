"""Every form of the packs, and one form with everything, as XLSForm, JSON Schema and FHIR Questionnaire."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from form_build import DAY, ready_of

from qingmiao.cli import main
from qingmiao.content import load_pack
from qingmiao.forms import ReadyForm, fill, prepare
from qingmiao.forms.answers import document
from qingmiao.forms.json_schema import json_schema
from qingmiao.forms.questionnaire import questionnaire
from qingmiao.forms.xlsform import Sheets, sheets, workbook
from qingmiao.kernel.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
PACK = load_pack(ROOT / "content" / "xiangning")
EVERYTHING = """
- {id: child, label: {zh: 儿童, en: Child}, type: child}
- {id: born, label: {zh: 出生, en: Born}, type: date, required: false}
- {id: age, label: {zh: 年龄, en: Age}, type: computed, compute: "age_years(born, filled_on)"}
- {id: p, label: {zh: 是否, en: Whether}, type: boolean, required: false}
- {id: q, label: {zh: 不是, en: If not}, type: text, show_if: not p}
- {id: kind, label: {zh: 种类, en: Kind}, type: code,
   options: [{code: a, label: {zh: 甲, en: A}}, {code: b, label: {zh: 乙, en: B}}]}
- {id: kinds, label: {zh: 几种, en: Kinds}, type: code, multiple: true,
   options: [{code: a, label: {zh: 甲, en: A}}, {code: b, label: {zh: 乙, en: B}}], show_if: "kind in ('a', 'b')"}
- {id: n, label: {zh: 数, en: Number}, type: number, unit: 克, min: 0.5, max: 9, required_if: "has(kinds, 'a')",
   show_if: "kind <> 'b' and kinds is not null"}
- id: m
  label: {zh: 整数, en: M}
  type: integer
  min: 1
  required: false
  help: {zh: 写整数, en: Whole}
  checks:
    - {id: small, check: m <= n, message: {zh: 整数不能大于数, en: Not above N}}
    - {id: far, level: query, check: n / m < 100, message: {zh: 差得太多, en: Far apart}}
- {id: rate, label: {zh: 比, en: Rate}, type: computed, compute: n / m, decimals: 2}
- {id: at, label: {zh: 钟点, en: At}, type: time, show_if: "rate > 1 or p"}
- {id: late, label: {zh: 晚, en: Late}, type: long_text, show_if: "at >= '18:00' or m between 3 and 5"}
- {id: words, label: {zh: 说明, en: Read this}, type: note, show_if: "born >= date '2020-01-01' and n > -1"}
- {id: spot, label: {zh: 位置, en: Spot}, type: place, required: false}
- {id: sign, label: {zh: 签名, en: Sign}, type: signature, show_if: spot is not null}
- id: home
  label: {zh: 家, en: Home}
  type: group
  show_if: p
  fields:
    - {id: unit, label: {zh: 单位, en: Unit}, type: organisation}
- id: rows
  label: {zh: 行, en: Rows}
  type: group
  repeat: true
  min: 1
  max: 3
  fields:
    - {id: photo, label: {zh: 照片, en: Photo}, type: photo, required: false}
    - {id: name, label: {zh: 名, en: Name}, type: text, show_if: photo is not null}
- {id: count, label: {zh: 行数, en: Count}, type: computed, compute: how_many(rows)}
"""
CHECKS = [{"id": "both", "check": "p is not null or born is not null", "message": {"zh": "填一项", "en": "One"}}]


def everything() -> ReadyForm:
    return ready_of(EVERYTHING, checks=CHECKS, label={"zh": "样样都有", "en": "Everything"})


FORMS = [
    *(pytest.param(prepare(PACK, f), id=f) for f in PACK.forms),
    pytest.param(everything(), id="everything"),
]
each_form = pytest.mark.parametrize("ready", FORMS)


def by_name(made: Sheets) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in made["survey"] if not row["type"].startswith("end_")}


def test_there_are_forms_to_try() -> None:
    assert len(PACK.forms) >= 10


@each_form
def test_an_xlsform_is_whole(ready: ReadyForm) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(ready)))
    assert book.sheetnames == ["survey", "choices", "settings"]
    made = sheets(ready)
    names = [row["name"] for row in made["survey"] if not row["type"].startswith("end_")]
    assert len(set(names)) == len(names)
    lists = {row["list_name"] for row in made["choices"]}
    asked = [row["type"].split()[1] for row in made["survey"] if row["type"].startswith("select_")]
    assert set(asked) == lists
    for row in made["survey"]:
        for key in ("relevant", "required", "constraint", "calculation"):
            text = row.get(key, "")
            assert set(re.findall(r"\$\{(\w+)\}", text)) <= set(names)
            assert '""' not in text
            assert text.count("(") == text.count(")")
    cells = [c.value for sheet in book for r in sheet.iter_rows() for c in r]
    assert "" not in cells
    assert [f.id for f in ready.every()] == [n for n in names if not n.startswith(("check_", "filled_on"))]
    assert made["settings"][0]["version"] == str(ready.form.version)


def test_conditions_checks_and_values_of_an_xlsform() -> None:
    made = sheets(everything())
    rows = by_name(made)
    assert rows["q"]["relevant"] == "${p} = 'no'"
    assert rows["n"]["required"] == "(${kinds} != '' and selected(${kinds}, 'a'))"
    assert rows["n"]["relevant"] == "((${kind} != '' and ${kind} != 'b') and ${kinds} != '')"
    assert rows["n"]["constraint"] == ". >= 0.5 and . <= 9"
    assert rows["m"]["constraint"] == ". >= 1 and not((. != '' and ${n} != '' and . > ${n}))"
    assert rows["m"]["constraint_message::中文 (zh)"] == "不能小于 1；整数不能大于数"
    assert rows["rate"]["calculation"] == (
        "if((${n} != '' and ${m} != '' and ${m} != 0), round((${n} div if(${m} = 0, 1, ${m})), 2), '')"
    )
    assert rows["check_far"]["type"] == "note"
    assert "required" not in rows["check_far"]
    assert rows["check_both"]["required"] == "yes"
    assert rows["check_both"]["relevant"] == "(not(${p} != '') and not(${born} != ''))"
    assert rows["check_rows"]["relevant"] == "count(${rows}) < 1"
    assert rows["check_rows_"]["relevant"] == "count(${rows}) > 3"
    assert rows["sign"]["appearance"] == "signature"
    assert rows["kind"]["label::English (en)"] == "Kind"
    assert "1080" in rows["late"]["relevant"]
    assert [r["type"] for r in made["survey"] if r["name"] == "rows"] == ["begin_repeat", "end_repeat"]


def test_what_xlsform_cannot_say_is_refused() -> None:
    text = "- {id: a, label: {zh: 甲}, type: text}\n- {id: b, label: {zh: 乙}, type: text, show_if: a < 'b'}"
    with pytest.raises(UserError, match="XLSForm 不能比较文字的大小"):
        sheets(ready_of(text))


def keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                yield from (k for v in value.values() for k in keywords(v))
            elif not key.startswith("x-"):
                yield key
                yield from keywords(value)
    elif isinstance(schema, list):
        yield from (k for v in schema for k in keywords(v))


VOCABULARY = {
    "$schema", "$id", "title", "description", "type", "properties", "required", "additionalProperties", "items",
    "minItems",
    "maxItems", "uniqueItems", "oneOf", "const", "pattern", "format", "minimum", "maximum", "minLength", "maxLength",
    "readOnly",
}  # fmt: skip


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits: as much of JSON Schema as the schemas here use (see `VOCABULARY`)."""
    kind = schema["type"]
    types = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if not isinstance(value, types[kind]) or (kind == "integer" and isinstance(value, bool)):
        return False
    if "oneOf" in schema and sum(o["const"] == value for o in schema["oneOf"]) != 1:
        return False
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if not schema.get("minimum", -1e9) <= (value if kind == "integer" else 0) <= schema.get("maximum", 1e9):
        return False
    if kind == "array":
        size = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1000)
        return size and all(fits(schema["items"], x) for x in value)
    if kind == "object":
        known = schema["properties"]
        return set(schema.get("required", ())) <= set(value) <= set(known) and all(
            fits(known[k], v) for k, v in value.items()
        )
    return True


@each_form
def test_a_json_schema_uses_known_words_and_names_every_answer(ready: ReadyForm) -> None:
    schema = json.loads(json.dumps(json_schema(ready)))
    assert set(keywords(schema)) <= VOCABULARY
    inner = {x.id for f in ready.fields if f.field.repeat for x in f.fields}
    wanted = {f.id for f in ready.every() if f.type != "note" and (f.type != "group" or f.field.repeat)} - inner
    assert set(schema["properties"]) == wanted
    assert set(schema.get("required", ())) <= wanted


def test_stored_answers_fit_the_schema_and_wrong_ones_do_not() -> None:
    ready = everything()
    given = {
        "child": "a1", "born": "2020-02-01", "p": "是", "kind": "甲", "kinds": "甲", "n": "8.50", "m": "2", "at": "9点",
        "spot": "36,110", "sign": "s.png", "unit": "某单位", "rows": [{"photo": "p.jpg", "name": "名"}],
    }  # fmt: skip
    done = fill(ready, given, on=DAY)
    assert done.faults == ()
    answers = json.loads(json.dumps(document(ready, done)["answers"]))
    schema = json_schema(ready)
    assert schema["required"] == ["child", "kind", "rows"]
    assert fits(schema, answers)
    for wrong in (
        {"m": 0},
        {"m": "2"},
        {"kind": "c"},
        {"n": "8.50"},
        {"rows": []},
        {"other": 1},
        {"at": "24:00"},
        {"kinds": []},
    ):
        assert not fits(schema, answers | wrong), wrong
    assert not fits(schema, {k: v for k, v in answers.items() if k != "child"})
    assert schema["properties"]["unit"]["x-show-if"] == "p"


def items(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in resource.get("item", ()):
        yield item
        yield from items(item)


R4_TYPES = {
    "group",
    "display",
    "boolean",
    "decimal",
    "integer",
    "date",
    "time",
    "string",
    "text",
    "choice",
    "attachment",
}
ANSWER = {"boolean": "answerBoolean", "decimal": "answerDecimal", "integer": "answerInteger", "date": "answerDate",
          "time": "answerTime", "string": "answerString", "text": "answerString", "choice": "answerCoding"}  # fmt: skip


@each_form
def test_a_questionnaire_keeps_the_rules_of_fhir_r4(ready: ReadyForm) -> None:
    resource = json.loads(json.dumps(questionnaire(ready)))
    assert resource["resourceType"] == "Questionnaire"
    assert resource["status"] in ("draft", "active")
    assert re.fullmatch(r"[A-Z]([A-Za-z0-9_]){0,254}", resource["name"])
    listed = list(items(resource))
    types = {i["linkId"]: i["type"] for i in listed}
    assert len(types) == len(listed)  # que-2: linkIds are unique
    assert {f.id for f in ready.every()} <= set(types)
    for item in listed:
        assert item["type"] in R4_TYPES
        assert ("answerOption" in item) == (item["type"] == "choice")  # que-5
        if item["type"] == "group":
            assert item["item"]  # que-1a
        if item["type"] == "display":
            assert not {"item", "required", "repeats", "readOnly"} & set(item)  # que-1b, que-6, que-9
        conditions = item.get("enableWhen", [])
        assert ("enableBehavior" in item) == (len(conditions) > 1)  # que-12
        for one in conditions:
            key = "answerBoolean" if one["operator"] == "exists" else ANSWER[types[one["question"]]]  # que-7
            assert set(one) == {"question", "operator", key}
            assert one["question"] != item["linkId"]


def test_conditions_that_fhir_can_say_are_said_and_others_kept_as_text() -> None:
    found = {i["linkId"]: i for i in items(questionnaire(everything()))}
    assert found["q"]["enableWhen"] == [{"question": "p", "operator": "=", "answerBoolean": False}]
    assert [w["answerCoding"]["code"] for w in found["kinds"]["enableWhen"]] == ["a", "b"]
    assert found["kinds"]["enableBehavior"] == "any"
    assert found["n"]["enableBehavior"] == "all"
    assert found["n"]["enableWhen"] == [
        {"question": "kind", "operator": "exists", "answerBoolean": True},
        {"question": "kind", "operator": "!=", "answerCoding": {"code": "b"}},
        {"question": "kinds", "operator": "exists", "answerBoolean": True},
    ]
    for name in ("at", "late", "sign"):  # a computed field, an "and" inside an "or", a place
        assert "enableWhen" not in found[name]
        assert "urn:qingmiao:questionnaire:show-if" in [e["url"] for e in found[name]["extension"]]
    assert found["words"]["enableWhen"][0] == {
        "question": "born",
        "operator": ">=",
        "answerDate": "2020-01-01",
    }
    assert found["rate"]["readOnly"] is True
    assert found["rows"]["repeats"] is True


def test_a_form_is_exported_by_command(tmp_path: Path) -> None:
    out = [tmp_path / n for n in ("a.xlsx", "a.schema.json", "a.q.json")]
    asked = [
        x for pair in zip(("--xlsform", "--json-schema", "--questionnaire"), map(str, out), strict=True) for x in pair
    ]
    done = CliRunner().invoke(main, ["form", str(PACK.root), "survey.lifestyle", *asked])
    assert done.exit_code == 0, done.output
    assert "学生生活方式问卷（第 1 版）" in done.output
    assert json.loads(out[1].read_text("utf-8")) == json_schema(prepare(PACK, "survey.lifestyle"))
    assert json.loads(out[2].read_text("utf-8"))["version"] == "1"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.q.json", "a.schema.json", "a.xlsx"]


@pytest.mark.parametrize(
    ("pack", "asked", "said"),
    [
        ("", ["survey.nope", "--xlsform", "a.xlsx"], "没有表单「survey.nope」；可用：evidence.guardianship"),
        ("nope", ["survey.lifestyle", "--xlsform", "a.xlsx"], "没有 pack.toml，这里不是内容包"),
        ("", ["survey.lifestyle"], "没有写要导出什么；加上 --xlsform、--json-schema 或 --questionnaire"),
        ("", ["survey.lifestyle", "--xlsform", "no/a.xlsx"], "a.xlsx：没有这个文件夹，请先建立它或改文件名"),
        ("", ["survey.lifestyle", "--json-schema", "b.json", "--xlsform", "."], "它是文件夹，请写文件名"),
        ("", ["survey.lifestyle", "--json-schema", "b.json", "--questionnaire", "b.json"], "不能写到同一个文件"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_told_and_nothing_is_written(pack, asked, said, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = str(tmp_path / pack) if pack else str(PACK.root)
    done = CliRunner().invoke(main, ["form", folder, *asked])
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_form_with_mistakes_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "pack.toml").write_text('id = "p"\ntitle = "虚构"\nversion = "1"\n', "utf-8")
    (tmp_path / "forms" / "f.yaml").write_text(
        "id: f\nversion: 1\nlabel: {zh: 甲}\npurpose: record\nsource: {document: 虚构}\nfields:\n"
        "  - {id: a, label: {zh: 甲}, type: text, show_if: b = 1}\n", "utf-8",
    )  # fmt: skip
    done = CliRunner().invoke(main, ["form", str(tmp_path), "f", "--xlsform", str(tmp_path / "a.xlsx")])
    assert done.exit_code == 2
    assert "表单 f 有 1 处错误，没有导出" in done.output
    assert "f.yaml:7" in done.output
    assert not (tmp_path / "a.xlsx").exists()


SERVED = """
- {id: born, label: {zh: 出生, en: Born}, type: date}
- {id: grams, label: {zh: 体重, en: Weight}, type: number}
- id: z
  label: {zh: 评分, en: Score}
  type: computed
  compute: who2006_weight_z('M', born, filled_on, grams / 1000, null)
  checks: [{id: low, level: query, check: z > -3, message: {zh: 太轻, en: Light}}]
- {id: twice, label: {zh: 两倍, en: Twice}, type: computed, compute: z * 2}
- {id: half, label: {zh: 一半, en: Half}, type: computed, compute: grams / 2}
"""


def test_a_value_of_a_norm_is_the_servers_and_every_export_says_so() -> None:
    ready = ready_of(SERVED, label={"zh": "评分", "en": "Score"})
    assert ready.served == {"z", "twice"}
    rows = by_name(sheets(ready))
    assert rows["z"]["calculation"] == rows["twice"]["calculation"] == "''"
    assert "服务器" in rows["check_z"]["label::中文 (zh)"]
    assert "check_half" not in rows
    assert "check_low" not in rows  # its check waits for the server: an empty value is never false
    schema = json_schema(ready)["properties"]
    assert {k for k, v in schema.items() if v.get("x-computed-by") == "server"} == {"z", "twice"}
    assert all(schema[k]["readOnly"] for k in ("z", "twice", "half"))
    told = {
        item["linkId"]: {e["url"].rpartition(":")[2]: e.get("valueString") for e in item.get("extension", ())}
        for item in questionnaire(ready)["item"]
    }
    assert told["z"]["computed-by"] == told["twice"]["computed-by"] == "server"
    assert "computed-by" not in told["half"]


@pytest.mark.parametrize("key", ["show_if", "required_if"])
def test_xlsform_refuses_a_condition_on_what_only_the_server_computes(key: str) -> None:
    more = f"- {{id: why, label: {{zh: 原因, en: Why}}, type: text, {key}: twice < -4}}"
    with pytest.raises(UserError, match="XLSForm 写不了「why」的 " + key):
        sheets(ready_of(SERVED + more, label={"zh": "评分", "en": "Score"}))
