// What is typed into the search of the frame is found while it is typed, never in the middle of composing a character.
// Without script the form leads to the page of the search.
import htmx from "htmx.org";

const WAIT = 250; // milliseconds without a key before it is asked

export function watchSearch() {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const box = form.querySelector("input[type=search]");
  const found = form.querySelector(".search-found");
  let waiting = 0;
  const close = () => { found.hidden = true; found.replaceChildren(); };
  const ask = () => {
    clearTimeout(waiting);
    if (!box.value.trim()) { close(); return; }
    waiting = setTimeout(() => {
      const asked = box.value;
      htmx.ajax("GET", `${form.action}?${new URLSearchParams({ q: asked })}`, { target: found, swap: "innerHTML" })
        .then(() => { if (box.value === asked && box.value.trim()) found.hidden = false; });
    }, WAIT);
  };
  box.addEventListener("input", (event) => { if (!event.isComposing) ask(); });
  box.addEventListener("compositionend", ask);
  form.addEventListener("keydown", (event) => { if (event.key === "Escape" && !found.hidden) { close(); box.focus(); } });
  document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) close(); });
}
