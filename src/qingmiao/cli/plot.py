"""``qingmiao plot growth``: one child's growth curve as SVG."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from qingmiao.cli.saying import say
from qingmiao.kernel.whole_files import write_whole
from qingmiao.standards.columns import Columns, Floats
from qingmiao.standards.files import Field, FileError, read_chunks
from qingmiao.standards.growth.chart import Point, growth_chart
from qingmiao.standards.growth.curves import MEASURES
from qingmiao.standards.growth.inputs import (
    DAYS_PER_MONTH,
    LYING,
    MEASURED,
    STANDING,
    age_in_months,
    sexes,
)
from qingmiao.standards.growth.who2006 import NINE_MONTHS_DAYS, POSITION_CM, TWO_YEARS_DAYS
from qingmiao.standards.words import SEX

_FIELDS = (
    Field("id", "text", "编号", verbatim=True),
    Field("sex", "text", "性别：m/f/1/2/男/女", allowed=tuple(SEX)),
    Field("age_days", "number", "日龄"),
    Field("age_months", "number", "月龄"),
    Field("weight_kg", "number", "体重，千克"),
    Field("lenhei_cm", "number", "身长或身高，厘米"),
    Field(
        "measure",
        "text",
        "量法：l 卧位身长，h 立位身高；量法与月龄不合时换算 0.7 厘米",
        allowed=tuple(MEASURED),
    ),
    Field("height_cm", "number", "身高，厘米"),
    Field("headc_cm", "number", "头围，厘米"),
    Field("armc_cm", "number", "上臂围，厘米"),
    Field("triskin_mm", "number", "肱三头肌皮褶厚度，毫米"),
    Field("subskin_mm", "number", "肩胛下皮褶厚度，毫米"),
)
_VALUES = {
    "hcfa": "headc_cm",
    "acfa": "armc_cm",
    "tsfa": "triskin_mm",
    "ssfa": "subskin_mm",
    "wfa": "weight_kg",
}
_ALL = sorted({measure for measures in MEASURES.values() for measure in measures})


class CannotPlot(click.ClickException):
    """What was given cannot be drawn; exit code 2, no file written."""

    exit_code = 2


@click.group()
def plot() -> None:
    """画图。"""


@plot.command("growth")
@click.option(
    "--standard",
    type=click.Choice(sorted(MEASURES)),
    default="wst423",
    show_default=True,
    help="用哪个标准的曲线",
)
@click.option(
    "--measure", type=click.Choice(_ALL), default="wfa", show_default=True, help="哪条曲线，如 wfa 年龄别体重"
)
@click.option("--sex", type=click.Choice(["m", "f"]), help="性别；不给时取表里的 sex 列")
@click.option("--id", "child", help="表里有多名儿童时，画哪一名")
@click.option("--gestation-weeks", type=float, help="出生胎龄（周）；早产儿按矫正月龄画到 24 月龄")
@click.option("--title", default="", help="写在标题后的话")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
def growth(
    standard: str,
    measure: str,
    sex: str | None,
    child: str | None,
    gestation_weeks: float | None,
    title: str,
    source: Path,
    target: Path,
) -> None:
    """把 IN 里一名儿童历次测量画成生长曲线图 OUT（.svg）。"""
    if target.suffix.lower() != ".svg":
        raise CannotPlot(f"{target}：只会画 .svg")
    try:
        columns = _one_child(source, child)
        code = {"m": 1, "f": 2}[sex] if sex else _sex(columns, source)
        points = _points(columns, measure)
        if not points:
            raise CannotPlot(f"{source}：没有一次测量有画 {measure} 要的数")
        svg = growth_chart(standard, measure, code, points, gestation_weeks=gestation_weeks, title=title)
        write_whole(target, svg.encode())
    except (FileError, OSError) as error:
        raise CannotPlot(str(error)) from error
    except ValueError as error:
        raise CannotPlot(f"{standard} 没有 {measure} 曲线；可用 {' '.join(MEASURES[standard])}") from error
    drawn = svg.count('class="point"')
    missed = f"（另有 {len(points) - drawn} 次在曲线范围之外，没有画）" if drawn < len(points) else ""
    say(f"{drawn} 次测量{missed}，写到 {target}", err=True)


def _one_child(source: Path, child: str | None) -> Columns:
    table = pa.concat_tables(read_chunks(source, _FIELDS))
    if "id" in table.column_names:
        ids = [str(value) for value in table["id"].to_pylist()]
        if child is None and len(set(ids)) > 1:
            raise FileError(f"{source}：有 {len(set(ids))} 名儿童，请用 --id 指明一名")
        if child is not None:
            table = table.filter(pa.array([value == child for value in ids]))
            if not table.num_rows:
                raise FileError(f"{source}：没有编号是 {child} 的儿童")
    return Columns(table)


def _sex(columns: Columns, source: Path) -> int:
    known = {int(code) for code in sexes(columns) if code > 0} if "sex" in columns else set()
    if len(known) != 1:
        raise FileError(f"{source}：性别缺或前后不一，请用 --sex 指明")
    return known.pop()


def _as_the_curves_want(columns: Columns, age_months: Floats) -> Floats:
    """Length below 24 months (731 days), height from there: the other position is turned by 0.7 cm, as WHO and WS/T 423
    do.

    Standing below 9 months is taken as wrongly noted (WHO), the length stays.
    """
    length = columns.floats("lenhei_cm" if "lenhei_cm" in columns else "height_cm")
    measured = columns.codes("measure", MEASURED)
    days = age_months * DAYS_PER_MONTH
    old = days >= TWO_YEARS_DAYS - 0.5
    up = (measured == STANDING) & (days >= NINE_MONTHS_DAYS) & ~old
    turned: Floats = length + POSITION_CM * up - POSITION_CM * ((measured == LYING) & old)
    return turned


def _points(columns: Columns, measure: str) -> list[Point]:
    age = age_in_months(columns)
    length = _as_the_curves_want(columns, age)
    weight = columns.floats("weight_kg")
    x = length if measure in ("wfl", "wfh") else age
    if measure == "bfa":
        with np.errstate(all="ignore"):
            y = weight / (length / 100) ** 2
    elif measure in ("lhfa", "hfa"):
        y = length
    else:
        y = columns.floats(_VALUES.get(measure, "weight_kg"))
    return [Point(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(a) and np.isfinite(b)]
