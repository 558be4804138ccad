"""``qingmiao form``: a form of a pack as XLSForm, JSON Schema or FHIR Questionnaire."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import click

from qingmiao.content import load_pack
from qingmiao.content.check_forms import check_form
from qingmiao.kernel.errors import UserError

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
    faults = list(check_form(loaded, loaded.forms[form_id])) if form_id in loaded.forms else []
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
    _write(files)
    for path in files:
        click.echo(f"{ready.form.label.zh}（第 {ready.form.version} 版）：{path}")


def _json(body: object) -> bytes:
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _write(files: Mapping[Path, bytes]) -> None:
    """All files or none: each is written beside its place first, and moved when all are whole."""
    if folder := next((path for path in files if path.is_dir()), None):
        raise UserError(f"写不了 {folder}：它是文件夹，请写文件名")
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    target = next(iter(files))
    try:
        for target, body in files.items():
            parts[target].write_bytes(body)
        for target, part in parts.items():
            part.replace(target)
    except OSError as wrong:
        raise UserError(f"写不了 {target}：{_why(wrong)}") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _why(wrong: OSError) -> str:
    if isinstance(wrong, FileNotFoundError | NotADirectoryError):
        return "没有这个文件夹，请先建立它或改文件名"
    return "没有写入的权限，请换一个文件夹" if isinstance(wrong, PermissionError) else str(wrong.strerror)
