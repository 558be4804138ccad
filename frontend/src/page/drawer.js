// The drawer is a dialog: what stands behind it waits, Tab stays in it, Escape and [data-close] close it and give the focus back.
const drawer = document.getElementById("drawer");
let opener = null;

function open() {
  drawer.hidden = false;
  for (const place of behind()) place.inert = true;
  drawer.setAttribute("aria-label", drawer.querySelector("[data-title]")?.dataset.title || drawer.querySelector("h2")?.textContent.trim() || "");
  drawer.focus();
}

const behind = () => [...document.body.children].filter((x) => x !== drawer && !x.matches("#toast, script"));

/** Close it where it is open; whether it was. */
function close() {
  if (drawer.hidden) return false;
  drawer.hidden = true;
  drawer.replaceChildren();
  for (const place of behind()) place.inert = false;
  if (opener?.isConnected) opener.focus();
  opener = null;
  return true;
}

// `inert` keeps the focus out of the page; the ends of the drawer meet, so that it does not leave for the browser's own bars.
function keepIn(event) {
  const places = [...drawer.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((x) => !x.disabled && x.getClientRects().length);
  const first = places[0] || drawer, last = places[places.length - 1] || drawer;
  const at = document.activeElement;
  if (event.shiftKey ? at === first || at === drawer : at === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

/** Close the menu that is open and give the focus back to what opened it. */
function closeMenu() {
  const menu = document.querySelector("details.drop[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

/** Anything with hx-target="#drawer" opens it. */
export function watchDrawer() {
  if (!drawer) return;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === drawer && !drawer.contains(event.detail.elt)) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === drawer) open(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !close()) closeMenu();
    if (event.key === "Tab" && !drawer.hidden) keepIn(event);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
    const menu = document.querySelector("details.drop[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
}
