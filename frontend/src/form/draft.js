// What is typed stays in this tab until it is sent (sessionStorage: gone with the tab, never on another device). Files do not.

export function keepDraft(page, key) {
  const name = `qm-form-${key}`;
  const inputs = () => page.element.querySelectorAll("[data-form] :is(input:not([type=file], [type=hidden]), select, textarea)");
  const read = () => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
  const kept = read();
  if (kept && page.summary.hidden) {
    for (const [group, rows] of Object.entries(kept.rows)) {
      const place = page.root.querySelector(`[data-rows="${CSS.escape(group)}"]`);
      if (!place) continue;
      page.filledRows = {};
      while (place.querySelectorAll(":scope > .form-row").length < rows && place.querySelectorAll(":scope > .form-row").length < Number(place.dataset.most)) {
        const next = 1 + place.querySelectorAll(":scope > .form-row").length;
        place.querySelector(":scope > button[name=_more]").insertAdjacentHTML("beforebegin", place.querySelector(":scope > template").innerHTML.replaceAll("__n__", String(next)));
      }
    }
    for (const input of inputs()) {
      const value = kept.values[input.name];
      if (value === undefined) continue;
      if (input.type === "radio" || input.type === "checkbox") input.checked = value.includes(input.value);
      else [input.value] = value;
    }
  }
  return {
    save() {
      const values = {};
      for (const input of inputs()) {
        const box = input.type === "radio" || input.type === "checkbox";
        values[input.name] ??= [];
        if (!box || input.checked) values[input.name].push(input.value);
      }
      const rows = Object.fromEntries([...page.root.querySelectorAll("[data-rows]")].map((g) => [g.dataset.rows, g.querySelectorAll(":scope > .form-row").length]));
      try { sessionStorage.setItem(name, JSON.stringify({ values, rows })); } catch { /* full or forbidden: the page works without */ }
    },
    sent() { try { sessionStorage.removeItem(name); } catch { /* as above */ } },
  };
}
