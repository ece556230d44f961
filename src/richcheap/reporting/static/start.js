// What happens when the page opens: the list first, then what the address names.

async function start() {
  const content = await unpack("list");
  bondsOfList = columnsOf(content.bonds);
  addEventListener("hashchange", route);
  if (location.hash) await route();
  else display(views[0].dataset.view);
  await makeList(content, bondsOfList);
  if (location.hash && current !== "bond") route(); // the list has pushed apart what stands below it
  performance.mark("list-ready");
  document.documentElement.dataset.ready = "";
  drawMarket();
}

/** Draw curve and spreads once they come into sight. */
function drawMarket() {
  const market = document.getElementById("market");
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    const rows = (columns) => Object.values(columns)[0].map((_, row) =>
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])));
    const names = ["bond_id", "issuer", "rating_bucket", "currency", "years_to_maturity", "spread_bp", "relative_value_bp", "flag"];
    const bonds = Object.fromEntries(names.map((name) => [name, bondsOfList[name]]));
    const open = (datum) => {
      if (datum.bond_id) location.hash = bondAddress(datum.bond_id);
    };
    drawChart(document.getElementById("curve-chart"), "curve", {}, open);
    drawChart(document.getElementById("spreads-chart"), "spreads", { bonds: rows(bonds) }, open);
  });
  watch.observe(market);
}

start();
