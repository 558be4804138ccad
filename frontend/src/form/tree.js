// A form's expression comes from the server as a JSON tree (forms/browser.py) and is walked by the same evaluator as the
// rules of returns. Dates are texts "2024-01-31"; several codes are lists; what is missing is null.
import * as decimal from "../grid/decimal.js";
import { evaluate } from "../grid/formulas.js";
import { ask } from "./norms.js";

/** The tree with its numbers as decimals. */
export function revive(tree) {
  if (!Array.isArray(tree)) return tree;
  if (tree[0] !== "constant") return tree.map(revive);
  const value = tree[1];
  return ["constant", value !== null && typeof value === "object" ? decimal.parse(value.number) : value];
}

/** The value of a revived tree over answers: a decimal, text, list, true, false or null. Numbers among the answers are decimals. */
export const valueOf = (tree, answers) => evaluate(tree, (name) => answers[name] ?? null, ask);
