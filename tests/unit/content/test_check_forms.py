"""What is wrong with a form is found before anybody fills it in, each mistake with its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.content.check import check_path

HEAD = "id: f\nversion: 1\nlabel: {zh: 甲}\npurpose: record\nsource: {document: 虚构}\nfields:\n"
FACT = """id: visits
label: {zh: 走访}
grain: event
key: [visit_id]
area: area_code
date: visited_on
columns:
  visit_id: {type: text, label: {zh: 编号}, required: true}
  area_code: {type: area, label: {zh: 乡镇}, required: true}
  visited_on: {type: date, label: {zh: 日期}, required: true}
  minutes: {type: integer, label: {zh: 时长}, min: 0, max: 600}
  result: {type: code, label: {zh: 结果}, codes: result}
"""
CODES = (
    "id: result\nlabel: {zh: 结果}\nitems:\n  - {code: home, label: {zh: 在家}}\n  - {code: away, label: {zh: 外出}}\n"
)
N = "{id: n, label: {zh: 数}, type: number}"
C = "{id: c, column: visits.result}"

WRONG = [
    ([N, "{id: x, label: {zh: 甲}, type: text, show_if: m > 1}"], "没有列「m」（建议：可用：filled_on、n）"),
    ([N, "{id: x, label: {zh: 甲}, type: text, show_if: n + 1}"], "「n + 1」的结果是数，应为真假"),
    ([N, "{id: x, label: {zh: 甲}, type: text, required_if: n = 'a'}"], "「n = 'a'」把数和文字放在一起（建议：两边类型要相同）"),
    (["{id: x, label: {zh: 甲}, type: text, show_if: n > 1}", N], "「n」在「x」后面，还没有填（建议：把它移到前面）"),
    (["{id: x, label: {zh: 甲}, type: text, show_if: x = 'a'}"], "字段「x」的条件不能读它自己（建议：审核写在 checks）"),
    (["{id: a, label: {zh: 甲}, type: computed, compute: b + 1}",
        "{id: b, label: {zh: 乙}, type: computed, compute: a + 1}"], "字段成环：a → b → a"),
    (["{id: x, column: visit.minutes}"], "事实表「visit」不存在（建议：是不是「visits」）"),
    (["{id: x, column: visits.minute}"], "事实表 visits 没有列「minute」（建议：是不是「minutes」）"),
    (["{id: x, column: visits.minutes, type: date}"], "列「visits.minutes」是 integer，字段不能是 date"),
    (["{id: x, column: visits.minutes, max: 700}"], "max 大于列允许的 600"),
    (["{id: x, column: visits.visited_on, required: false}"], "列「visits.visited_on」必填，字段不能写 required: false"),
    (["{id: x, column: visits.visited_on, required_if: filled_on is null}"],
        "列「visits.visited_on」必填，字段不能写 required_if"),
    (["{id: x, column: visits.minutes, sensitivity: 公开}"], "密级「公开」低于列「visits.minutes」的「内部」（建议：删去 sensitivity，或写得更高）"),
    (["{id: x, column: visits.minutes, only: [a]}"], "列「visits.minutes」是 integer，字段不写 only（建议：删去它）"),
    (["{id: x, column: visits.visited_on, max: 3}"], "列「visits.visited_on」是 date，字段不写 max"),
    (["{id: x, column: visits.result, multiple: true}"], "只能存一个代码，字段不能多选"),
    (["{id: x, column: visits.minutes, type: computed, compute: \"'a'\"}"], "compute 的结果是文字，列「visits.minutes」是数"),
    (["{id: x, label: {zh: 甲}, type: code, codes: results}"], "代码表「results」不存在（建议：是不是「result」）"),
    (["{id: x, column: visits.result, only: [moved]}"], "only 里的「moved」不是它的选项"),
    (["{id: x, label: {zh: 甲}, type: code, codes: result, correct: [hom], score: 1}"],
        "correct 里的「hom」不是它的选项（建议：是不是「home」）"),
    ([C, "{id: x, label: {zh: 甲}, type: text, show_if: \"c = 'hone'\"}"], "「c」没有代码「hone」（建议：是不是「home」）"),
    ([C, "{id: x, label: {zh: 甲}, type: text, show_if: \"c in ('home', 'out')\"}"], "「c」没有代码「out」"),
    (["{id: m, label: {zh: 多}, type: code, codes: result, multiple: true}",
        "{id: x, label: {zh: 甲}, type: text, show_if: \"m = 'home'\"}"], "把多选或重复组和文字放在一起"),
    (["{id: m, label: {zh: 多}, type: code, codes: result, multiple: true}",
        "{id: x, label: {zh: 甲}, type: text, show_if: \"has(m, 'out')\"}"], "「m」没有代码「out」"),
    (["{id: g, label: {zh: 组}, type: group, repeat: true, fields: [" + N + "]}",
        "{id: x, label: {zh: 甲}, type: text, show_if: n > 1}"], "「n」在重复组「g」里，每行一个值（建议：写 how_many(g)）"),
    (["{id: s, label: {zh: 位}, type: place}", "{id: y, label: {zh: 位}, type: place}",
        "{id: x, label: {zh: 甲}, type: text, show_if: s = y}"], "位置不能这样比较（建议：写 字段 is null）"),
    (["{id: x, label: {zh: 甲}, type: code, options: [{code: 甲, label: {zh: 甲}}]}"], "「甲」的写法不对"),
    (["{id: x, label: {zh: 甲}, type: code}"], "type: code 要写 codes 或 options，只写一个"),
    (["{id: x, label: {zh: 甲}}"], "要写 type，或写 column"),
    (["{id: filled_on, label: {zh: 甲}, type: date}"], "filled_on 是填表日期的名字"),
    ([N, "{id: n, label: {zh: 甲}, type: date}"], "字段 id 重复：n"),
    (["{id: x, label: {zh: 甲}, type: text, requird: true}"], "不认识的键「requird」"),
]  # fmt: skip


def found(tmp_path: Path, fields: list[str]) -> list[str]:
    for folder, text in {
        "pack.toml": 'id = "p"\ntitle = "虚构"\nversion = "1"\n', "facts/visits.yaml": FACT, "codes/result.yaml": CODES,
        "forms/f.yaml": HEAD + "".join(f"  - {f}\n" for f in fields),
    }.items():  # fmt: skip
        (tmp_path / folder).parent.mkdir(exist_ok=True)
        (tmp_path / folder).write_text(text, "utf-8")
    return [str(f) for f in check_path(tmp_path)[1]]


@pytest.mark.parametrize(("fields", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_mistake_is_told_with_its_line(tmp_path: Path, fields: list[str], said: str) -> None:
    told = found(tmp_path, fields)
    assert any(said in t for t in told), told
    assert all("forms/f.yaml:" in t for t in told)
    assert len(told) == 1, told


def test_a_right_form_has_no_fault(tmp_path: Path) -> None:
    right = [N, C, "{id: x, label: {zh: 甲}, type: text, show_if: \"n > 1 and c = 'home'\"}"]
    assert found(tmp_path, right) == []


def test_a_form_written_before_there_were_fields_is_told_how_to_change(tmp_path: Path) -> None:
    found(tmp_path, [N])
    path = tmp_path / "forms" / "f.yaml"
    path.write_text(path.read_text("utf-8").replace("fields:", "questions:").replace("version: 1\n", ""), "utf-8")
    (told,) = [str(f) for f in check_path(tmp_path)[1]]
    assert "questions 已改为 fields：加 version: 1" in told


PUBLIC = [
    ("open: true\n", ["{id: x, label: {zh: 照}, type: photo}"], "「x」会问到个人信息"),
    ("open: true\n", ["{id: x, label: {zh: 甲}, type: text, sensitivity: 敏感}"], "「x」会问到个人信息"),
    ("fact: visits\npublishes: {constants: {result: out}}\n", [N], "代码表 result 没有「out」"),
    ("fact: visits\npublishes: {score: minute}\n", [N], "没有类型是 number 的列「minute」（建议：是不是「minutes」）"),
    ("fact: visits\npublishes: {constants: {visit_id: a}}\n", [N], "列「visit_id」填了两次"),
    ("publishes: {}\n", [N], "写了 publishes 就要写 fact"),
]


@pytest.mark.parametrize(("more", "fields", "said"), PUBLIC, ids=[said for *_, said in PUBLIC])
def test_a_form_for_everybody_asks_nothing_personal_and_publishes_what_its_table_takes(
    tmp_path: Path, more: str, fields: list[str], said: str
) -> None:
    found(tmp_path, fields)
    path = tmp_path / "forms" / "f.yaml"
    path.write_text(more + path.read_text("utf-8"), "utf-8")
    (told,) = [str(f) for f in check_path(tmp_path)[1]]
    assert said in told
    path.write_text(path.read_text("utf-8").replace("open: true", "open: true\npersonal: 依据虚构的规定"), "utf-8")
    assert bool(check_path(tmp_path)[1]) == ("open" not in more)
