// What the list is narrowed by. A filter keeps a bond or not; the list shows bonds that all keep.

const RATINGS = ["GOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D", "NR"];

/** Return where a rating stands in the order of quality; unknown ones come last. */
function ratingRank(rating) {
  const letters = String(rating ?? "").replace(/[+-]+$/, "");
  const place = RATINGS.indexOf(letters);
  const notch = { "+": 0, "-": 2 }[String(rating ?? "").slice(-1)] ?? 1;
  return 3 * (place < 0 ? RATINGS.length : place) + notch;
}

function choices(values, order) {
  const known = [...new Set(values.filter((value) => value !== null))];
  return order ? known.sort((one, other) => order(one) - order(other)) : known.sort();
}

/** Return the form of filters and a function that says whether a row is kept; `changed` is called on each change. */
function filtersOf(bonds, doubts, changed) {
  const doubtful = Object.fromEntries(doubts.map((doubt) => [doubt.name, new Set(doubt.rows)]));
  const inputs = {};
  const field = (name, label, control) => {
    inputs[name] = control;
    return element("label", { class: `field ${name}` }, element("span", {}, label), control);
  };
  const select = (name, label, options) =>
    field(name, label, element("select", { change: changed },
      element("option", { value: "" }, "all"),
      ...options.map(([value, words]) => element("option", { value }, words))));
  const of = (name, label, column, order) => {
    const options = choices(bonds[column], order);
    return options.length > 1 ? select(name, label, options.map((value) => [value, value])) : null;
  };
  const years = (name, label) =>
    field(name, label, element("input", { type: "number", min: "0", step: "any", inputmode: "decimal", input: changed }));
  const issuers = element("datalist", { id: "issuers" },
    ...choices(bonds.issuer).map((value) => element("option", { value })));
  const form = element("form", { class: "filters", submit: (event) => event.preventDefault() },
    field("search", "Search", element("input", { type: "search", input: changed, placeholder: "bond, issuer, sector" })),
    of("rating_bucket", "Rating", "rating_bucket", ratingRank),
    years("from", "Years from"),
    years("to", "Years to"),
    issuers.childElementCount
      ? field("issuer", "Issuer", element("input", { type: "text", list: "issuers", input: changed, autocomplete: "off" }))
      : null,
    issuers,
    of("currency", "Currency", "currency"),
    of("sector", "Sector", "sector"),
    of("flag", "Rich or cheap", "flag"),
    select("doubt", "Not to trust", doubts.map((doubt) => [doubt.name, `${doubt.words} (${doubt.rows.length})`])),
    element("button", { type: "reset" }, "Clear"),
  );
  form.addEventListener("reset", () => setTimeout(changed));
  const read = (name) => inputs[name]?.value.trim() ?? "";
  const limit = (text, otherwise) => (text === "" || Number.isNaN(Number(text)) ? otherwise : Number(text));
  const keeper = () => {
    const equal = ["rating_bucket", "currency", "sector", "flag"].filter((name) => read(name));
    const wanted = Object.fromEntries(equal.map((name) => [name, read(name)]));
    const [low, high] = [limit(read("from"), -Infinity), limit(read("to"), Infinity)];
    const [issuer, doubt] = [read("issuer").toLowerCase(), read("doubt")];
    const anyYears = low === -Infinity && high === Infinity;
    return (row) =>
      equal.every((name) => bonds[name][row] === wanted[name]) &&
      (anyYears || (bonds.years_to_maturity[row] >= low && bonds.years_to_maturity[row] <= high)) &&
      (!issuer || (bonds.issuer[row] ?? "").toLowerCase().includes(issuer)) &&
      (!doubt || doubtful[doubt].has(row));
  };
  const set = (values) => {
    form.reset();
    for (const [name, value] of Object.entries(values)) inputs[name].value = value;
    changed();
  };
  return { form, keeper, set, search: () => read("search") };
}
