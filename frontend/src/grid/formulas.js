// The small expression language of returns: [row.col], last[row.col], numbers, + - * /, comparisons, and or not, between, in,
// is null, case when, abs sum least greatest coalesce. Parsed to a tree and walked; never eval (the CSP forbids it, rightly).
// Meaning as on the server: a missing cell makes the result missing (null), and a rule that is missing is not decided.
import * as decimal from "./decimal.js";

export class FormulaError extends Error {}

const TOKEN = /\s*(?:(last)?\[([A-Za-z0-9*]+)\.([A-Za-z0-9*]+)\]|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(<=|>=|<>|!=|==|[-+*/()<>=,])|([A-Za-z_]+))/y;
const CELL = /(last)?\[([A-Za-z0-9*]+)\.([A-Za-z0-9*]+)\]/g;
const FUNCTIONS = new Set(["abs", "sum", "add_all", "least", "greatest", "coalesce"]);

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const m = TOKEN.exec(text);
    if (!m) throw new FormulaError(`${text.slice(at)}`);
    if (m[2]) found.push({ kind: "cell", name: `${m[1] ? "last." : ""}${m[2]}.${m[3]}` });
    else if (m[4]) found.push({ kind: "number", value: decimal.parse(m[4]) });
    else if (m[5]) found.push({ kind: "sign", text: m[5] });
    else found.push({ kind: "word", text: m[6].toLowerCase() });
  }
  return found;
}

class Parser {
  constructor(text) { this.text = text; this.list = tokens(text); this.at = 0; }

  next(text) {
    const token = this.list[this.at];
    if (!token || token.text !== text) return false;
    this.at += 1;
    return true;
  }

  want(text) { if (!this.next(text)) throw new FormulaError(`${this.text}: ${text}`); }

  whole() {
    const tree = this.or();
    if (this.at < this.list.length) throw new FormulaError(this.text);
    return tree;
  }

  or() { let left = this.and(); while (this.next("or")) left = ["or", left, this.and()]; return left; }
  and() { let left = this.not(); while (this.next("and")) left = ["and", left, this.not()]; return left; }
  not() { return this.next("not") ? ["not", this.not()] : this.comparison(); }

  comparison() {
    const left = this.sum();
    for (const sign of ["<=", ">=", "<>", "!=", "==", "=", "<", ">"]) if (this.next(sign)) return [SAME[sign] || sign, left, this.sum()];
    if (this.next("is")) {
      const not = this.next("not");
      this.want("null");
      return not ? ["not", ["missing", left]] : ["missing", left];
    }
    const not = this.next("not");
    let tree = null;
    if (this.next("between")) { const low = this.sum(); this.want("and"); tree = ["between", left, low, this.sum()]; }
    else if (this.next("in")) { this.want("("); tree = ["in", left, ...this.list_()]; }
    else if (not) throw new FormulaError(this.text);
    else return left;
    return not ? ["not", tree] : tree;
  }

  list_() { const all = [this.or()]; while (this.next(",")) all.push(this.or()); this.want(")"); return all; }

  sum() {
    let left = this.product();
    for (;;) {
      if (this.next("+")) left = ["+", left, this.product()];
      else if (this.next("-")) left = ["-", left, this.product()];
      else return left;
    }
  }

  product() {
    let left = this.one();
    for (;;) {
      if (this.next("*")) left = ["*", left, this.one()];
      else if (this.next("/")) left = ["/", left, this.one()];
      else return left;
    }
  }

  one() {
    if (this.next("-")) return ["negative", this.one()];
    if (this.next("+")) return this.one();
    if (this.next("(")) { const inner = this.or(); this.want(")"); return inner; }
    if (this.next("case")) return this.choice();
    const token = this.list[this.at];
    if (!token) throw new FormulaError(this.text);
    this.at += 1;
    if (token.kind === "cell") return ["cell", token.name];
    if (token.kind === "number") return ["constant", token.value];
    if (token.text === "true" || token.text === "false") return ["constant", token.text === "true"];
    if (token.text === "null") return ["constant", null];
    if (FUNCTIONS.has(token.text)) { this.want("("); return [token.text === "add_all" ? "sum" : token.text, ...this.list_()]; }
    throw new FormulaError(`${this.text}: ${token.text}`);
  }

  choice() {
    const branches = [];
    while (this.next("when")) { const when = this.or(); this.want("then"); branches.push([when, this.or()]); }
    const otherwise = this.next("else") ? this.or() : ["constant", null];
    this.want("end");
    return ["case", branches, otherwise];
  }
}

const SAME = { "<>": "!=", "==": "=" };
const CALCULATE = { "+": decimal.add, "-": decimal.subtract, "*": decimal.multiply, "/": decimal.divide };
const COMPARE = { "=": (n) => n === 0, "!=": (n) => n !== 0, "<": (n) => n < 0, "<=": (n) => n <= 0, ">": (n) => n > 0, ">=": (n) => n >= 0 };

// Numbers are objects; true and false are equal to themselves only; texts (and dates as texts) go by code points, as on the server.
const order = (a, b) => {
  if (typeof a === "boolean") return Number(a) - Number(b);
  return typeof a === "string" ? byPoints([...a], [...b]) : decimal.compare(a, b);
};

function byPoints(a, b) {
  const at = a.findIndex((c, i) => c !== b[i]);
  if (at < 0) return a.length - b.length;
  return at >= b.length ? 1 : a[at].codePointAt(0) - b[at].codePointAt(0);
}

const whole = (n) => decimal.parse(String(n));
const dayOf = (text) => { const [year, month, day] = text.split("-").map(Number); return { year, month, day, count: Date.UTC(year, month - 1, day) / 86400000 }; };
const lastDay = (d) => new Date(Date.UTC(d.year, d.month, 0)).getUTCDate();

// Completed months from one day to another: in a month that has no such day the last one completes it.
function months(birth, day) {
  const between = (day.year - birth.year) * 12 + day.month - birth.month;
  return between - (day.day < birth.day && day.day !== lastDay(day) ? 1 : 0);
}

const CALENDAR = {
  year_of: (d) => d.year, month_of: (d) => d.month, age_days: (a, b) => b.count - a.count, age_months: months,
  age_years: (a, b) => Math.floor(months(a, b) / 12),
};

const trees = new Map();

/** The tree of an expression (kept); FormulaError when it is not in the language. */
export function parse(text) {
  if (!trees.has(text)) trees.set(text, new Parser(text).whole());
  return trees.get(text);
}

/**
 * The value of a tree: a decimal, true, false or null (missing). `read(name)` gives a cell's decimal or null; last year's is "last.01.2".
 * `ask(name, values)` gives what a function of a published norm gives (forms only; the server computes it).
 */
export function evaluate(tree, read, ask) {
  const [kind, ...parts] = tree;
  if (kind === "constant") return parts[0];
  if (kind === "cell") return read(parts[0]) ?? null;
  if (kind === "case") {
    for (const [when, then] of parts[0]) if (evaluate(when, read, ask) === true) return evaluate(then, read, ask);
    return evaluate(parts[1], read, ask);
  }
  if (kind === "norm") return ask(parts[0], parts.slice(1).map((part) => evaluate(part, read, ask)));
  const values = parts.map((part) => evaluate(part, read, ask));
  const present = values.filter((v) => v !== null);
  switch (kind) {
    case "and": return values.includes(false) ? false : present.length < 2 ? null : true;
    case "or": return values.includes(true) ? true : present.length < 2 ? null : false;
    case "not": return values[0] === null ? null : !values[0];
    case "missing": return values[0] === null;
    case "coalesce": return present.length ? present[0] : null;
    case "least": case "greatest": {
      const sign = kind === "least" ? 1 : -1;
      return present.length ? present.reduce((best, v) => (order(v, best) * sign < 0 ? v : best)) : null;
    }
    case "in": {
      if (values[0] === null) return null;
      if (present.slice(1).some((v) => order(v, values[0]) === 0)) return true;
      return present.length < values.length ? null : false;
    }
    default:
  }
  if (kind === "between") {
    const [value, low, high] = values;
    if (value === null) return null;
    if ((low !== null && order(low, value) > 0) || (high !== null && order(value, high) > 0)) return false;
    return low === null || high === null ? null : true;
  }
  if (present.length < values.length) return null;
  if (kind in CALENDAR) return whole(CALENDAR[kind](...values.map(dayOf)));
  switch (kind) {
    case "has": return values[0].includes(values[1]);
    case "how_many": return whole(values[0].length);
    case "negative": return decimal.negate(values[0]);
    case "abs": return decimal.abs(values[0]);
    case "sum": return values.reduce((total, v) => decimal.add(total, v), decimal.parse("0"));
    default: return kind in CALCULATE ? CALCULATE[kind](...values) : COMPARE[kind](order(...values));
  }
}

/** The cells that an expression names, as written ("01.2", "*.1"), this year's and last year's, each once. */
export const cellsOf = (text) => [...new Set([...text.matchAll(CELL)].map((m) => `${m[2]}.${m[3]}`))];

/** A rule with * for rows and/or columns, once for each code. */
export function expand(check, rows, columns) {
  const cells = [...check.matchAll(CELL)];
  const overRows = cells.some((m) => m[2] === "*") ? rows : [""];
  const overColumns = cells.some((m) => m[3] === "*") ? columns : [""];
  return overRows.flatMap((r) => overColumns.map((c) => own(check, r, c)));
}

/** An expression with its * replaced by one row and column: the formula of one cell. */
export const own = (text, row, column) => text.replace(CELL, (_, last, r, c) => `${last || ""}[${r === "*" ? row : r}.${c === "*" ? column : c}]`);
