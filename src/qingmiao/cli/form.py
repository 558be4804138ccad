"""``qingmiao form``: a form of a pack as XLSForm, JSON Schema or FHIR Questionnaire."""

from __future__ import annotations

import json
from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.content import load_pack
from qingmiao.content.check_forms import check_form
from qingmiao.content.check_kinds import dangling
from qingmiao.content.kinds import KINDS
from qingmiao.kernel.errors import Fault, UserError

Out = click.Path(path_type=Path)


@click.command(name="form")
@click.argument("pack", type=click.Path(path_type=Path))
@click.argument("form_id", metavar="ID")
@click.option("--xlsform", type=Out, help="写成 XLSForm（.xlsx），供 ODK、KoboToolbox 等使用")
@click.option("--json-schema", type=Out, help="写成 JSON Schema（2020-12），描述存下的答案")
@click.option("--questionnaire", type=Out, help="写成 FHIR R4 Questionnaire（JSON）")
def form_command(
    pack: Path, form_id: str, xlsform: Path | None, json_schema: Path | None, questionnaire: Path | None
) -> None:
    """把内容包 PACK 的表单 ID 导出成别的系统能用的文件；三种可以一次写出。"""
    from qingmiao.forms import json_schema as schemas
    from qingmiao.forms import prepare
    from qingmiao.forms import questionnaire as fhir
    from qingmiao.forms import xlsform as sheets

    asked = [p for p in (xlsform, json_schema, questionnaire) if p is not None]
    if not asked:
        raise UserError("没有写要导出什么；加上 --xlsform、--json-schema 或 --questionnaire 和文件名")
    if len({p.resolve() for p in asked}) < len(asked):
        raise UserError("几种导出不能写到同一个文件；请用不同的文件名")
    loaded = load_pack(pack)
    faults: list[Fault] = []
    if form_id in loaded.forms:
        form = loaded.forms[form_id]
        faults = [*dangling(loaded, KINDS["forms"], form), *check_form(loaded, form)]
    if faults:
        raise UserError(f"表单 {form_id} 有 {len(faults)} 处错误，没有导出", faults)
    ready = prepare(loaded, form_id)
    files: dict[Path, bytes] = {}
    if xlsform is not None:
        files[xlsform] = sheets.workbook(ready)
    if json_schema is not None:
        files[json_schema] = _json(schemas.json_schema(ready))
    if questionnaire is not None:
        files[questionnaire] = _json(fhir.questionnaire(ready))
    write_whole(files)
    for path in files:
        say(f"{ready.form.label.zh}（第 {ready.form.version} 版）：{path}")


def _json(body: object) -> bytes:
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()
