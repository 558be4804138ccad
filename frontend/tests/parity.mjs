// Reads returns with cases as JSON, prints what the browser's evaluation says: tests/website/test_grid_rules.py compares it with the server's.
import { brokenRules } from "../src/grid/marks.js";
import { Sheet } from "../src/grid/model.js";
import { evaluate, parse } from "../src/grid/formulas.js";
import { faultOf, tidy, valueOf } from "../src/grid/entry.js";
import * as decimal from "../src/grid/decimal.js";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { returns, expressions, typed = [] } = JSON.parse(text);

const broken = returns.map(({ sheet: given, cases }) => cases.map((values) => {
  const sheet = new Sheet({ ...given, ...values });
  return { broken: brokenRules(sheet).map((m) => [m.rule, m.check]), computed: Object.fromEntries([...sheet.formulas.keys()].map((c) => [c, sheet.text(c)])) };
}));
const values = expressions.map(({ text: source, row }) => {
  const value = evaluate(parse(source), (name) => (row[name] === undefined || row[name] === null ? null : decimal.parse(row[name])));
  return value !== null && typeof value === "object" ? decimal.text(value) : value;
});
const figures = typed.map((given) => {
  const kept = tidy(given, "number");
  if (faultOf(kept, { type: "number" })) return "fault";
  const value = valueOf(kept);
  return value === null ? null : decimal.text(value);
});
console.log(JSON.stringify({ broken, values, figures }));
