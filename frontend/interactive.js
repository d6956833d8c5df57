// The interactive chart: Apache ECharts with no more than it needs. Loaded only when a reader opens it.
import { LineChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, TitleComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([LineChart, GridComponent, TitleComponent, TooltipComponent, DataZoomComponent, CanvasRenderer]);

const number = (text) => {
  const value = Number(text.replace(/,/g, "").replace("\u2212", "-"));
  return /\d/.test(text) && Number.isFinite(value) ? value : null;
};

/** Draw the data of a chart into an element. look: colours, dashes, font. Gives a function that takes it away again. */
export const draw = (element, held, look) => {
  const chart = echarts.init(element, null, { renderer: "canvas" });
  const several = held.lines.length > 1;
  const values = held.lines.map((line) => line.levels.map(number));
  const band = held.low && !several ? [
    { data: held.low, areaStyle: { opacity: 0 } },
    { data: held.high.map((high, at) => (high === null ? null : high - held.low[at])), areaStyle: { color: look.hues[0], opacity: 0.16 } },
  ].map((part) => ({
    ...part, type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false },
  })) : [];
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: 13 },
    // A simulated market says so in every picture.
    title: {
      show: Boolean(held.simulated), text: held.simulated, left: "center", bottom: 38, padding: [2, 48],
      backgroundColor: look.amberGround, textStyle: { color: look.amber, fontSize: 13, fontWeight: "normal", fontFamily: look.font },
    },
    grid: { left: 8, right: several ? 8 : 24, top: 16, bottom: held.simulated ? 68 : 44, containLabel: true },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.raised, borderColor: look.rule,
      textStyle: { color: look.ink, fontSize: 13 },
      formatter: (points) => {
        const at = points[0].dataIndex;
        return [held.periods[at], ...held.lines.map((line) => `${several ? line.name + "  " : ""}${line.levels[at]}  ${several ? "" : line.said[at]}`)].join("\n");
      },
    },
    xAxis: {
      type: "category", data: held.periods, boundaryGap: false, axisLine: { lineStyle: { color: look.soft } },
      axisLabel: { color: look.soft, hideOverlap: true }, axisPointer: { lineStyle: { color: look.ink } },
    },
    yAxis: { type: "value", scale: true, axisLabel: { color: look.soft }, splitLine: { lineStyle: { color: look.rule } } },
    dataZoom: [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
      { type: "slider", height: 24, bottom: 8, borderColor: look.rule, textStyle: { color: look.soft }, brushSelect: false,
        fillerColor: look.filler, dataBackground: { lineStyle: { color: look.soft }, areaStyle: { color: look.rule } } },
    ],
    series: [
      ...band,
      ...held.lines.map((line, at) => ({
        name: line.name, type: "line", data: values[at], showSymbol: false, connectNulls: false,
        lineStyle: { color: look.hues[at], width: 2, type: look.dashes[at] },
        itemStyle: { color: look.hues[at] }, emphasis: { disabled: true },
      })),
    ],
  });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(element);
  return () => { watch.disconnect(); chart.dispose(); };
};
