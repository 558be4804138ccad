// Reads {columns, cases: [{tree, row}], served: [[call, value]]} on standard input, where a served call is what the server gave. Writes
// the value of each case and the calls that are still to be asked; run by tests/spec/expressions.
import { readFileSync } from "node:fs";
import * as decimal from "../src/grid/decimal.js";
import { revive, valueOf } from "../src/form/tree.js";
import { begin, calls, keep } from "../src/form/norms.js";

const given = JSON.parse(readFileSync(0, "utf8"));
given.served.forEach(([call, value]) => keep(call, value));
const number = (v) => (v === null ? null : decimal.parse(v));
const plain = (v) => (v !== null && typeof v === "object" && !Array.isArray(v) ? { number: decimal.text(v) } : v);
const answers = (row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, given.columns[k] === "number" ? number(v) : v]));
process.stdout.write(JSON.stringify(given.cases.map((c) => {
  begin(false);
  return { value: plain(valueOf(revive(c.tree), answers(c.row))), asks: calls() };
})));
