// The rules of a form over its sheet, as the server decides them: error blocks, query wants an explanation, missing is not decided.
import { cellsOf, evaluate, expand, parse } from "./formulas.js";

/** Every broken rule: [{key, rule, level, check, cells, message}], in the order of the form; a rule over each row counts row by row. */
export function brokenRules(sheet) {
  const rows = sheet.rows.map((r) => r.code);
  const columns = sheet.columns.map((c) => c.code);
  const read = (name) => sheet.value(name);
  return sheet.rules.flatMap((rule) => expand(rule.check, rows, columns)
    .filter((check) => evaluate(parse(check), read) === false)
    .map((check) => ({ rule: rule.id, level: rule.level, check, cells: cellsOf(check), message: rule.message, key: markKey({ rule: rule.id, cells: cellsOf(check) }) })));
}

/** One mark's own name: the rule, and its cells where the rule is repeated. */
export const markKey = (mark) => `${mark.rule}:${mark.cells.join(",")}`;

/** Cells that are no number or outside their limits: [{code, message}]. */
export const badCells = (sheet) => [...sheet.inputs].map((code) => ({ code, message: sheet.fault(code) })).filter((f) => f.message);
