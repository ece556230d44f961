// Pictures: Vega-Lite specs of reporting/charts, given their data here. Colours are the page's own, light or dark.
// Expressions are interpreted (`ast`), not compiled, so that the page's policy need not allow code made of text.

const INK = "var(--ink)";
const MUTED = "var(--muted)";
const LINE = "var(--line)";
const CHART_CONFIG = {
  background: null,
  font: getComputedStyle(document.body).fontFamily,
  view: { stroke: null },
  axis: { labelColor: MUTED, titleColor: MUTED, gridColor: LINE, domainColor: LINE, tickColor: LINE, titleFontWeight: "normal",
    labelOverlap: true, labelSeparation: 6, labelLimit: 160 },
  axisQuantitative: { tickCount: 6 },
  axisTemporal: { tickCount: 6 },
  legend: { labelColor: INK, titleColor: MUTED, orient: "bottom", titleFontWeight: "normal" },
  title: { color: INK },
  text: { color: INK },
  range: { category: Array.from({ length: 8 }, (_, place) => `var(--series-${place})`) },
};

/** Days since 1970 become the times that Vega reads. */
function withTimes(rows) {
  const days = ["date", "maturity_date", "last_print", "issue_date"];
  return rows.map((row) => {
    const timed = { ...row };
    for (const name of days) if (Number.isFinite(row[name])) timed[name] = row[name] * 86400000;
    return timed;
  });
}

/** Draw a chart of the packed specs; `clicked` is called with the datum of a mark that is clicked on. */
async function drawChart(place, name, data, clicked) {
  const [specs] = await Promise.all([unpack("specs"), library("charts")]);
  if (!specs[name]) return;
  const datasets = Object.fromEntries(Object.entries(data).map(([key, rows]) => [key, withTimes(rows)]));
  const spec = { ...specs[name], datasets: { ...specs[name].datasets, ...datasets } };
  const logLevel = 1; // errors: that a bond has no interval is no news
  const options = { ast: true, renderer: "svg", actions: false, config: CHART_CONFIG, mode: "vega-lite", logLevel };
  const { view } = await vegaEmbed(place, spec, options);
  place.setAttribute("role", "img"); // a screen reader is told what the picture is; tables beside it hold its figures
  place.setAttribute("aria-label", spec.description);
  place.querySelector("svg").setAttribute("aria-hidden", "true");
  if (clicked) view.addEventListener("click", (_, item) => item?.datum && clicked(item.datum));
}
