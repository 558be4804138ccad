// A day's sheet: each line is one form (form/page.js hides, computes and checks in it), saved by itself when it is left or told to.
// Nothing that was typed is kept in the browser. Without this script a line leads to its own form.
import { DayLine } from "./day/line.js";
import { moves } from "./day/moving.js";

const table = document.querySelector("[data-day]");
if (table) {
  const given = JSON.parse(document.getElementById("day-form").textContent);
  const lines = [...table.querySelectorAll("tr[data-child]")].map((row) => new DayLine(row, given));
  moves(table);
  const open = () => lines.filter((line) => line.waiting);
  table.addEventListener("focusout", (event) => {
    const row = event.target.closest("tr");
    if (row && !row.contains(event.relatedTarget)) lines.find((line) => line.row === row)?.left();
  });
  document.getElementById("day-save")?.addEventListener("click", () => open().forEach((line) => line.save()));
  window.addEventListener("beforeunload", (event) => { if (open().length) event.preventDefault(); });
}
