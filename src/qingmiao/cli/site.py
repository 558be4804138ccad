"""``qingmiao serve | worker | audit | backup | restore``: the web site from the command line.

Django is loaded only where it is needed; `serve` never loads it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from qingmiao.cli.saying import say


@click.command()
@click.option("--demo", is_flag=True, help="演示方式：本机、自带数据库、虚构数据和账号")
@click.option("--home", type=click.Path(path_type=Path), help="站点写文件的文件夹（默认 var/site，演示 var/demo/site）")
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), help="内容包文件夹")
@click.option("--data", type=click.Path(path_type=Path), help="演示数据文件夹（只用于 --demo）")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", type=click.IntRange(1, 65535), help="端口（默认环境变量 PORT，再默认 8000）")
@click.option("--reset", is_flag=True, help="只用于 --demo：停下演示数据库并删去演示站点的全部内容")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="网页服务的进程数")
def serve(
    demo: bool,
    home: Path | None,
    pack_folder: Path | None,
    data: Path | None,
    host: str,
    port: int | None,
    reset: bool,
    workers: int,
) -> None:
    """启动站点：数据库、后台任务和网页，一个命令；Ctrl-C 或 SIGTERM 全部停止。"""
    if demo:
        os.environ["QINGMIAO_MODE"] = "demo"
        os.environ.setdefault("QINGMIAO_HOME", str(Path("var/demo/site").resolve()))
    if home:
        os.environ["QINGMIAO_HOME"] = str(home.resolve())
    if pack_folder:
        os.environ["QINGMIAO_PACK"] = str(pack_folder.resolve())
    from qingmiao.site.config import environment, process, supervisor
    from qingmiao.site.config.port import port_from_environment

    settings = environment.read()
    if data and settings.mode != "demo":
        raise click.UsageError("--data 是演示数据，只用于 --demo；正式站点的数由各单位填报或上传，去掉 --data 再启动")
    if reset:
        process.forget(settings)
        return
    chosen = port or port_from_environment()
    began, told = time.monotonic(), list[str]()

    def ready() -> None:
        from qingmiao.site.config.welcome import welcome

        told.extend(welcome(settings, address=f"http://{host}:{chosen}", seconds=time.monotonic() - began, say=_say))

    def whole() -> None:
        from qingmiao.site.config.welcome import all_there

        all_there(settings, told, seconds=time.monotonic() - began, say=_say)

    code = supervisor.serve(
        settings, port=chosen, host=host, workers=workers, data=data, ready=ready, whole=whole, say=_say
    )
    raise SystemExit(code)


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 16),
    default=8,
    show_default=True,
    help="同时接几个任务（同一种任务总是一个一个做）",
)
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=click.Choice(["measure", "report", "default"]),
    help="只做这些队列的任务（可重复；默认全部）",
)
def worker(concurrency: int, queues: tuple[str, ...]) -> None:
    """运行后台任务（计算、报告、定时提醒），重的在会结束的子进程里做；serve 已经带一个，多台机器时单独启动。"""
    from qingmiao.site.config import environment, process

    process.require_running(environment.read())
    process.set_up("working")
    from django.core.management import call_command
    from procrastinate.contrib.django import app

    from qingmiao.cli.of_site import require_present_structure
    from qingmiao.site.apps.audit.api import Sealer

    require_present_structure()
    # What was accepted while no worker lived, or by one that was killed at it, is measured now.
    app.configure_task("monitoring.refresh", queue="measure").defer()
    with Sealer():
        call_command(
            "procrastinate",
            "worker",
            "--concurrency",
            str(concurrency),
            "--name",
            f"worker-{os.getpid()}",
            *(("--queues", ",".join(queues)) if queues else ()),
            "--shutdown-graceful-timeout",
            "10",
        )


@click.group()
def audit() -> None:
    """审计记录：核对整条链。"""


@audit.command()
@click.option("--anchors", type=click.Path(path_type=Path), help="库外锚点文件（默认 站点文件夹/audit-anchors.jsonl）")
def verify(anchors: Path | None) -> None:
    """重算审计链的每一环，并与库外锚点比对；有改动、缺失或超过一分钟没有封存时列出并以 1 退出。只读，不封存。"""
    from qingmiao.site.config import environment, process

    settings = environment.read()
    with process.database(settings):
        process.set_up()
        from qingmiao.cli.of_site import require_present_structure
        from qingmiao.site.apps.audit import api

        require_present_structure()
        verdict = api.verify(anchors or settings.home / api.ANCHORS, patience=2 * api.EVERY)
    for fault in verdict.faults:
        say(f"错误：{fault}", err=True)
    late = f"，其中 {verdict.late} 条超过一分钟" if verdict.late else ""
    say(
        f"审计链共 {verdict.events} 条已封存，链头 {verdict.head[:16]}，"
        f"{'完整' if not verdict.faults else f'{len(verdict.faults)} 处不符'}；"
        f"待封存 {verdict.unsealed} 条{late}；缺失或被改动 {verdict.broken} 条；"
        f"空着的写入序号 {verdict.gaps} 个（事务回滚也会留下，不能证明有过删除）"
    )
    raise SystemExit(1 if verdict.faults else 0)


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
def backup(out: Path) -> None:
    """把数据库和文件备份到新的文件夹 OUT，带散列清单；站点可以照常运行。"""
    from qingmiao.kernel.days import china_now
    from qingmiao.site.config import backup as backups
    from qingmiao.site.config import environment, process

    settings = environment.read()
    with process.database(settings) as kept:
        _seal()
        made = backups.write(kept.url, settings.home, out, key=settings.secret_key, now=china_now(), say=_say)
    rows = sum(made.manifest["rows"].values())
    say(
        f"备份完成并已核对：{out}（{len(made.manifest['files'])} 个文件，{len(made.manifest['rows'])} 张表，{rows} 行）"
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--check-only", is_flag=True, help="只核对备份，不恢复")
def restore(folder: Path, check_only: bool) -> None:
    """从备份 FOLDER 恢复：先核对全部散列，再恢复到新库，行数相符才换上；原来的数据保留。站点要先停下。"""
    from qingmiao.kernel.days import china_now
    from qingmiao.site.config import backup as backups
    from qingmiao.site.config import environment, process
    from qingmiao.site.config.restore import restore as swap_in

    settings = environment.read()
    checked = backups.check(folder, key=settings.secret_key)
    if check_only:
        say(f"备份完好：{len(checked.manifest['files'])} 个文件，做于 {checked.manifest['made_at']}")
        return
    with process.one_site(settings), process.database(settings, new=True) as kept:
        rows = swap_in(checked, kept.url, settings.home, now=china_now(), say=_say)
    say(f"恢复完成：{len(rows)} 张表，{sum(rows.values())} 行，与备份清单相符")


def _seal() -> None:
    """Seal what waits, so that the head in a backup's manifest covers it; a database of an older version is left as it
    is."""
    from django.db import ProgrammingError

    from qingmiao.site.config import process

    process.set_up()
    from qingmiao.site.apps.audit import api

    try:
        api.seal()
    except ProgrammingError:
        _say("数据库的结构不是这个版本的，没有封存新的审计记录，照原样备份")


def _say(text: str) -> None:
    say(f"[青苗] {text}", err=True)
