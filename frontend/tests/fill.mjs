// Reads {form, day, cases: [answers], served: [[call, value]]} on standard input, where a served call is what the server gave of a norm,
// and writes what the browser's walk says of each case and which calls it still asks for; run by tests/unit/forms.
import { readFileSync } from "node:fs";
import * as decimal from "../src/grid/decimal.js";
import { fill, ready } from "../src/form/model.js";
import { begin, calls, keep } from "../src/form/norms.js";

const given = JSON.parse(readFileSync(0, "utf8"));
const form = ready(given.form);
(given.served || []).forEach(([call, value]) => keep(call, value));
const plain = (v) => {
  if (Array.isArray(v)) return v.map(plain);
  if (v === null || typeof v !== "object") return v;
  if (typeof v.c === "bigint") return { number: decimal.text(v) };
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
};
process.stdout.write(JSON.stringify(given.cases.map((answers) => {
  begin(false);
  const { values, shown, required, faults, queries, computed, unread } = fill(form, answers, given.day);
  return { values: plain(values), shown, required, faults: faults.map((f) => [f.field, f.row, f.message.zh]), queries: queries.map((f) => [f.field, f.row, f.message.zh]), computed: plain(computed), unread, asks: calls() };
})));
