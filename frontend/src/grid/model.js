// One return's sheet: its lines, which cells are filled in, computed or blocked, and the texts that stand in them.
import * as decimal from "./decimal.js";
import { faultOf, tidy, valueOf, written } from "./entry.js";
import { cellsOf, evaluate, own, parse } from "./formulas.js";

export class Sheet {
  /** `data`: the page's JSON (url, revision, editable, rows, columns, input, computed, blocked, last, rules, values, notes, explanations). */
  constructor(data) {
    this.rows = data.rows;
    this.columns = data.columns;
    this.editable = Boolean(data.editable);
    this.rules = data.rules || [];
    this.inputs = new Set(data.input);
    this.required = data.required || [];
    this.formulas = new Map();
    for (const [cell, formula] of Object.entries(data.computed || {})) for (const code of this.expand(cell)) this.formulas.set(code, own(formula, ...code.split(".")));
    this.order = ordered(this.formulas);
    this.texts = new Map();
    for (const [code, value] of Object.entries(data.values || {})) this.texts.set(code, this.written(code, value));
    this.last = new Map(Object.entries(data.last || {}).map(([code, value]) => [code, valueOf(written(value, "number"))]));
    this.notes = new Map(Object.entries(data.notes || {}));
    this.explanations = new Map(Object.entries(data.explanations || {}));
    this.recalculate();
  }

  /** A cell's figure as the server says it, as the text that stands in the cell. */
  written(code, value) { return written(value, this.line(code).type); }
  code(row, column) { return `${this.rows[row].code}.${this.columns[column].code}`; }
  isInput(code) { return this.editable && this.inputs.has(code); }

  /** [row, column] as positions; [-1, -1] parts where the code is unknown. */
  place(code) {
    const [row, column] = code.split(".");
    return [this.rows.findIndex((r) => r.code === row), this.columns.findIndex((c) => c.code === column)];
  }

  /** "*.3" → every row's column 3. */
  expand(cell) {
    const [row, column] = cell.split(".");
    return this.rows.filter((r) => row === "*" || row === r.code)
      .flatMap((r) => this.columns.filter((c) => column === "*" || column === c.code).map((c) => `${r.code}.${c.code}`));
  }

  /** Type and limits of a cell: text where row or column is text, whole where both are whole; the limits of both. */
  line(code) {
    const [i, j] = this.place(code);
    const lines = [this.rows[i], this.columns[j]].filter(Boolean);
    const types = lines.map((l) => l.type || "integer");
    const type = types.includes("text") ? "text" : types.includes("number") ? "number" : "integer";
    const given = (name) => lines.map((l) => l[name]).filter((v) => v !== null && v !== undefined).map(String);
    return { type, min: given("min"), max: given("max") };
  }

  tidy(code, typed) { return tidy(typed, this.line(code).type); }
  fault(code) { return this.inputs.has(code) ? faultOf(this.text(code), this.line(code)) : ""; }

  /** True for a text that is no number (or a number that two people read two ways) where one is wanted. */
  unreadable(text, code) { return faultOf(text, { type: this.line(code).type === "text" ? "text" : "number" }) !== ""; }

  /** What stands in a cell: typed, or computed. */
  text(code) {
    if (!this.formulas.has(code)) return this.texts.get(code) ?? "";
    const value = this.computed.get(code);
    return value ? decimal.text(value) : "";
  }

  /** Puts texts into cells ([[code, text]]) and computes anew; returns what changed as [{code, from, to}]. */
  set(changes) {
    const done = [];
    for (const [code, to] of changes) {
      const from = this.text(code);
      if (from === to) continue;
      this.texts.set(code, to);
      done.push({ code, from, to });
    }
    if (done.length) this.recalculate();
    return done;
  }

  /** A cell's decimal, or null: this year's "01.2", last year's "last.01.2". */
  value(name) {
    if (name.startsWith("last.")) return this.last.get(name.slice(5)) ?? null;
    return this.formulas.has(name) ? this.computed.get(name) ?? null : valueOf(this.texts.get(name));
  }

  // As on the server: a formula reads this year's cells, also computed ones, which come first.
  recalculate() {
    this.computed = new Map();
    for (const code of this.order) {
      this.computed.set(code, evaluate(parse(this.formulas.get(code)), (name) => (name.startsWith("last.") ? null : this.value(name))));
    }
  }

  /** Change against last year: {difference, share} as decimals (share null when last year was 0), or null. */
  change(code) {
    const now = this.value(code);
    const before = this.last.get(code) ?? null;
    if (now === null || before === null) return null;
    const difference = decimal.subtract(now, before);
    return { difference, share: decimal.divide(difference, decimal.abs(before)) };
  }
}

// Formulas so that each comes after those whose results it reads.
function ordered(formulas) {
  const order = new Set();
  const visit = (code, above) => {
    if (order.has(code) || above.includes(code) || !formulas.has(code)) return;
    for (const name of cellsOf(formulas.get(code))) visit(name, [...above, code]);
    order.add(code);
  };
  for (const code of formulas.keys()) visit(code, []);
  return [...order];
}
