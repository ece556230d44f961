// One view at a time, by the address after #: a view's name, bond=ID, or the identifier of a section in some view.

const views = [...document.querySelectorAll(".view")];
const left = new Map(); // how far each view was scrolled when it was left
let current = views[0].dataset.view;

function bondAddress(id) {
  return `#bond=${encodeURIComponent(id)}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // an address written by hand
  }
}

function display(name) {
  left.set(current, scrollY);
  for (const view of views) view.hidden = view.dataset.view !== name;
  for (const link of document.querySelectorAll("nav.views a")) {
    const lit = link.hash.slice(1) === (name === "bond" ? views[0].dataset.view : name);
    if (lit) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const changed = current !== name;
  current = name;
  return changed;
}

/** Show what the address names. */
async function route() {
  const address = location.hash.slice(1);
  if (address.startsWith("bond=")) {
    display("bond");
    await showBond(decoded(address.slice(5)));
    if (location.hash.slice(1) !== address) return; // the reader has gone on while the bond was unpacked
    scrollTo(0, 0);
    focusHeading("bond");
    return;
  }
  const section = document.getElementById(decoded(address));
  const named = views.find((view) => view.dataset.view === address);
  const target = named ?? section?.closest(".view") ?? views[0];
  const changed = display(target.dataset.view);
  document.title = `${target.querySelector("h1").textContent} - richcheap`;
  if (section && !named) section.scrollIntoView();
  else if (changed) {
    scrollTo(0, left.get(current) ?? 0);
    focusHeading(current);
  }
}

/** Let the keyboard and a screen reader begin where the view does. */
function focusHeading(name) {
  const view = views.find((one) => one.dataset.view === name);
  view.querySelector("h1")?.focus({ preventScroll: true });
}
