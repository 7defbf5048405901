// Draws the curves of elements with `data-chart` (names of series) and `data-curves` (their values by the minute), in
// the colours of the theme, and again when the values, the theme or the width have changed.
import uPlot from "uplot";

const drawn = new Map();
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const two = (n) => String(n).padStart(2, "0");
const clock = (seconds) => {
  const at = new Date(seconds * 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
};

function values(element) {
  const curves = JSON.parse(element.dataset.curves);
  return [curves.minute, ...element.dataset.chart.split(" ").map((name) => curves[name])];
}

function axis(size) {
  return { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, size, font: "12px system-ui, sans-serif" };
}

function draw(element) {
  drawn.get(element)?.destroy();
  const names = element.dataset.chart.split(" ");
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
      axes: [{ ...axis(24), values: (_, ticks) => ticks.map(clock) }, axis(56)],
      series: [{}, ...names.map((_, n) => ({ stroke: colour(`--curve-${n + 1}`), width: 2, points: { show: true, size: 4 } }))],
    },
    values(element),
    element,
  );
  drawn.set(element, plot);
}

function all(act) {
  for (const element of document.querySelectorAll("[data-chart]")) act(element);
}

const again = () => all(draw);
again();
document.addEventListener("live:put", () =>
  all((element) => (drawn.has(element) ? drawn.get(element).setData(values(element)) : draw(element))),
);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
addEventListener("resize", () => all((element) => drawn.get(element)?.setSize({ width: element.clientWidth, height: element.clientHeight })));
