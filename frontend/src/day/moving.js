// The keyboard of a day's sheet: Enter and the arrows go from cell to cell, Ctrl+D takes over the cell above.

const CELL = "input:not([type=hidden]), select, textarea";

const usable = (row) => row?.matches("tr[data-child]") && !row.classList.contains("done");

function beside(cell, step) {
  let row = cell.closest("tr");
  const field = cell.closest("[data-field]").dataset.field;
  do { row = step > 0 ? row.nextElementSibling : row.previousElementSibling; } while (row && !usable(row));
  const place = row?.querySelector(`[data-field="${field}"]`);
  return place && !place.hidden ? place.querySelector(CELL) : open(row)[0] || null; // what is hidden there: its first cell
}

const open = (row) => [...(row?.querySelectorAll(CELL) ?? [])].filter((one) => !one.closest("[hidden]") && !one.disabled);

function sideways(cell, step) {
  const cells = open(cell.closest("tr"));
  return cells[cells.indexOf(cell) + step] || null;
}

const atEdge = (cell, step) => cell.selectionStart === null || cell.selectionStart === undefined
  || (cell.selectionStart === cell.selectionEnd && cell.selectionStart === (step > 0 ? cell.value.length : 0));

function target(event, cell) {
  const list = cell.matches("select"); // its arrows choose, with Alt they move
  switch (event.key) {
    case "Enter": return beside(cell, event.shiftKey ? -1 : 1);
    case "ArrowDown": return list && !event.altKey ? null : beside(cell, 1);
    case "ArrowUp": return list && !event.altKey ? null : beside(cell, -1);
    case "ArrowRight": return !list && !atEdge(cell, 1) ? null : sideways(cell, 1);
    case "ArrowLeft": return !list && !atEdge(cell, -1) ? null : sideways(cell, -1);
    default: return null;
  }
}

export function moves(table) {
  table.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches(CELL) || !cell.closest("[data-field]") || event.isComposing) return;
    if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
      const above = aboveOf(cell);
      event.preventDefault();
      if (!above) return;
      if (cell.type === "checkbox") cell.checked = above.checked; else cell.value = above.value;
      cell.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (cell.type === "date" && event.key !== "Enter") return; // its own keys count days
    if (event.key === "Enter") event.preventDefault();
    const next = target(event, cell);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select?.();
  });
}

// Also of a line that was saved: a class is tested on one day by one person.
function aboveOf(cell) {
  const row = cell.closest("tr").previousElementSibling;
  return row?.querySelector(`[data-field="${cell.closest("[data-field]").dataset.field}"]`)?.querySelector(CELL) || null;
}
