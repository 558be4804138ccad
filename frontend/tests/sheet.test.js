import assert from "node:assert/strict";
import test from "node:test";
import { lay, readBlock, writeBlock } from "../src/grid/clipboard.js";
import { faultOf, tidy } from "../src/grid/entry.js";
import { badCells, brokenRules } from "../src/grid/marks.js";
import { Sheet } from "../src/grid/model.js";
import { Selection } from "../src/grid/selection.js";
import { History } from "../src/grid/undo.js";
import * as decimal from "../src/grid/decimal.js";

const lines = (...codes) => codes.map((code) => ({ code, label: { zh: code } }));
const made = (more = {}) => new Sheet({
  rows: lines("01", "02", "03"), columns: lines("1", "2", "3"), editable: true,
  input: ["01.1", "01.2", "02.1", "02.2", "03.1", "03.2"], computed: { "*.3": "[*.1] + [*.2]" },
  rules: [{ id: "E1", level: "error", check: "[*.2] <= [*.1]", message: "多" }, { id: "Q1", level: "query", check: "abs([01.3] - last[01.3]) <= 0.1 * last[01.3]", message: "变" }],
  last: { "01.3": 10, "01.1": 0 }, values: { "01.1": 5, "01.2": null }, ...more,
});

test("what people type becomes a plain number, or stays for them to see", () => {
  const said = { "１２３": "123", " 1,234,567 ": "1234567", "1，234": "1234", "－5": "-5", "3．14": "3.14", "12\n": "12", "007": "7", "": "", "+3": "3", "1.50": "1.50", ".5": "0.5", "-0": "0", "5.": "5" };
  for (const [typed, kept] of Object.entries(said)) assert.equal(tidy(typed, "integer"), kept, typed);
  for (const typed of ["1,5", "12人", "12%", "一", "1e5", "0x10", "--1"]) assert.notEqual(faultOf(tidy(typed, "number"), { type: "number" }), "", typed);
  assert.notEqual(faultOf("1.5", { type: "integer" }), "");
  assert.equal(faultOf("1.0", { type: "integer" }), "");
  assert.notEqual(faultOf("-1", { type: "number", min: ["0"] }), "");
  assert.equal(tidy(" 说明 1,5 ", "text"), "说明 1,5");
});

test("a block from Excel: quoted cells with line breaks and quotes, blanks, ragged rows, no row for the closing break", () => {
  assert.deepEqual(readBlock("1\t2\r\n3\t4\r\n"), [["1", "2"], ["3", "4"]]);
  assert.deepEqual(readBlock('"a\nb"\t"say ""x"""\n\t5'), [["a\nb", 'say "x"'], ["", "5"]]);
  assert.deepEqual(readBlock("1\n2\t3"), [["1", ""], ["2", "3"]]);
  assert.deepEqual(readBlock('5" pipe\t"'), [['5" pipe', '"']]);
  const block = [["a\nb", 'q"', ""], ["1", "2\t", "3"]];
  assert.deepEqual(readBlock(writeBlock(block)), block);
});

test("a block lands on cells to fill in and counts the others; one that does not fit changes nothing", () => {
  const sheet = made();
  const laid = lay(sheet, [["1", "２", "9"], ["", "4", "9"]], { top: 1, bottom: 1, left: 0, right: 0 });
  assert.deepEqual(laid.changes, [["02.1", "1"], ["02.2", "2"], ["03.1", ""], ["03.2", "4"]]);
  assert.equal(laid.skipped, 2);
  assert.deepEqual(lay(sheet, [["1"], ["2"]], { top: 2, bottom: 2, left: 1, right: 1 }).over, { rows: 1, columns: 2 });
  const filled = lay(sheet, [["7"]], { top: 0, bottom: 2, left: 0, right: 2 });
  assert.deepEqual([filled.changes.length, filled.skipped], [6, 3]);
});

test("computed cells follow, change against last year is exact and has no share of zero", () => {
  const sheet = made();
  assert.equal(sheet.text("01.3"), "");
  sheet.set([["01.2", "6"]]);
  assert.equal(sheet.text("01.3"), String(5 + 6));
  assert.equal(decimal.text(sheet.change("01.3").share), String((11 - 10) / 10));
  assert.equal(sheet.change("01.1").share, null);
  assert.equal(sheet.change("02.3"), null);
});

test("marks: broken rules row by row, undecided ones not, faults of cells", () => {
  const sheet = made();
  assert.deepEqual(brokenRules(sheet), []);
  sheet.set([["01.2", "7"], ["02.1", "12人"]]);
  assert.deepEqual(brokenRules(sheet).map((m) => [m.rule, m.cells]), [["E1", ["01.2", "01.1"]], ["Q1", ["01.3"]]]);
  assert.deepEqual(badCells(sheet).map((f) => f.code), ["02.1"]);
});

test("a whole paste is one step back and one step forward; a new action forgets what was undone", () => {
  const sheet = made();
  const history = new History();
  history.record(sheet.set([["01.1", "1"], ["01.2", "2"]]));
  sheet.set(history.undo());
  assert.deepEqual([sheet.text("01.1"), sheet.text("01.2")], ["5", ""]);
  sheet.set(history.redo());
  assert.deepEqual([sheet.text("01.1"), sheet.text("01.2")], ["1", "2"]);
  sheet.set(history.undo());
  history.record(sheet.set([["03.1", "9"]]));
  assert.equal(history.redo(), null);
});

test("the selection: block from any corner, leap to the edge of data, Tab over cells to fill in and out at the end, figures", () => {
  const sheet = made({ values: { "01.1": 5, "02.1": 6, "03.2": "0.5" } });
  const selection = new Selection(sheet);
  selection.go(2, 1);
  selection.stretch(0, 0);
  assert.deepEqual(selection.area, { top: 0, bottom: 2, left: 0, right: 1 });
  const { count, sum, average } = selection.figures();
  assert.deepEqual([count, decimal.text(sum), decimal.text(decimal.halfUp(average, 2))], [3, String(5 + 6 + 0.5), "3.83"]);
  selection.go(0, 0);
  selection.leap(1, 0);
  assert.equal(selection.code, "02.1");
  selection.leap(1, 0);
  assert.equal(selection.code, "03.1");
  selection.go(0, 1);
  assert.ok(selection.tab(false));
  assert.equal(selection.code, "02.1"); // over the computed cell
  selection.go(2, 1);
  assert.equal(selection.tab(false), false);
});
