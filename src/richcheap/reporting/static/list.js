// The list of all live bonds: a table of DataTables over the columns that the page holds.

const ALWAYS = "always"; // also on a phone
const WIDE = "wide";
const ASKED = "asked"; // only when chosen under Columns

// name, title, unit, kind of value, decimals (of a figure), when shown, factor
const LIST_COLUMNS = [
  ["bond_id", "Bond", "", "bond", 0, ALWAYS],
  ["issuer", "Issuer", "", "text", 0, WIDE],
  ["rating", "Rating", "", "rating", 0, ALWAYS],
  ["sector", "Sector", "", "text", 0, ASKED],
  ["bond_type", "Type", "", "text", 0, ASKED],
  ["currency", "Currency", "", "text", 0, ASKED],
  ["coupon_rate", "Coupon", "%", "figure", 3, WIDE, 100],
  ["maturity_date", "Maturity", "date", "day", 0, WIDE],
  ["years_to_maturity", "Maturity", "years", "figure", 1, WIDE],
  ["flag", "Rich or cheap", "", "flag", 0, ALWAYS],
  ["relative_value_bp", "Cheap by", "bp", "signed", 1, ALWAYS],
  ["relative_value_interval_bp", "\u00b1", "bp, 90 %", "figure", 1, WIDE],
  ["relative_value_points", "Cheap by", "points", "signed", 2, WIDE],
  ["spread_bp", "Spread", "bp", "figure", 1, WIDE],
  ["last_clean_price", "Last price", "per 100", "figure", 3, WIDE],
  ["fair_clean_price", "Fair price", "per 100", "figure", 3, WIDE],
  ["low", "Interval, low", "per 100", "figure", 3, ASKED],
  ["high", "Interval, high", "per 100", "figure", 3, ASKED],
  ["innovation_bp", "Fair less day's price", "bp of spread", "signed", 1, ASKED],
  ["innovation_points", "Fair less day's price", "points", "signed", 2, ASKED],
  ["confidence", "Confidence", "1 to 10", "figure", 0, ALWAYS],
  ["last_print", "Last print", "date", "day", 0, WIDE],
  ["yield", "Yield", "%", "figure", 3, ASKED, 100],
  ["dv01", "DV01", "points per bp", "figure", 4, ASKED],
  ["spread_to_worst_bp", "Spread to worst", "bp", "figure", 1, ASKED],
  ["oas_bp", "Option-adjusted spread", "bp", "figure", 1, ASKED],
  ["call_points", "Issuer's call", "points", "figure", 2, ASKED],
  ["peer_zscore", "Against peers", "standard deviations", "signed", 1, ASKED],
  ["own_zscore", "Against own history", "standard deviations", "signed", 1, ASKED],
  ["last_price_kind", "Kind of price", "", "text", 0, ASKED],
  ["last_side", "Side", "", "text", 0, ASKED],
  ["last_size", "Size", "face", "figure", 0, ASKED],
  ["coupon_frequency", "Coupons", "a year", "figure", 0, ASKED],
  ["issue_date", "Issued", "date", "day", 0, ASKED],
  ["status", "Status", "", "text", 0, ASKED],
  ["reason", "Reason", "", "text", 0, ASKED],
];
const REGION = { class: "scroll", role: "region", tabindex: "0", "aria-label": "All live bonds" };
const FIGURES = ["figure", "signed"];

function shownValue(kind, value, digits, factor) {
  if (value === null || value === undefined) return NOTHING;
  if (kind === "figure") return number(value * factor, digits);
  if (kind === "signed") return signed(value * factor, digits);
  return kind === "day" ? day(value) : String(value);
}

/** Return a column as DataTables takes it. */
function columnOf([name, title, unit, kind, digits, when, factor = 1], bonds) {
  const values = bonds[name];
  const isText = ["text", "bond", "flag", "rating"].includes(kind);
  const display = (value) => {
    const text = escaped(shownValue(kind, value, digits, factor));
    if (kind === "bond") return `<a href="${escaped(bondAddress(value))}">${text}</a>`;
    return kind === "flag" && FLAG_MARKS[value] ? `<span class="${FLAG_MARKS[value]}">${text}</span>` : text;
  };
  const data = ({ row }, type) => {
    const value = values[row];
    if (type === "display") return display(value);
    if (type === "filter") return isText ? String(value ?? "") : "";
    if (kind === "rating") return value === null ? NaN : ratingRank(value);
    return value ?? (isText ? "" : NaN);
  };
  return {
    name,
    data,
    title: `${title}${unit ? `<small>${unit}</small>` : ""}`,
    ariaTitle: unit ? `${title}, ${unit}` : title,
    className: isText || kind === "day" ? kind : "num",
    type: isText && kind !== "rating" ? "string" : "quantity",
    searchable: isText,
    visible: when === ALWAYS || (when === WIDE && innerWidth > 700),
    orderSequence: FIGURES.includes(kind) ? ["desc", "asc"] : ["asc", "desc"],
  };
}

/** Order figures and dates; what is not known comes last either way. */
function orderedWithUnknownLast(sign) {
  return (one, other) => {
    if (Number.isNaN(one)) return Number.isNaN(other) ? 0 : 1;
    return Number.isNaN(other) ? -1 : sign * (one - other);
  };
}

async function makeList(content, bonds) {
  await library("tables");
  DataTable.type("quantity", { order: { asc: orderedWithUnknownLast(1), desc: orderedWithUnknownLast(-1) } });
  const mixed = new Set(bonds.currency).size > 1;
  const columns = LIST_COLUMNS.filter(([name, , , , , when]) =>
    when === ALWAYS || bonds[name]?.some((value) => value !== null))
    .map((column) => (mixed && column[0] === "currency" ? column.with(5, WIDE) : column));
  const relative = columns.findIndex(([name]) => name === "relative_value_bp");
  let keeps = () => true;
  const filters = filtersOf(bonds, content.doubts, () => {
    keeps = filters.keeper();
    table.search(filters.search()).draw();
  });
  const table = new DataTable("#list-table", {
    data: bonds.bond_id.map((_, row) => ({ row })),
    columns: columns.map((column) => columnOf(column, bonds)),
    order: relative < 0 ? [] : [[relative, "desc"]],
    autoWidth: false,
    deferRender: true,
    pageLength: 25,
    lengthMenu: [25, 50, 100, 500],
    layout: { topStart: null, topEnd: null, bottomStart: ["info", "pageLength"], bottomEnd: "paging" },
    language: {
      info: "_START_ to _END_ of _TOTAL_ bonds",
      infoFiltered: "(of _MAX_)",
      infoEmpty: "no bond",
      lengthMenu: "_MENU_ on a page",
      zeroRecords: "No bond is kept by these filters.",
      emptyTable: "No bond is live.",
    },
    createdRow: (line, { row }) => line.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !getSelection().toString()) location.hash = bondAddress(bonds.bond_id[row]);
    }),
  });
  const region = table.table().container().querySelector(".dt-layout-table > div");
  for (const [name, value] of Object.entries(REGION)) region.setAttribute(name, value);
  table.search.fixed("filters", (_, { row }) => keeps(row));
  const download = element("button", { type: "button", click: () => downloadList(table, content, bonds) },
    "Download as CSV");
  document.getElementById("list-controls").append(filters.form,
    element("div", { class: "tools" }, columnChoice(table, columns), download));
  for (const button of document.querySelectorAll("[data-doubt]")) {
    button.addEventListener("click", () => {
      filters.set({ doubt: button.dataset.doubt });
      document.getElementById("list").scrollIntoView();
    });
  }
}

function columnChoice(table, columns) {
  const boxes = columns.map(([name, title, unit], place) => {
    const box = element("input", {
      type: "checkbox",
      change: () => table.column(place).visible(box.checked),
    });
    box.checked = table.column(place).visible();
    return element("label", {}, box, ` ${title}${unit ? `, ${unit}` : ""}`);
  });
  return element("details", { class: "columns" }, element("summary", {}, "Columns"), element("div", {}, ...boxes));
}

/** Write a value for a spreadsheet: text that would be read as a formula gets a quote before it. */
function csvCell(value, isDay) {
  if (value === null || value === undefined) return "";
  if (isDay) return day(value);
  if (typeof value !== "string") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Return what the list shows, all columns, in the order in which it is sorted. */
function csvOf(rows, bonds) {
  const names = Object.keys(bonds);
  const days = new Set(["maturity_date", "issue_date", "last_print"]);
  const lines = rows.map((row) => names.map((name) => csvCell(bonds[name][row], days.has(name))).join(","));
  return `${[names.join(","), ...lines].join("\r\n")}\r\n`;
}

function downloadList(table, content, bonds) {
  const rows = table.rows({ search: "applied", order: "applied" }).data().toArray().map(({ row }) => row);
  const address = URL.createObjectURL(new Blob([csvOf(rows, bonds)], { type: "text/csv" }));
  element("a", { href: address, download: `bonds-${day(content.as_of.as_of[0])}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address));
}
