"""Charts as Vega-Lite specifications. A chart draws only numbers that were resolved for it."""

from __future__ import annotations

from typing import Any

from qingmiao.figures.numbers import NumberRef
from qingmiao.report import palette
from qingmiao.report.model import Chart, ChartPoint, DotChart, Figure, SeriesChart, StackChart, TargetLine

Spec = dict[str, Any]
"""A Vega-Lite specification is JSON; its own schema types it."""

WIDTH = 300
"""Width of a chart in a pair, in pixels; a chart on its own is twice as wide."""
FONT = "Noto Sans SC"


def spec_of(chart: Chart, *, alone: bool = False) -> Spec:
    """The specification of a chart; `alone` gives it the whole width."""
    width = 2 * WIDTH + 20 if alone else WIDTH
    if isinstance(chart, SeriesChart):
        return _series(chart, width)
    if isinstance(chart, DotChart):
        return _dots(chart, width)
    return _stack(chart, width)


def _frame(layers: list[Spec], width: int, height: int) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4,
        "background": "white",
        "layer": layers,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 11,
                "titleFontSize": 11,
                "titleFontWeight": "normal",
                "labelColor": palette.INK,
                "titleColor": palette.QUIET,
                "gridColor": palette.GRID,
                "domainColor": palette.QUIET,
                "tickColor": palette.QUIET,
                "labelFont": FONT,
                "titleFont": FONT,
            },
            "text": {"font": FONT, "fontSize": 11, "color": palette.INK},
            "legend": {"labelFont": FONT, "labelFontSize": 11, "symbolStrokeWidth": 2},
        },
    }


def text_of(value: NumberRef | Figure) -> str:
    """The published text of a resolved number."""
    if not isinstance(value, Figure):
        raise TypeError(f"unresolved number in a chart: {value!r}")
    return value.text


def _rows(points: tuple[ChartPoint, ...]) -> list[Spec]:
    return [{"at": p.at, "value": p.number, "low": p.low, "high": p.high, "text": text_of(p.value)} for p in points]


def _series(chart: SeriesChart, width: int) -> Spec:
    years = [int(p.at) for p in (*chart.points, *chart.forecast, *chart.reference)]
    years += [t.year for t in chart.target if t.year]
    first, last = min(years), max(years)
    ticks = list(range(first, last + 1, max(1, -(-(last - first) // 6))))
    x = {
        "field": "at",
        "type": "quantitative",
        "scale": {"domain": [first - 0.3, last + 0.5], "nice": False},
        "axis": {"format": "d", "values": ticks, "grid": False, "title": None},
    }
    drawn = (*chart.points, *chart.forecast, *chart.reference)
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": scale_of(drawn, chart.target, unit=chart.unit, zero=chart.zero),
        "axis": {
            "title": chart.unit,
            "tickCount": 5,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleX": 0,
            "titleY": -7,
            "titleBaseline": "bottom",
        },
    }
    layers: list[Spec] = []
    if chart.reference:
        layers.append(_line(chart, chart.reference, chart.reference_label, x, y, 1.5))
    if chart.forecast:
        layers.extend(_forecast(chart, x, y))
    layers.extend(_breaks(chart, x))
    layers.append(_whiskers(chart.points, x, y))
    layers.append(_line(chart, chart.points, "本地值", x, y, 2))
    rows = _rows(chart.points)
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 34, "color": palette.SERIES, "opacity": 1},
            "encoding": {"x": x, "y": y},
        }
    )
    layers.extend(_target_lines(chart.target, first, x, y))
    layers.extend(_label(rows, x, y))
    return _frame(layers, width, 190)


def scale_of(points: tuple[ChartPoint, ...], lines: tuple[TargetLine, ...], *, unit: str, zero: bool = False) -> Spec:
    """A scale that holds all numbers with some room, never below 0 where none is negative, never above 100% where none
    is."""
    numbers = [p.number for p in points] + [t.number for t in lines]
    ends = [e for p in points for e in (p.low, p.high) if e is not None]
    positive, share = min(numbers) >= 0, unit == "%" and max(numbers) <= 100
    low, high = min([*numbers, *ends]), max([*numbers, *ends])
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    low, high = low - room, high + room
    low = 0.0 if positive and zero else max(0.0, low) if positive else low
    return {"domain": [low, min(100.0, high) if share else high], "nice": True, "zero": False, "clamp": True}


def segments(points: tuple[ChartPoint, ...]) -> list[Spec]:
    """Rows with the number of their unbroken run of years: a line joins the rows of one run and no others."""
    rows, run, before = [], 0, None
    for row in _rows(points):
        run += before is not None and row["at"] - before > 1
        before = row["at"]
        rows.append({**row, "run": run})
    return rows


def _line(chart: SeriesChart, points: tuple[ChartPoint, ...], name: str, x: Spec, y: Spec, width: float) -> Spec:
    """A line that stops before a missing year and begins again behind it."""
    detail = {"field": "run", "type": "nominal"}
    return {
        "data": {"values": segments(points)},
        "mark": {"type": "line", "strokeWidth": width, "point": {"filled": True, "size": 12}},
        "encoding": {"x": x, "y": y, "detail": detail, **_named(chart, name)},
    }


def _named(chart: SeriesChart, name: str) -> Spec:
    """Colour and dash by name, with one shared legend below the chart when there is more than one line."""
    names = ["本地值"]
    colours, dashes = [palette.SERIES], [[1, 0]]
    if chart.reference:
        names.append(chart.reference_label)
        colours.append(palette.REFERENCE)
        dashes.append([5, 3])
    if chart.forecast:
        names.append("预测")
        colours.append(palette.FORECAST)
        dashes.append([2, 2])
    legend = None
    if len(names) > 1:
        legend = {
            "title": None,
            "orient": "bottom",
            "direction": "horizontal",
            "symbolType": "stroke",
            "symbolSize": 300,
        }
    return {
        "color": {"datum": name, "scale": {"domain": names, "range": colours}, "legend": legend},
        "strokeDash": {"datum": name, "scale": {"domain": names, "range": dashes}, "legend": legend},
    }


def _forecast(chart: SeriesChart, x: Spec, y: Spec) -> list[Spec]:
    """The band of the forecast and its line, joined to the last value."""
    rows = _rows(chart.forecast)
    last = _rows(chart.points[-1:])[0]
    band = [{**last, "low": last["value"], "high": last["value"]}, *(r for r in rows if r["low"] is not None)]
    return [
        {
            "data": {"values": band},
            "mark": {"type": "area", "color": palette.BAND, "opacity": 0.8},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": [last, *rows]},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, **_named(chart, "预测")},
        },
    ]


def _whiskers(points: tuple[ChartPoint, ...], x: Spec, y: Spec) -> Spec:
    rows = [r for r in _rows(points) if r["low"] is not None and r["high"] is not None]
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": palette.SERIES, "strokeWidth": 1, "opacity": 0.55},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }


def _breaks(chart: SeriesChart, x: Spec) -> list[Spec]:
    """A dotted line before the first year of a definition that is not comparable with the one before."""
    if not chart.breaks:
        return []
    rows = [{"at": y - 0.5, "text": "口径调整"} for y in chart.breaks]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeDash": [1, 3], "color": palette.QUIET},
            "encoding": {"x": x},
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 3,
                "baseline": "top",
                "fontSize": 10,
                "color": palette.QUIET,
            },
            "encoding": {"x": x, "y": {"value": 2}, "text": {"field": "text"}},
        },
    ]


def _target_lines(lines: tuple[TargetLine, ...], first: int, x: Spec, y: Spec) -> list[Spec]:
    """A dashed line at each number over the years in which it is in force, ending in a diamond at the year it is due;
    the numbers stand above the drawing, where no line runs."""
    out: list[Spec] = []
    colour = palette.TARGET
    for line in lines:
        begin = first - 0.3 if line.since is None else line.since
        row = {"value": line.number, "at": begin, "end": line.year}
        across = {"x": x, "x2": {"field": "end"}} if line.ends and line.year and line.year > begin else {}
        out.append(
            {
                "data": {"values": [row]},
                "mark": {"type": "rule", "color": colour, "strokeWidth": 1.5, "strokeDash": [8, 3]},
                "encoding": {"y": y, **across},
            }
        )
        if line.year:
            out.append(
                {
                    "data": {"values": [{"value": line.number, "at": line.year}]},
                    "mark": {
                        "type": "point",
                        "shape": "diamond",
                        "filled": True,
                        "size": 60,
                        "color": colour,
                        "opacity": 1,
                    },
                    "encoding": {"x": x, "y": y},
                }
            )
    if lines:
        out.append(_heading(told_lines(lines), colour))
    return out


SHOWN_BARS = 3
"""So many numbers stand above a drawing; of more, the first and the last."""


def told_lines(lines: tuple[TargetLine, ...]) -> str:
    """目标值 3.2, or with the years where there are several: 目标值 2023年3.5、2025年3.2."""
    years = {t.year for t in lines}
    told = [f"{t.year}年{text_of(t.value)}" if len(years) > 1 else text_of(t.value) for t in lines]
    if len(told) > SHOWN_BARS:
        return f"{lines[0].label} {told[0]}……{told[-1]}"
    label = lines[0].label
    if label != "目标值" and lines[0].year and len(years) == 1:
        label = f"{lines[0].year}年{label}"
    return f"{label} " + "、".join(told)


def _heading(text: str, colour: str) -> Spec:
    return {
        "data": {"values": [{"text": text}]},
        "mark": {
            "type": "text",
            "align": "right",
            "baseline": "bottom",
            "dy": -5,
            "color": colour,
            "fontWeight": "bold",
        },
        "encoding": {"x": {"value": "width"}, "y": {"value": 0}, "text": {"field": "text"}},
    }


LOW_PART = 0.2
"""In this part of the height, from the axis up, a number has no room below its point."""


def _label(rows: list[Spec], x: Spec, y: Spec) -> list[Spec]:
    """The newest value, written at its point over a white outline, on the side away from the line that leads to it;
    never into the axis."""
    row = rows[-1]
    low, high = y["scale"]["domain"]
    near_axis = row["value"] - low < LOW_PART * (high - low)
    rising = near_axis or len(rows) < 2 or row["value"] >= rows[-2]["value"]
    mark = {
        "type": "text",
        "baseline": "bottom" if rising else "top",
        "dy": -6 if rising else 7,
        "fontWeight": "bold",
        "fontSize": 12,
    }
    encoding = {"x": x, "y": y, "text": {"field": "text"}}
    data = {"values": [row]}
    return [
        {
            "data": data,
            "mark": {**mark, "stroke": "white", "strokeWidth": 4, "color": "white"},
            "encoding": encoding,
        },
        {"data": data, "mark": {**mark, "color": palette.SERIES}, "encoding": encoding},
    ]


def _dots(chart: DotChart, width: int) -> Spec:
    rows = _rows(chart.points)
    drawn = (*chart.target, *((chart.county,) if chart.county else ()))
    y = {
        "field": "at",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "grid": True, "ticks": False, "domain": False},
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": scale_of(chart.points, drawn, unit=chart.unit),
        "axis": {"title": chart.unit, "tickCount": 5, "grid": False},
    }
    limits = [r for r in rows if r["low"] is not None and r["high"] is not None]
    layers: list[Spec] = [
        {
            "data": {"values": limits},
            "mark": {"type": "bar", "height": 9, "color": palette.BAND},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        }
    ]
    lines = [(t, palette.TARGET, [8, 3]) for t in chart.target]
    if chart.county:
        lines.append((chart.county, palette.QUIET, [1, 0]))
    for place, (line, colour, dash) in enumerate(sorted(lines, key=lambda item: item[0].number)):
        row = {"value": line.number, "text": f"{line.label} {text_of(line.value)}"}
        # The left one is written to the left of its line, the right one to the right: they cannot meet.
        align = {1: "center"}.get(len(lines), "right" if place == 0 else "left")
        layers.append(
            {
                "data": {"values": [row]},
                "mark": {"type": "rule", "color": colour, "strokeDash": dash, "strokeWidth": 1.5},
                "encoding": {"x": x},
            }
        )
        layers.append(
            {
                "data": {"values": [row]},
                "mark": {
                    "type": "text",
                    "color": colour,
                    "align": align,
                    "baseline": "bottom",
                    "dy": -3,
                    "fontWeight": "bold",
                },
                "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "text"}},
            }
        )
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 60, "color": palette.SERIES, "opacity": 1},
            "encoding": {"x": x, "y": y},
        }
    )
    return _frame(layers, width, 60 + 17 * max(1, len(rows)))


def _stack(chart: StackChart, width: int) -> Spec:
    """Stacked bars in a fixed order; every piece is outlined and carries its number."""
    rows: list[Spec] = []
    for name, cells in chart.points:
        start = 0.0
        for label, figure, number in cells:
            rows.append(
                {
                    "field": name,
                    "class": label,
                    "start": start,
                    "end": start + number,
                    "middle": start + number / 2,
                    "text": text_of(figure),
                    "order": chart.classes.index(label),
                }
            )
            start += number
    y = {
        "field": "field",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "ticks": False, "domain": False},
    }
    x = {"type": "quantitative", "axis": {"title": "目标数（项）", "grid": False, "tickMinStep": 1}}
    domain = list(chart.classes)
    fill = {
        "field": "class",
        "type": "nominal",
        "scale": {"domain": domain, "range": list(palette.CLASSES)},
        "legend": {
            "title": None,
            "orient": "top",
            "symbolType": "square",
            "symbolStrokeColor": palette.INK,
            "symbolSize": 130,
        },
    }
    ink = {
        "field": "class",
        "type": "nominal",
        "scale": {"domain": domain, "range": list(palette.CLASS_TEXT)},
        "legend": None,
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 15, "stroke": palette.INK, "strokeWidth": 0.7},
            "encoding": {"y": y, "x": {**x, "field": "start"}, "x2": {"field": "end"}, "fill": fill},
        },
        {
            "mark": {"type": "text", "baseline": "middle", "fontSize": 11},
            "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "text"}, "color": ink},
        },
    ]
    out = _frame(layers, width, 70 + 24 * max(1, len(chart.points)))
    out["data"] = {"values": rows}
    out["resolve"] = {"scale": {"color": "independent", "fill": "independent"}}
    return out
