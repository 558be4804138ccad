import assert from "node:assert/strict";
import test from "node:test";
import * as decimal from "../src/grid/decimal.js";
import { cellsOf, evaluate, expand, FormulaError, own, parse } from "../src/grid/formulas.js";

const over = (cells) => (name) => (name in cells ? decimal.parse(cells[name]) : null);
const value = (text, cells = {}) => {
  const found = evaluate(parse(text), over(cells));
  return found !== null && typeof found === "object" ? decimal.text(found) : found;
};

test("decimals are exact where binary floats are not", () => {
  assert.equal(value("0.1 + 0.2 = 0.3"), true);
  assert.equal(value("[1.1] + [1.2] + [1.3]", { "1.1": "1234567.89", "1.2": "0.01", "1.3": "-0.9" }), "1234567");
});

test("a quotient has 28 digits, the last rounded half to even", () => {
  assert.equal(value("1 / 3"), `0.${"3".repeat(28)}`);
  assert.equal(value("2 / 3"), `0.${"6".repeat(27)}7`);
  assert.equal(value("6 / 4"), "1.5");
  assert.equal(value("7 / 0"), null);
});

test("products before sums, minus once and again, brackets", () => {
  assert.equal(value("2 + 3 * 4"), String(2 + 3 * 4));
  assert.equal(value("10 - 4 - 3"), String(10 - 4 - 3));
  assert.equal(value("-(2 - 5) * 2"), String(-(2 - 5) * 2));
  assert.equal(value("abs([01.1] - last[01.1]) <= 0.1 * last[01.1]", { "01.1": "111", "last.01.1": "100" }), 11 <= 0.1 * 100);
  assert.equal(value("sum([01.1], 2, 3)", { "01.1": "1" }), String(1 + 2 + 3));
});

test("a missing cell leaves a rule undecided, and a wide enough or still decides it", () => {
  assert.equal(value("[01.1] >= [01.2]", { "01.1": "1" }), null);
  assert.equal(value("[01.1] >= [01.2] or 1 = 1", { "01.1": "1" }), true);
  assert.equal(value("[01.1] is null and 1 < 2"), true);
  assert.equal(value("not [01.1] > 3", { "01.1": "2" }), true);
  assert.equal(value("coalesce([01.1], 0) = 0"), true);
});

test("between, in, case, least and greatest", () => {
  assert.equal(value("[1.1] between 1 and 3 and [1.1] in (2, 4)", { "1.1": "2" }), true);
  assert.equal(value("case when [1.1] > 1 then [1.1] * 2 else 0 end", { "1.1": "2" }), "4");
  assert.equal(value("greatest(1, [9.9], 3) - least(5, 2)"), String(3 - 2));
});

test("only the language is read, nothing is executed", () => {
  for (const text of ["globalThis", "[01.1] ; 1", "1 +", "alert(1)", "[01.1](1)", "'a'", "(1", "1 2"]) assert.throws(() => parse(text), FormulaError, text);
});

test("stars repeat a rule over rows, columns or both", () => {
  assert.deepEqual(expand("[*.2] <= [*.1]", ["01", "02"], ["1", "2"]), ["[01.2] <= [01.1]", "[02.2] <= [02.1]"]);
  assert.deepEqual(expand("[02.*] <= last[01.*]", ["01"], ["1", "2"]), ["[02.1] <= last[01.1]", "[02.2] <= last[01.2]"]);
  assert.equal(expand("[*.*] >= 0", ["1", "2"], ["1", "2", "3"]).length, 2 * 3);
  assert.deepEqual(cellsOf("abs([03.1] - last[03.1]) <= [*.2]"), ["03.1", "*.2"]);
  assert.equal(own("[*.1] + [*.2]", "03", "9"), "[03.1] + [03.2]");
});

test("half up for people, groups of three", () => {
  assert.equal(decimal.text(decimal.halfUp(decimal.parse("2.345"), 2)), "2.35");
  assert.equal(decimal.text(decimal.halfUp(decimal.parse("-2.345"), 2)), "-2.35");
  assert.equal(decimal.grouped(decimal.parse("1234567.5")), "1,234,567.5");
  assert.equal(decimal.grouped(decimal.parse("-999")), "-999");
});
