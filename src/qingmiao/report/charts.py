"""Charts as Vega-Lite specifications. A chart draws only numbers that were resolved for it."""

from __future__ import annotations

from typing import Any

from qingmiao.report import palette
from qingmiao.report.model import Chart, DotChart, Figure, Point, SeriesChart, StackChart, TargetLine
from qingmiao.report.numbers import NumberRef

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


def _rows(points: tuple[Point, ...]) -> list[Spec]:
    return [
        {"at": p.at, "value": p.number, "low": p.low, "high": p.high, "text": text_of(p.value)}
        for p in points
    ]


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
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": chart.zero, "nice": True, "padding": 8},
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
    names = ["本地值"]
    layers: list[Spec] = []
    if chart.reference:
        names.append(chart.reference_label)
        layers.append(
            {
                "data": {"values": _rows(chart.reference)},
                "mark": {"type": "line", "strokeWidth": 1.5},
                "encoding": {"x": x, "y": y, **_named(chart, chart.reference_label)},
            }
        )
    if chart.forecast:
        names.append("预测")
        layers.extend(_forecast(chart, x, y))
    layers.extend(_breaks(chart, x))
    layers.append(_whiskers(chart.points, x, y))
    rows = _rows(chart.points)
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, **_named(chart, "本地值")},
        }
    )
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 34, "color": palette.SERIES, "opacity": 1},
            "encoding": {"x": x, "y": y},
        }
    )
    layers.extend(_target_lines(chart.target, x, y))
    layers.extend(_label(rows[-1], x, y))
    return _frame(layers, width, 190)


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


def _whiskers(points: tuple[Point, ...], x: Spec, y: Spec) -> Spec:
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


def _target_lines(lines: tuple[TargetLine, ...], x: Spec, y: Spec) -> list[Spec]:
    """A line at each bar, ending in a diamond at its year; the bars' numbers stand above the drawing, where no line runs."""
    out: list[Spec] = []
    for line in lines:
        row = {"value": line.number, "at": line.year}
        out.append(
            {
                "data": {"values": [row]},
                "mark": {"type": "rule", "color": palette.TARGET, "strokeWidth": 1.5, "strokeDash": [8, 3]},
                "encoding": {"y": y},
            }
        )
        if line.year:
            out.append(
                {
                    "data": {"values": [row]},
                    "mark": {
                        "type": "point",
                        "shape": "diamond",
                        "filled": True,
                        "size": 60,
                        "color": palette.TARGET,
                        "opacity": 1,
                    },
                    "encoding": {"x": x, "y": y},
                }
            )
    if lines:
        told = f"{lines[0].label} " + "、".join(text_of(line.value) for line in lines)
        out.append(
            {
                "data": {"values": [{"text": told}]},
                "mark": {
                    "type": "text",
                    "align": "right",
                    "baseline": "bottom",
                    "dy": -5,
                    "color": palette.TARGET,
                    "fontWeight": "bold",
                },
                "encoding": {"x": {"value": "width"}, "y": {"value": 0}, "text": {"field": "text"}},
            }
        )
    return out


def _label(row: Spec, x: Spec, y: Spec) -> list[Spec]:
    """The newest value, written at its point over a white outline."""
    mark = {"type": "text", "baseline": "bottom", "dy": -6, "fontWeight": "bold", "fontSize": 12}
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
    y = {
        "field": "at",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "grid": True, "ticks": False, "domain": False},
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True, "padding": 8},
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
    for line, colour, dash in lines:
        row = {"value": line.number, "text": f"{line.label} {text_of(line.value)}"}
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
