// Charts of the indicator page. Each <div data-chart="id"> draws the JSON of <script id="id">; the same numbers stand in a table.
import { init, use } from "echarts/core";
import { CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

const css = getComputedStyle(document.documentElement);
const colour = (name) => css.getPropertyValue(name).trim();
const INK = colour("--ink"), QUIET = colour("--quiet"), LINE = colour("--line"), ACCENT = colour("--accent"), BAD = colour("--bad"), WARN = colour("--warn");
const font = css.fontFamily;

function bars(name, points, tint) {
  // vertical intervals as thin whiskers
  return {
    name, type: "custom", silent: true, z: 1, itemStyle: { color: tint },
    data: points.filter((p) => p.low !== null && p.low !== undefined).map((p) => [p.year, p.low, p.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem(params, api) {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)])[1];
      const style = { stroke: tint, lineWidth: 1.5 };
      return { type: "group", children: [
        { type: "line", shape: { x1: x, x2: x, y1: low, y2: high }, style },
        { type: "line", shape: { x1: x - 4, x2: x + 4, y1: low, y2: low }, style },
        { type: "line", shape: { x1: x - 4, x2: x + 4, y1: high, y2: high }, style } ] };
    },
  };
}

function seriesChart(d) {
  const years = [...d.points, ...d.forecasts].map((p) => p.year).concat(d.references.flatMap((r) => r.points.map((p) => p[0])));
  const first = Math.min(...d.points.map((p) => p.year)), last = Math.max(...years);
  const texts = Object.fromEntries(d.points.map((p) => [p.year, p.text]));
  const lastPoint = d.points[d.points.length - 1];
  const series = [
    bars(d.words.interval, d.points, "#9db4ae"),
    { name: d.words.value, type: "line", data: d.points.map((p) => [p.year, p.value]), symbol: "circle", symbolSize: 7, z: 3, lineStyle: { color: ACCENT, width: 2 }, itemStyle: { color: ACCENT },
      labelLayout: { hideOverlap: true },
      label: { show: d.points.length <= 14, backgroundColor: "#fffd", padding: [1, 2], distance: 4, formatter: (x) => texts[x.value[0]] || "", color: INK, fontFamily: font, fontSize: 11, position: "top" },
      markLine: { silent: true, symbol: "none", animation: false, z: 2,
        data: [...d.bars.map((b) => ({ yAxis: b.value, lineStyle: { color: WARN, type: "dashed", width: 1.5 }, label: { show: false } })),
          ...d.breaks.map((y) => ({ xAxis: y - 0.5, lineStyle: { color: QUIET, type: "dotted" }, label: { formatter: d.words.break, color: QUIET, fontFamily: font, fontSize: 10 } })),
          ...(d.marks || []).map((m) => ({ xAxis: m.year, lineStyle: { color: INK, type: "solid", width: 1 }, label: { formatter: m.text, position: "end", align: m.year >= last ? "right" : "center", color: INK, fontFamily: font, fontSize: 11 } }))] } },
  ];
  if (d.forecasts.length && lastPoint) {
    series.push({ name: d.words.forecast, type: "line", data: [[lastPoint.year, lastPoint.value], ...d.forecasts.map((f) => [f.year, f.value])], symbol: "emptyCircle", symbolSize: 7, lineStyle: { color: ACCENT, type: "dashed" }, itemStyle: { color: ACCENT } });
    series.push(bars(d.words.forecast, d.forecasts, ACCENT));
  }
  for (const r of d.references) {
    series.push({ name: r.name, type: "line", data: r.points.filter((p) => p[0] >= first - 1), symbol: "rect", symbolSize: 5, lineStyle: { color: QUIET, type: "dotted", width: 1.5 }, itemStyle: { color: QUIET } });
  }
  // What a bar says stands in the legend: beside its line it would lie on the values' labels.
  for (const b of d.bars) series.push({ name: `${d.words.target} ${b.text}`, type: "line", data: [], symbol: "none", lineStyle: { color: WARN, type: "dashed", width: 1.5 }, itemStyle: { color: WARN } });
  const names = [...new Set(series.filter((s) => s.type === "line").map((s) => s.name))];
  return {
    animation: false, textStyle: { fontFamily: font, color: INK },
    grid: { left: 8, right: 16, top: ((d.marks || []).length ? 26 : 12) + (names.length > 1 ? 26 : 0), bottom: 8, containLabel: true },
    legend: { type: "scroll", top: 0, show: names.length > 1, data: names, textStyle: { color: QUIET, fontFamily: font } },
    tooltip: { trigger: "axis", valueFormatter: (v) => (v === undefined || v === null ? "—" : `${Number(v).toFixed(d.decimals)}${d.unit}`) },
    xAxis: { type: "value", min: first - 0.5, max: last + 0.5, minInterval: 1, axisTick: { show: false }, axisLabel: { showMinLabel: false, showMaxLabel: false, formatter: (v) => String(Math.round(v)), color: QUIET }, splitLine: { show: false }, axisLine: { lineStyle: { color: QUIET } } },
    yAxis: { type: "value", scale: true, axisLabel: { color: QUIET, showMaxLabel: false, formatter: (v) => String(Number(v.toFixed(6))) }, splitLine: { lineStyle: { color: LINE } }, ...range(d) },
    series,
  };
}

// Round ends of the axis around all points, intervals and bars.
function range(d) {
  const all = [...d.points, ...d.forecasts].flatMap((p) => [p.value, p.low, p.high]).concat(d.bars.map((b) => b.value)).filter((v) => v !== null && v !== undefined);
  const low = Math.min(...all), high = Math.max(...all);
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, Math.abs(high) / 20, 1e-6)) - 0.3);
  return { min: low >= 0 ? Math.max(0, Math.floor(low / step - 0.5) * step) : Math.floor(low / step - 0.5) * step, max: Math.ceil(high / step + 0.5) * step };
}

function funnelChart(d) {
  const line = (index) => ({ name: d.words.limit, type: "line", data: d.limits.map((l) => [l[0], l[index]]), symbol: "none", lineStyle: { color: QUIET, type: "dashed", width: 1 }, itemStyle: { color: QUIET }, silent: true });
  return {
    animation: false, textStyle: { fontFamily: font, color: INK },
    grid: { left: 8, right: 30, top: 30, bottom: 34, containLabel: true },
    legend: { top: 0, data: [d.words.limit, d.words.whole], textStyle: { color: QUIET, fontFamily: font } },
    tooltip: { trigger: "item", formatter: (x) => (x.data && x.data.name ? `${x.data.name} ${x.data.text}${d.unit}` : "") },
    xAxis: { type: "value", scale: true, name: d.words.size, nameLocation: "middle", nameGap: 22, axisLabel: { color: QUIET }, splitLine: { show: false } },
    yAxis: { type: "value", scale: true, axisLabel: { color: QUIET }, splitLine: { lineStyle: { color: LINE } } },
    series: [ line(1), line(2),
      { name: d.words.whole, type: "line", data: [[d.limits[0][0], d.common], [d.limits[d.limits.length - 1][0], d.common]], symbol: "none", lineStyle: { color: INK, width: 1 }, itemStyle: { color: INK }, silent: true },
      { type: "scatter", symbolSize: 11, data: d.points.map((p) => ({ value: [p.size, p.value], name: p.name, text: p.text, symbol: p.out ? (p.worse ? "rect" : "diamond") : "circle", itemStyle: { color: p.out ? (p.worse ? BAD : ACCENT) : "#8aa39d" }, label: { show: true, formatter: p.name, position: "top", distance: 3, color: p.out ? INK : QUIET, fontSize: 11, fontFamily: font } })), labelLayout: { hideOverlap: true } } ],
  };
}

export function draw(root = document) {
  for (const place of root.querySelectorAll("[data-chart]")) {
    const source = document.getElementById(place.dataset.chart);
    if (!source || place.dataset.drawn) continue;
    const data = JSON.parse(source.textContent);
    if (!data || (data.kind === "series" && !data.points.length)) { place.textContent = "—"; continue; }
    place.dataset.drawn = "1";
    const chart = init(place, null, { renderer: "canvas" });
    chart.setOption(data.kind === "series" ? seriesChart(data) : funnelChart(data));
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}
// A canvas neither waits for the page's font nor measures anew when it comes: drawn when all its characters are there, or without them after a second.
const words = [...document.querySelectorAll("[data-chart]")].map((x) => document.getElementById(x.dataset.chart)?.textContent || "").join("");
Promise.race([document.fonts.load(`12px ${font}`, words || "目"), new Promise((go) => { setTimeout(go, 1000); })]).catch(() => {}).then(() => draw());
document.addEventListener("htmx:afterSwap", (event) => draw(event.target));
