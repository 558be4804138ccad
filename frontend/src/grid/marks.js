// The rules of a form over its sheet, as the server decides them: error blocks, query wants an explanation, missing is not decided.
import { t } from "./language.js";
import { cellsOf, evaluate, expand, parse } from "./formulas.js";

export const EMPTY = "empty";

/** Every broken rule: [{key, rule, level, check, cells, message}], in the order of the form; a rule over each row counts row by row. */
export function brokenRules(sheet) {
  const rows = sheet.rows.map((r) => r.code);
  const columns = sheet.columns.map((c) => c.code);
  const read = (name) => sheet.value(name);
  return sheet.rules.flatMap((rule) => expand(rule.check, rows, columns)
    .filter((check) => evaluate(parse(check), read) === false)
    .map((check) => ({ rule: rule.id, level: rule.level, check, cells: cellsOf(check), message: rule.message, key: markKey({ rule: rule.id, cells: cellsOf(check) }) })));
}

/** The cells that should be filled in and are not, without a word in their note, as one mark (or none). */
export function emptyCells(sheet) {
  const cells = sheet.required.filter((code) => sheet.text(code) === "" && !sheet.notes.get(code));
  if (!cells.length) return [];
  const message = t(`还有 ${cells.length} 格没有填：是零填 0；确实没有数据的，在该格批注里写明原因`, `${cells.length} cells are empty: write 0 for zero; where there are no data, say why in the cell's note`);
  return [{ rule: EMPTY, level: "error", check: "", cells, message, key: EMPTY }];
}

/** One mark's own name: the rule, and its cells where the rule is repeated. */
export const markKey = (mark) => (mark.rule === EMPTY ? EMPTY : `${mark.rule}:${mark.cells.join(",")}`);

/** Cells that are no number or outside their limits: [{code, message}]. */
export const badCells = (sheet) => [...sheet.inputs].map((code) => ({ code, message: sheet.fault(code) })).filter((f) => f.message);
