"""``qingmiao monitor``: the main job with a progress display."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute
from rich.console import Console

from qingmiao.cli.saying import say
from qingmiao.cli.years import asked_year
from qingmiao.content import Pack
from qingmiao.content.check import check_path
from qingmiao.kernel.days import china_today
from qingmiao.kernel.errors import UserError
from qingmiao.report.languages import LANGUAGES


@click.command()
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), required=True, help="内容包文件夹")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="数据文件夹（facts/、returns/、series.csv）",
)
@click.option("--year", "asked", required=True, help="监测年份")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果文件夹")
@click.option(
    "--fonts",
    type=click.Path(path_type=Path),
    default=None,
    help="字体文件夹（默认 var/fonts，没有就用程序自带的）",
)
@click.option("--formats", default="docx,pdf,html", show_default=True, help="报告格式，逗号分隔；none 不写报告")
@click.option(
    "--report", "asked_reports", multiple=True, help="哪份报告：annual、brief、field=领域编号；可写多次（默认 annual）"
)
@click.option(
    "--lang",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    help="报告的文字：zh 中文（默认）、en 英文；可写两次",
)
@click.option("--no-marks", is_flag=True, help="正文的数字不带上标（数字索引仍在附件里）")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="报告日期（默认今天）")
@click.option("--no-bom", is_flag=True, help="CSV 文件不加字节序标记（Windows 上的 Excel 靠它认出 UTF-8）")
def monitor(
    pack_folder: Path,
    data: Path,
    asked: str,
    out: Path,
    fonts: Path | None,
    formats: str,
    asked_reports: tuple[str, ...],
    languages: tuple[str, ...],
    no_marks: bool,
    on: object,
    no_bom: bool,
) -> None:
    """从规划和数据文件夹算出指标、研判、预警，写出年度监测报告（docx、PDF、HTML）。"""
    from qingmiao.monitor import WantedReport
    from qingmiao.monitor import monitor as run_monitor

    year = asked_year(asked)
    pack, faults = check_path(pack_folder)
    if faults or pack is None:
        raise UserError(f"内容包 {pack_folder} 有 {len(faults)} 处错误；先用 qingmiao check 改好", faults)
    wanted = () if formats == "none" else tuple(f.strip() for f in formats.split(",") if f.strip())
    unknown = sorted(set(wanted) - {"docx", "pdf", "html"})
    if unknown:
        raise UserError(f"不认识的报告格式：{'、'.join(unknown)}；可用 docx、pdf、html、none")
    asked_names = asked_reports or ("annual",)
    reports = tuple(
        WantedReport(*asked.partition("=")[::2], language, not no_marks)
        for asked in asked_names
        for language in dict.fromkeys(languages or ("zh",))
    )
    if len(set(asked_names)) < len(asked_names):
        raise UserError("同一份报告写了两次 --report；每份只写一次")
    day = on.date() if hasattr(on, "date") else china_today()
    with progress_display() as step:
        run = run_monitor(
            pack,
            data,
            out,
            year=year,
            on=day,
            fonts=fonts,
            formats=wanted,
            bom=not no_bom,
            reports=reports,
            progress=step,
        )
    for note in notes(pack, run.measured.values, year):
        say(f"注意：{note}", err=True)
    rate = run.assessment.rate
    told = rate.told(pack.policy)
    share = f"，达标率 {told}%" if told else ""
    if rate.monitored and not told:
        share = "（可判定的太少，不计算达标率）"
    say(f"{pack.title} {year} 年：{rate.total} 个目标，可判定 {rate.monitored} 个，已达标 {rate.met} 个{share}；")
    say(f"  无法判定或待下达 {len(rate.unmonitored)} 个；预警 {len(run.assessment.warnings)} 条；运行编号 {run.id}")
    for path in sorted(p for p in out.iterdir() if p.is_file()):
        click.echo(f"  {path}")


def notes(pack: Pack, values: pa.Table, year: int) -> list[str]:
    """What a user who asked for an odd year should know: no value in that year, or a year outside the plan."""
    found = []
    known = set(values.filter(pa.compute.is_valid(values["value"]))["year"].to_pylist())
    if year not in known:
        have = f"有值的年份：{min(known)}—{max(known)}" if known else "数据里没有任何指标值"
        found.append(f"{year} 年没有指标值（{have}），有数值的目标都无法判定")
    plan = pack.plan
    if plan is not None and not plan.start <= year <= plan.end:
        found.append(f"{year} 年不在规划期 {plan.start}—{plan.end} 年内")
    return found


class progress_display:  # noqa: N801 - a context manager used like a function
    """Shows each step as it begins, with a spinner on a terminal and plain lines elsewhere (standard error)."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.status = self.console.status("开始") if self.console.is_terminal else None
        self.began = time.monotonic()

    def __enter__(self) -> Callable[[str], None]:
        if self.status is not None:
            self.status.start()
        return self.step

    def step(self, text: str) -> None:
        """Show that a step begins."""
        if self.status is not None:
            self.status.update(text)
        else:
            print(f"[{time.monotonic() - self.began:5.1f} 秒] {text}", file=sys.stderr, flush=True)

    def __exit__(self, *error: object) -> None:
        if self.status is not None:
            self.status.stop()
        if error[0] is None:
            self.console.print(f"完成，用时 {time.monotonic() - self.began:.1f} 秒", highlight=False)
