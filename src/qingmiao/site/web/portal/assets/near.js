// The nearest places of a page, from what stands on it. The position stays here: nothing is sent and nothing is kept.
"use strict";
(() => {
  const EARTH = 6371.009; // mean radius in km (IUGG)
  const MOST = 20;
  const box = document.getElementById("near");
  const places = [...document.querySelectorAll(".place[data-at]")].map((card) => ({
    card, at: card.dataset.at.split(",").map(Number),
  }));
  if (!box || !places.length) return;
  const [typed, onlyFree, status, list] = ["position", "only-free", "near-said", "near-list"].map((id) =>
    document.getElementById(id));
  const device = document.getElementById("device");

  function distance([a, b], [c, d]) {
    const [p, q, dp, dl] = [a, c, c - a, d - b].map((x) => (x * Math.PI) / 180);
    const half = Math.sin(dp / 2) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin(dl / 2) ** 2;
    return 2 * EARTH * Math.asin(Math.sqrt(half));
  }

  function read(text) {
    const parts = text.normalize("NFKC").replaceAll("、", ",").trim().split(/[,\s]+/);
    const [latitude, longitude] = parts.map(Number);
    const good = parts.length === 2 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    return good && parts.every((x) => x !== "") ? [latitude, longitude] : null;
  }

  function piece(tag, text, chinese) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (chinese) made.lang = "zh-CN";
    return made;
  }

  function line({ card, km }) {
    const made = document.createElement("li");
    const link = piece("a", card.dataset.name, true);
    link.href = `#${card.id}`;
    made.append(link, " ", piece("span", card.dataset.town, true), ` · ${km.toFixed(1)} ${box.dataset.km}`);
    for (const name of [".free", ".on"]) {
      const said = card.querySelector(name);
      if (said) made.append(` · ${said.previousElementSibling.textContent} ${said.textContent.trim()}`);
    }
    return made;
  }

  function show(from) {
    const fitting = places.filter(({ card }) => !onlyFree?.checked || "free" in card.dataset)
      .map((one) => ({ ...one, km: distance(from, one.at) })).sort((a, b) => a.km - b.km);
    list.replaceChildren(...fitting.slice(0, MOST).map(line));
    status.textContent = fitting.length ? box.dataset.found : box.dataset.none;
  }

  function find() {
    const from = read(typed.value);
    typed.toggleAttribute("aria-invalid", !from);
    if (from) { show(from); return; }
    list.replaceChildren();
    status.textContent = box.dataset.wrong;
  }

  places.forEach(({ card }, n) => { card.id ||= `place-${n}`; card.tabIndex = -1; });
  box.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); find(); });
  onlyFree?.addEventListener("change", () => { if (typed.value) find(); });
  device.hidden = !("geolocation" in navigator);
  device.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => { typed.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`; find(); },
    () => { list.replaceChildren(); status.textContent = box.dataset.denied; },
    { maximumAge: 60000, timeout: 15000 },
  ));
  box.hidden = false;
})();
