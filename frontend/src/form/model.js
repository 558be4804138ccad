// One walk over a form from top to bottom, as forms/fill.py walks it on the server: what is hidden is missing, a field is shown
// only when its condition is true, an answer is blocked only when a check is false. The server judges the same again.
import * as decimal from "../grid/decimal.js";
import { blank, fitting, read } from "./values.js";
import { asked } from "./norms.js";
import { revive, valueOf } from "./tree.js";

const TREES = ["show_if", "required_if", "compute"];

/** A form of the server (forms/browser.py) with its trees and limits ready to be walked. */
export function ready(given) {
  const checks = (list) => list.map((c) => ({ ...c, tree: revive(c.tree) }));
  const field = (one) => {
    const trees = Object.fromEntries(TREES.filter((k) => one[k]).map((k) => [k, revive(one[k])]));
    const limits = Object.fromEntries(["min", "max"].filter((k) => one[k] !== undefined).map((k) => [k, decimal.parse(one[k])]));
    return { ...one, ...trees, ...limits, checks: checks(one.checks), fields: (one.fields || []).map(field) };
  };
  return { fields: given.fields.map(field), checks: checks(given.checks) };
}

class Walk {
  constructor(row, index) {
    this.row = row;
    this.index = index;
    this.found = { values: {}, shown: [], required: [], faults: [], queries: [], computed: [], unread: [] };
  }

  say(kind, field, message, check = "") { this.found[kind].push({ field, row: this.index, message, check }); }

  checks(list, of) {
    for (const c of list) {
      if (valueOf(c.tree, this.row) === false) this.say(c.level === "error" ? "faults" : "queries", of, c.message, c.id);
    }
  }

  walk(fields, answers) { for (const one of fields) this.field(one, answers); }

  field(one, answers) {
    if (one.show_if && valueOf(one.show_if, this.row) !== true) { this.hide(one); return; }
    this.found.shown.push([one.id, this.index]);
    if (one.type === "group") this.group(one, answers);
    else if (one.compute) this.compute(one);
    else if (one.answered) this.answer(one, answers[one.id]);
  }

  hide(one) {
    this.row[one.id] = null;
    if (!one.repeat) for (const inner of one.fields) this.hide(inner);
  }

  compute(one) {
    const before = asked();
    let value = valueOf(one.compute, this.row);
    if (value !== null && typeof value === "object" && one.decimals !== undefined) value = decimal.halfUp(value, one.decimals);
    this.found.computed.push([one.id, this.index, value, asked() !== before]);
    this.keep(one, value);
  }

  answer(one, given) {
    const must = one.must || Boolean(one.required_if && valueOf(one.required_if, this.row) === true);
    if (must) this.found.required.push([one.id, this.index]);
    this.row[one.id] = null;
    const { value, fault, unread } = read(one, given);
    if (unread) { this.found.unread.push([one.id, this.index]); return; } // the server reads more than the browser does
    const why = fault || (value === null ? must && blank(one) : fitting(one, value));
    if (why) this.say("faults", one.id, why);
    else this.keep(one, value);
  }

  keep(one, value) {
    this.row[one.id] = value;
    if (value === null) return;
    this.found.values[one.id] = value;
    this.checks(one.checks, one.id);
  }

  group(one, answers) {
    if (!one.repeat) { this.walk(one.fields, answers); return; }
    const given = answers[one.id] || [];
    const rows = given.map((answered, n) => {
      const inner = new Walk({ ...this.row }, n + 1);
      inner.walk(one.fields, answered);
      for (const kind of ["shown", "required", "faults", "queries", "computed", "unread"]) this.found[kind].push(...inner.found[kind]);
      return inner.found.values;
    });
    const [low, high] = one.rows;
    if (rows.length < low || rows.length > high) {
      this.say("faults", one.id, {
        zh: `「${one.label.zh}」有 ${rows.length} 行，应为 ${low} 到 ${high} 行`,
        en: `“${one.label.en}” has ${rows.length} rows; it takes ${low} to ${high}`,
      });
    }
    this.row[one.id] = rows;
    if (rows.length) this.found.values[one.id] = rows;
  }
}

/**
 * Answers (field id → text, list of codes, {latitude, longitude, precision}, or rows) judged as of a day "2024-01-31":
 * values, shown and required [id, row], faults and queries {field, row, message, check}, computed [id, row, value, whether it waits
 * for the server]; `unread` are
 * answers that only the server can read.
 */
export function fill(form, answers, day) {
  const walk = new Walk({ filled_on: day }, null);
  walk.walk(form.fields, answers);
  walk.checks(form.checks, "");
  return walk.found;
}
