// Figures for readers, as layout/formats.py writes them, and elements of the page. Text is text: nothing is read as HTML.

const NOTHING = "\u2013";
const MINUS = "\u2212";
const FLAG_MARKS = { cheap: "good", rich: "bad" };
const figures = new Map();

function number(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (!figures.has(digits)) {
    const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    figures.set(digits, new Intl.NumberFormat("en-US", shown));
  }
  const text = figures.get(digits).format(value);
  return (/[1-9]/.test(text) ? text : text.replace("-", "")).replace("-", MINUS);
}

function signed(value, digits) {
  const text = number(value, digits);
  return /[1-9]/.test(text) && !text.startsWith(MINUS) ? `+${text}` : text;
}

/** Return days since 1970 as an ISO date. */
function day(days) {
  return days === null || days === undefined ? NOTHING : new Date(days * 86400000).toISOString().slice(0, 10);
}

function escaped(text) {
  const letters = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replace(/[&<>"']/g, (letter) => letters[letter]);
}

/** Make an element: attributes by name (functions are listeners), then texts and elements. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Make a table in a region that scrolls: columns are [title, unit, isNumber], rows lists of texts or elements. */
function tableOf(name, columns, rows, printed = 10) {
  const head = columns.map(([title, unit, isNumber]) =>
    element("th", { scope: "col", class: isNumber ? "num" : null }, title, unit ? element("small", {}, unit) : null),
  );
  const body = rows.map((cells, row) =>
    element("tr", { "data-cut": row >= printed }, ...cells.map((cell, place) =>
      element("td", { class: columns[place][2] ? "num" : null }, cell))),
  );
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
  const region = element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": name }, table);
  if (rows.length <= printed) return region;
  const cut = `${printed} of ${rows.length} rows; the page on the screen has all.`;
  return element("div", {}, region, element("p", { class: "on-paper" }, cut));
}

/** Make a list of names and what they mean; pairs without a value are left out. */
function pairsOf(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== NOTHING);
  return element("dl", {}, ...shown.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
