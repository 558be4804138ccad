// The table on the page as a grid: its cells by code, ARIA, colours, the selection's band, marks in words and corners.
import { compare, grouped, halfUp, multiply, parse } from "./decimal.js";
import { named, t } from "./language.js";
import { EMPTY } from "./marks.js";

const HUNDRED = parse("100");
const ZERO = parse("0");

export class View {
  constructor(table, sheet, selection) {
    Object.assign(this, { table, sheet, selection });
    this.cells = new Map();
    this.codes = new Map();
    for (const td of table.querySelectorAll("[data-cell]")) {
      const code = td.dataset.cell;
      this.cells.set(code, { td, input: td.querySelector("input"), output: td.querySelector("output"), last: td.querySelector(".last"), change: td.querySelector(".change") });
      this.codes.set(td, code);
    }
    this.frame = framed(table);
    this.dress();
    for (const code of this.cells.keys()) this.paint(code);
    this.paintSelection();
  }

  // Roles and names; one cell at a time is in the order of Tab.
  dress() {
    const { table, sheet } = this;
    table.classList.add("sheet");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-multiselectable", "true");
    if (!sheet.editable) table.setAttribute("aria-readonly", "true");
    const heads = table.tHead ? [...table.tHead.rows] : [];
    table.setAttribute("aria-rowcount", String(heads.length + sheet.rows.length));
    table.setAttribute("aria-colcount", String(Math.max(...[...table.rows].map((tr) => tr.cells.length))));
    [...table.rows].forEach((tr, i) => {
      tr.setAttribute("role", "row");
      tr.setAttribute("aria-rowindex", String(i + 1));
      [...tr.cells].forEach((cell, j) => {
        cell.setAttribute("aria-colindex", String(j + 1));
        if (cell.tagName === "TH") cell.setAttribute("role", heads.includes(tr) ? "columnheader" : "rowheader");
        else cell.setAttribute("role", "gridcell");
      });
    });
    const head = heads.at(-1);
    for (const [code, { td, input }] of this.cells) {
      const [i, j] = sheet.place(code);
      const cell = this.cells.get(code);
      cell.row = td.parentElement;
      cell.head = head?.cells[td.cellIndex];
      const name = `${named(sheet.rows[i])}，${named(sheet.columns[j])}`;
      (input || td).tabIndex = -1;
      if (input) {
        input.setAttribute("aria-label", name);
        input.autocomplete = "off";
        input.readOnly = !sheet.isInput(code);
      } else td.setAttribute("aria-label", name);
      if (!sheet.isInput(code)) td.setAttribute("aria-readonly", "true");
    }
  }

  /** What takes the focus of a cell. */
  target(code) { const { td, input } = this.cells.get(code); return input || td; }

  /** The code of the cell around an element, or undefined. */
  codeOf(element) { return this.codes.get(element?.closest?.("[data-cell]")); }

  /** Text, fault and change of one cell, from the sheet. */
  paint(code) {
    const { td, input, output, change } = this.cells.get(code);
    const text = this.sheet.text(code);
    if (input) { if (input.value !== text && !td.classList.contains("editing")) input.value = text; }
    else if (output) { const value = this.sheet.value(code); output.textContent = value ? grouped(halfUp(value, 4)) : text; }
    else if (!td.classList.contains("blocked") && !td.childElementCount) td.textContent = text;
    if (change) {
      const moved = this.sheet.change(code);
      change.textContent = moved ? changeText(moved) : "";
      change.classList.toggle("large", Boolean(moved?.share) && compare(multiply(moved.share, moved.share), parse("0.09")) > 0);
    }
  }

  paintAll() { for (const code of this.cells.keys()) this.paint(code); }

  /** The active cell, the block, the heads of its row and column; the focus goes along when `focus`. */
  paintSelection({ focus = false } = {}) {
    for (const element of this.table.querySelectorAll(".selected, .active, .here")) {
      element.classList.remove("selected", "active", "here");
      if (element.matches("[data-cell]")) element.removeAttribute("aria-selected");
    }
    for (const code of this.selection.block.flat()) {
      const cell = this.cells.get(code);
      if (!cell) continue;
      cell.td.setAttribute("aria-selected", "true");
      if (!this.selection.single) cell.td.classList.add("selected");
    }
    const code = this.selection.code;
    const cell = this.cells.get(code);
    if (!cell) return;
    cell.td.classList.add("active");
    cell.row.classList.add("here");
    cell.head?.classList.add("here");
    const target = this.target(code);
    if (this.tabbed && this.tabbed !== target) this.tabbed.tabIndex = -1;
    target.tabIndex = 0;
    this.tabbed = target;
    if (focus) {
      if (document.activeElement !== target) target.focus({ preventScroll: true });
      if (cell.input) cell.input.select();
    }
  }

  /** Brings a cell out from under the frozen heads. */
  reveal(code) {
    const { td } = this.cells.get(code);
    const head = td.parentElement.querySelector("th");
    const [box, frame] = [td.getBoundingClientRect(), this.frame.getBoundingClientRect()];
    const left = frame.left + (head ? head.offsetWidth : 0);
    const top = frame.top + (this.table.tHead?.offsetHeight || 0);
    if (box.left < left) this.frame.scrollLeft -= left - box.left + 4;
    else if (box.right > frame.right) this.frame.scrollLeft += box.right - frame.right + 4;
    if (box.top < top) this.frame.scrollTop -= top - box.top + 4;
    else if (box.bottom > frame.bottom) this.frame.scrollTop += box.bottom - frame.bottom + 4;
    const after = td.getBoundingClientRect();
    if (after.top < 60 || after.bottom > window.innerHeight - 10) td.scrollIntoView({ block: "center", inline: "nearest" });
  }

  /** Corners and words: `faults` {code: message}, `marks` of rules, notes of the sheet. */
  paintMarks(faults, marks) {
    const words = new Map();
    const say = (code, kind, text) => {
      if (!this.cells.has(code)) return;
      if (!words.has(code)) words.set(code, { kinds: new Set(), texts: [] });
      words.get(code).kinds.add(kind);
      words.get(code).texts.push(text);
    };
    for (const [code, message] of faults) say(code, "fault", `${t("错误", "Error")}：${message}`);
    for (const mark of marks) {
      if (mark.rule === EMPTY) continue; // the list counts them; a sheet not yet begun is not a sea of red
      const kind = mark.level === "error" ? "error" : mark.explained ? "explained" : "query";
      for (const code of mark.cells) say(code, kind, `${mark.level === "error" ? t("错误", "Error") : t("核实", "Query")} ${mark.rule}：${mark.message}`);
    }
    for (const [code, note] of this.sheet.notes) if (note) say(code, "note", `${t("批注", "Note")}：${note}`);
    for (const [code, { td, input }] of this.cells) {
      const found = words.get(code);
      for (const kind of ["fault", "error", "query", "explained", "note"]) td.classList.toggle(`has-${kind}`, Boolean(found?.kinds.has(kind)));
      let span = td.querySelector(".cell-words");
      if (!found) { span?.remove(); input?.removeAttribute("aria-invalid"); input?.removeAttribute("aria-describedby"); continue; }
      if (!span) {
        span = document.createElement("span");
        span.className = "cell-words visually-hidden";
        span.id = `words-${code}`;
        td.append(span);
      }
      span.textContent = found.texts.join("；");
      const bad = found.kinds.has("fault") || found.kinds.has("error");
      if (input) {
        input.setAttribute("aria-describedby", span.id);
        if (bad) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    }
    this.words = words;
  }
}

/** "+3.4%", no change, or new where last year was 0: as the server writes it. */
export function changeText({ difference, share }) {
  if (share === null) return compare(difference, ZERO) === 0 ? t("持平", "same") : t("新增", "new");
  const value = halfUp(multiply(share, HUNDRED), 1);
  const sign = compare(value, ZERO);
  return sign === 0 ? t("持平", "same") : `${sign > 0 ? "+" : ""}${grouped(value)}%`;
}

function framed(table) {
  const parent = table.closest(".sheet-frame");
  if (parent) return parent;
  const frame = document.createElement("div");
  frame.className = "sheet-frame";
  const old = table.parentElement.classList.contains("scroll") ? table.parentElement : null;
  if (old) { old.classList.replace("scroll", "sheet-frame"); return old; }
  table.replaceWith(frame);
  frame.append(table);
  return frame;
}
