// Reads {columns, cases: [{tree, row}]} on standard input and writes the value of each; run by tests/spec/expressions.
import { readFileSync } from "node:fs";
import * as decimal from "../src/grid/decimal.js";
import { revive, valueOf } from "../src/form/tree.js";

const given = JSON.parse(readFileSync(0, "utf8"));
const number = (v) => (v === null ? null : decimal.parse(v));
const plain = (v) => (v !== null && typeof v === "object" && !Array.isArray(v) ? { number: decimal.text(v) } : v);
const answers = (row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, given.columns[k] === "number" ? number(v) : v]));
process.stdout.write(JSON.stringify(given.cases.map((c) => plain(valueOf(revive(c.tree), answers(c.row))))));
