// Data and libraries stand in the page packed, as layout/embedding.py writes them, and are unpacked when first needed.
// The scripts of this folder are set into one module, in the order of layout/assets.py: what one defines, all can use.

const kept = new Map();

function once(name, make) {
  if (!kept.has(name)) kept.set(name, make());
  return kept.get(name);
}

async function unpackText(name) {
  const letters = atob(document.getElementById(`packed-${name}`).textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

/** Return a packed content; the same object each time. */
function unpack(name) {
  return once(name, async () => JSON.parse(await unpackText(name)));
}

/** Run a packed library; resolves when it is there. */
function library(name) {
  return once(name, async () => {
    const script = document.createElement("script");
    script.type = "module";
    script.textContent = await unpackText(name);
    const ready = new Promise((resolve) => addEventListener(`library-${name}`, resolve, { once: true }));
    document.head.append(script);
    return ready;
  });
}

/** Return a table's columns as lists of values: texts are written out, all else is as it stands. */
function columnsOf(table) {
  const found = {};
  for (const [name, column] of Object.entries(table)) {
    found[name] = column.codes ? column.codes.map((code) => (code === null ? null : column.texts[code])) : column;
  }
  return found;
}

/** Return the rows of a table that is grouped by bond, of one bond, as objects. */
function rowsOf(grouped, place) {
  const { starts, ...table } = grouped;
  const [first, last] = [starts[place], starts[place + 1]];
  const cut = Object.entries(table).map(([name, column]) => [
    name,
    column.codes ? { texts: column.texts, codes: column.codes.slice(first, last) } : column.slice(first, last),
  ]);
  const columns = columnsOf(Object.fromEntries(cut));
  return Array.from({ length: last - first }, (_, row) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])),
  );
}
