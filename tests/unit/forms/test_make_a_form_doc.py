"""docs/how-to/make-a-form.md: the example is a whole form, and each row of its table is what the form says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml
from click.testing import CliRunner
from form_build import pack_of

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.expressions import parse
from qingmiao.content.forms import FieldType, Form, FormField
from qingmiao.forms import fill, prepare
from qingmiao.forms.answers import document

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "how-to" / "make-a-form.md").read_text("utf-8")
EXAMPLE = re.findall(r"```yaml file=(\S+)\n(.*?)```", TEXT, flags=re.S)[0]
FORM = Form.model_validate(yaml.safe_load(EXAMPLE[1]))
READY = prepare(pack_of(FORM), FORM.id)
ROWS = re.findall(r"^\| `(\w+)`：(\S.*?) \| (.+?) \|$", TEXT, flags=re.M)
WHOLE = {
    "child": "a1", "birth_date": "2016-03-05", "at_school": "否", "reason": "生病",
    "carers": [{"relation": "奶奶", "days": "31"}], "height": "120", "weight": "25",
}  # fmt: skip


def test_the_example_is_a_whole_form(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "pack.toml").write_text('id = "p"\ntitle = "虚构"\nversion = "1"\n', "utf-8")
    (tmp_path / EXAMPLE[0]).write_text(EXAMPLE[1], "utf-8")
    assert check_path(tmp_path)[1] == []
    done = fill(READY, WHOLE, on=date(2026, 3, 10))
    assert done.faults == ()
    assert (done.values["age"], str(done.values["bmi"])) == (10, "17.4")
    hidden = fill(READY, WHOLE | {"birth_date": "2021-03-05"}, on=date(2026, 3, 10))
    assert hidden.dropped == ("at_school", "reason")


@pytest.mark.parametrize(("name", "typed", "said"), ROWS, ids=[f"{n} {t}" for n, t, _ in ROWS])
def test_each_row_of_the_table(name: str, typed: str, said: str) -> None:
    answers = WHOLE | ({"carers": [{"relation": "奶奶", "days": typed}]} if name == "days" else {name: typed})
    done = fill(READY, answers, on=date(2026, 3, 10))
    if said.startswith("不收："):
        assert f"不收：{done.faults[0].message}" == said
        return
    stored = document(READY, done)["answers"]
    value = stored["carers"][0]["days"] if name == "days" else stored[name]
    assert f"`{str(value).lower() if isinstance(value, bool) else value}`" == said


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "内容包" / "forms").mkdir(parents=True)
    (tmp_path / "内容包" / "pack.toml").write_text('id = "p"\ntitle = "虚构"\nversion = "1"\n', "utf-8")
    (tmp_path / "内容包" / EXAMPLE[0]).write_text(EXAMPLE[1], "utf-8")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^qingmiao (.+)$", TEXT, flags=re.M)
    assert commands
    for command in commands:
        done = CliRunner().invoke(main, command.split())
        assert done.exit_code == 0, done.output
    assert {p.name for p in tmp_path.iterdir()} == {"内容包", "入户.xlsx", "入户.schema.json", "入户.json"}


def test_every_type_and_key_of_a_field_is_named() -> None:
    assert len(ROWS) >= 8
    assert [t for t in get_args(FieldType) if f"`{t}`" not in TEXT] == []
    assert [k for k in FormField.model_fields if not re.search(rf"\b{k}\b", TEXT)] == []
    for snippet in re.findall(r"```yaml field\n(.*?)```", TEXT, flags=re.S):
        one = FormField.model_validate(yaml.safe_load(snippet))
        assert (one.column is None) != (one.compute is None)
        assert one.compute is None or parse(one.compute).sql()
