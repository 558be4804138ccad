"""``qingmiao play``: the script of a programme, or the cases of a register or checklist, played without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from qingmiao.cli.saying import say


@click.command("play")
@click.argument("pack_folder", metavar="PACK", type=click.Path(path_type=Path))
@click.argument("programme", metavar="PROGRAMME")
@click.argument("script", metavar="[SCRIPT.yaml]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="每行写一条 JSON")
@click.option("--describe", is_flag=True, help="不演示：把环节、表单、代码、时限写成 JSON")
def play_command(pack_folder: Path, programme: str, script: Path | None, as_json: bool, describe: bool) -> None:
    """不要数据库，按脚本演示一个服务项目：每行之后的状态、准不准、时限、任务、转介；PROGRAMME 也可以是登记册或检查单的 id：办一遍它的例子。

    SCRIPT.yaml 是一个列表，每行写 at（中国时间）、do（环节，或要到的状态；wait 只让时间过去）、by（角色，或
    {role, id, unit}；job 是后台任务）、answers（字段: 答案），还可以写 second（第二人）、operation（操作编号）、
    seen（看到的版本）。{at, record: 记录, person: {name, sex, birth_date, area}, answers} 是登记一条记录，
    {at, case: 项目, do: 环节或状态, answers} 是别的项目的个案办到那里：能自动受理的就受理。PROGRAMME 是 id 或卡号（P01）。有一行不准办，退出码仍是 0：不准也是结果。
    行里写了 expect（state、refused、due、marks）的，和结果比较，不同的说出来，退出码 2。
    """
    from qingmiao.casework.describing import described
    from qingmiao.casework.expecting import missed, parted
    from qingmiao.casework.playing import play, read_script
    from qingmiao.casework.ready import prepare_programme
    from qingmiao.cli.playing import cases_unlike, folder_of, read_cases
    from qingmiao.content.load import load_pack
    from qingmiao.kernel.errors import UserError

    pack = load_pack(pack_folder)
    if folder := folder_of(pack, programme):
        path = script or pack_folder / "tests" / folder / f"{programme}.yaml"
        if not path.is_file():
            raise UserError(f"没有例子文件 {path}")
        many, wrong_cases = cases_unlike(pack, folder, programme, read_cases(path))
        if wrong_cases:
            raise UserError(f"{len(wrong_cases)} 处和例子说的不同：" + "\n".join(("", *wrong_cases)))
        say(f"{programme} 的 {many} 个例子都和说的一样")
        return
    ready = prepare_programme(pack, programme)
    if describe:
        click.echo(json.dumps(described(ready), ensure_ascii=False, indent=1))
        return
    if script is None:
        raise UserError("要写脚本文件；只看服务项目的内容用 --describe")
    if not script.is_file():
        raise UserError(f"没有脚本文件 {script}")
    lines, wanted = parted(_read(script))
    wrong = 0
    for told, expected in zip(play(ready, read_script(lines), pack), wanted, strict=True):
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            say(_words(told))
        if differs := missed(told, expected):
            wrong += 1
            say(f"第 {told['line']} 行和期望的不同：{'；'.join(differs)}", err=True)
    if wrong:
        raise UserError(f"脚本有 {wrong} 行和期望的不同")


def _read(path: Path) -> Any:
    """What a YAML file holds; UserError where it cannot be read."""
    from qingmiao.content.yaml_source import read_yaml
    from qingmiao.kernel.errors import UserError

    document = read_yaml(path, path.name)
    if document.faults:
        raise UserError(f"脚本 {path} 读不懂", list(document.faults))
    return document.data


def _words(told: dict[str, object]) -> str:
    done = "准" if told["allowed"] else f"不准：{told['refused']}"
    due = "；".join(f"{k} 到 {v}" for k, v in dict(told["due"]).items())  # type: ignore[call-overload]
    return f"{told['at']} {told['do']} → {told['state'] or '还没有'} {done}{'；时限 ' + due if due else ''}"
