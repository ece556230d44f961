// One bond: why it is rich or cheap in a sentence, its prices against fair value, parts, peers, cash flows and terms.

const PARTS = [
  ["curve", "curve", "shape of the curve against the reference curve"],
  ["rating", "rating", "what bonds of its rating pay"],
  ["coupon", "coupon", "high or low coupon"],
  ["option", "options", "call and other options"],
  ["issuer", "issuer", "what bonds of its issuer pay beyond their rating"],
  ["bond", "the bond itself", "what nothing else explains and what lasts"],
  ["correction", "model's correction", "what the champion changes in the filter's price"],
];
let bondsOfList = null; // columns of the list, set when the page starts

function bondAt(place) {
  return Object.fromEntries(Object.entries(bondsOfList).map(([name, values]) => [name, values[place]]));
}

/** Return whether a bond has printed on the day of the list, so that relative value knows more than the fair price. */
function printedToday(bond) {
  return bond.innovation_bp !== null;
}

/** Say why a bond is called rich, cheap or fair. */
function whyOf(bond) {
  const said = [];
  const value = bond.relative_value_bp;
  if (value !== null) {
    const call = { cheap: "Cheap", rich: "Rich", fair: "Fair" }[bond.flag] ?? "Not called rich or cheap";
    const more = value >= 0 ? "more" : "less";
    said.push(
      `${call}: ${printedToday(bond) ? "with its print of the day taken in, it" : "it"} yields ${number(Math.abs(value), 1)} bp (\u00b1 ${number(bond.relative_value_interval_bp, 1)} bp, 90 %) ` +
        `${more} than curve, rating, coupon, options and issuer explain, worth ` +
        `${number(Math.abs(bond.relative_value_points), 2)} points.`,
    );
    if (bond.flag === "fair") said.push("That is no more than is usual among its peers.");
    if (bond.flag === null) said.push("Too few peers have printed to say whether that is unusual.");
  } else if (bond.fair_clean_price !== null) {
    said.push("It is not called rich or cheap: it has never had a price.");
  }
  if (bond.fair_clean_price === null) {
    said.push(`It has no fair price${bond.reason ? `: ${bond.reason}` : ""}.`);
  } else if (bond.last_clean_price !== null) {
    const distance = bond.last_clean_price - bond.fair_clean_price;
    const side = distance < 0 ? "below" : "above";
    const inside = bond.low === null ? null : bond.last_clean_price >= bond.low && bond.last_clean_price <= bond.high;
    const where = inside === null ? "" : inside ? ", inside the interval" : ", outside the interval: look closer";
    said.push(
      `Its last price, ${number(bond.last_clean_price, 3)} on ${day(bond.last_print)}, is ` +
        `${number(Math.abs(distance), 2)} points ${side} today's fair price of ${number(bond.fair_clean_price, 3)}${where}.`,
    );
  }
  return said.join(" ");
}

/** Return the parts that a bond has, in the order in which they are put on. */
function partsOf(bond) {
  return PARTS.filter(([name]) => Number.isFinite(bond[`${name}_bp`]))
    .map(([name, part, meaning]) => ({ part, meaning, bp: bond[`${name}_bp`], points: bond[`${name}_points`] }));
}

/** Return the largest parts of a spread in words. */
function partsInWords(bond) {
  const ordered = partsOf(bond).sort((one, other) => Math.abs(other.bp) - Math.abs(one.bp));
  if (!ordered.length) return "";
  const largest = ordered.slice(0, 3).map(({ part, bp }) => `${part} ${signed(bp, 1)} bp`);
  const fair = `The fair price's spread of ${number(bond.spread_bp, 1)} bp over the reference curve is mostly`;
  return `${fair} ${largest.join(", ")}.`;
}

function factsOf(bond) {
  const between = bond.low === null ? NOTHING : `${number(bond.low, 3)} to ${number(bond.high, 3)} per 100`;
  const percent = (value) => (value === null ? NOTHING : `${number(100 * value, 3)} %`);
  const ofCalls = (value, digits, unit) => ((value ?? null) === null ? NOTHING : `${number(value, digits)} ${unit}`);
  return pairsOf([
    ["Fair price", bond.fair_clean_price === null ? NOTHING : `${number(bond.fair_clean_price, 3)} per 100`],
    ["Interval, 90 %", between],
    ["Yield at the fair price", percent(bond.yield)],
    ["Spread at the fair price", bond.spread_bp === null ? NOTHING : `${number(bond.spread_bp, 1)} bp`],
    ["Spread to worst", ofCalls(bond.spread_to_worst_bp, 1, "bp")],
    ["Option-adjusted spread", ofCalls(bond.oas_bp, 1, "bp")],
    ["What the issuer's call is worth", ofCalls(bond.call_points, 2, "points")],
    ["Option-adjusted spread at the day's price", ofCalls(bond.own_oas_bp, 1, "bp")],
    ["DV01", bond.dv01 === null ? NOTHING : `${number(bond.dv01, 4)} points per bp`],
    ["Against peers, standard deviations", signed(bond.peer_zscore, 1)],
    ["Against its own history, standard deviations", signed(bond.own_zscore, 1)],
    ["Fair less the day's price", bond.innovation_bp === null ? NOTHING
      : `${signed(bond.innovation_bp, 1)} bp of spread, ${signed(bond.innovation_points, 2)} points`],
  ]);
}

function termsOf(bond) {
  const face = (value) => (value ? `${number(value, 0)} of face` : null);
  return pairsOf([
    ["Issuer", bond.issuer],
    ["Sector", bond.sector],
    ["Type", bond.bond_type],
    ["Rating", bond.rating],
    ["Currency", bond.currency],
    ["Coupon", bond.coupon_rate === null ? null : `${number(100 * bond.coupon_rate, 3)} %`],
    ["Coupons a year", !bond.coupon_frequency ? null : String(bond.coupon_frequency)],
    ["Maturity", `${day(bond.maturity_date)}, in ${number(bond.years_to_maturity, 1)} years`],
    ["Issued", day(bond.issue_date)],
    ["Last print", [day(bond.last_print), bond.last_price_kind, bond.last_side, face(bond.last_size)]
      .filter((value) => value !== null).join(", ")],
  ]);
}

function partsTable(bond) {
  const columns = [["Part", "", false], ["What it is", "", false], ["Spread", "bp", true], ["Price", "points", true]];
  const rows = partsOf(bond).map(({ part, meaning, bp, points }) => [part, meaning, signed(bp, 1), signed(points, 3)]);
  return tableOf("Parts of the spread and of the price", columns, [
    ["reference curve", "the bond's cash flows on the curve", NOTHING, number(bond.reference_curve_price, 3)],
    ...rows,
    ["fair price", "all of it together", number(bond.spread_bp, 1), number(bond.fair_clean_price, 3)],
  ]);
}

function peersTable(peers) {
  const columns = [["Bond", "", false], ["Issuer", "", false], ["Rating", "", false], ["Maturity", "years", true],
    ["Spread", "bp", true], ["Cheap by", "bp", true], ["Rich or cheap", "", false]];
  const rows = peers.map((bond) => [
    element("a", { href: bondAddress(bond.bond_id) }, bond.bond_id),
    bond.issuer ?? NOTHING, bond.rating ?? NOTHING, number(bond.years_to_maturity, 1), number(bond.spread_with_print_bp, 1),
    signed(bond.relative_value_bp, 1), bond.flag ?? NOTHING,
  ]);
  return tableOf("Peers", columns, rows);
}

function cashFlowsTable(flows) {
  const columns = [["Date", "", false], ["Amount", "per 100 of face", true]];
  return tableOf("Cash flows", columns, flows.map((flow) => [day(flow.date), number(flow.amount, 4)]));
}

async function historyOf(content, place) {
  const part = content.history_parts.findLastIndex((first) => first <= place);
  return part < 0 ? [] : rowsOf(await unpack(`history-${part}`), place);
}

/** Make a picture with the sentence that says what to look for; it is drawn when the view is in the page. */
function chartOf(caption) {
  const place = element("div", { class: "chart" });
  return [element("figure", {}, place, element("figcaption", {}, caption)), place];
}

function pairOf(...children) {
  return element("div", { class: "pair" }, ...children);
}

function listOf(sentences) {
  return element("ul", {}, ...sentences.filter(Boolean).map((sentence) => element("li", {}, sentence)));
}

function sectionOf(title, ...children) {
  return element("section", {}, element("h2", {}, title), ...children);
}

async function showBond(id) {
  const content = await unpack("list");
  const view = views.find((one) => one.dataset.view === "bond");
  const place = bondsOfList.bond_id.indexOf(id);
  document.title = `${id} - richcheap`;
  const back = element("p", { class: "back" }, element("a", { href: "#trader" }, "Back to the list"));
  if (place < 0) {
    view.replaceChildren(back, element("h1", { tabindex: "-1" }, id), element("p", {}, "No live bond of this name."));
    return;
  }
  const details = await unpack("details");
  const bond = bondAt(place);
  const peers = rowsOf(details.peers, place).map(({ peer }) => bondAt(peer));
  const flows = rowsOf(details.cash_flows, place);
  const history = await historyOf(content, place);
  const subtitle = [bond.issuer, bond.coupon_rate === null ? null : `${number(100 * bond.coupon_rate, 3)} %`,
    day(bond.maturity_date), bond.rating, bond.sector, bond.currency].filter((value) => value !== null).join(" \u00b7 ");
  const mark = FLAG_MARKS[bond.flag] ?? "even";
  const charts = [];
  const picture = (name, caption, data) => {
    const [figure, where] = chartOf(caption);
    charts.push([where, name, data]);
    return figure;
  };
  view.replaceChildren(
    back,
    element("h1", { tabindex: "-1" }, bond.bond_id),
    element("p", { class: "subtitle" }, subtitle),
    element("p", { class: `lead why ${mark}` }, `${whyOf(bond)} ${partsInWords(bond)}`),
    pairOf(
      sectionOf("Prices against fair value", history.length
        ? picture("history", `The latest ${number(history.length, 0)} prints and the fair price that did not know them, ` +
          "with its interval. Look for prints outside the band, and whether they come back.", { history })
        : element("p", {}, "It has never printed.")),
      bond.fair_clean_price === null ? "" : sectionOf("What its spread is made of",
        picture("parts", "Parts of the fair price's spread. Look at the bond itself: what lasts and nothing else explains." +
          (printedToday(bond) ? ` The fair price does not know the day's print; with it, that part is ` +
            `${signed(bond.relative_value_bp, 1)} bp, which is called rich or cheap.` : ""), { parts: partsOf(bond) })),
    ),
    pairOf(
      element("div", {}, sectionOf("Fair price", factsOf(bond)),
        sectionOf(`Confidence: ${bond.confidence ?? NOTHING} of 10`, listOf((bond.confidence_reasons ?? "").split("; ")))),
      bond.fair_clean_price === null ? "" : sectionOf("Parts in basis points and points", partsTable(bond)),
    ),
    pairOf(...(peers.length ? [
      sectionOf("Peers", picture("peers", "Spreads of the bond and its peers by maturity, with the day's prints taken in. " +
        "Look whether it stands off the line that the others make.", { peers: [bond, ...peers].map(
        (one) => ({ ...one, spread_bp: one.spread_with_print_bp, is_self: one === bond })) })),
      sectionOf("Its peers one by one", peersTable(peers)),
    ] : [sectionOf("Peers", element("p", {}, "None in its currency."))])),
    pairOf(
      sectionOf("Terms and last print", termsOf(bond)),
      sectionOf("Cash flows", ...(flows.length ? [
        picture("cash_flows", "What it pays from now on, pale where it is not fixed yet. Look at how much comes only at " +
          "the end.", { cash_flows: flows }),
        element("details", {}, element("summary", {}, "All dates"), cashFlowsTable(flows)),
      ] : [element("p", {}, "None is known.")])),
    ),
  );
  for (const chart of charts) drawChart(...chart);
}
