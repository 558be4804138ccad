// Exact decimal numbers, as the server's: 28 significant digits, the last rounded half to even, in every operation.
// A number is {c: BigInt, e: exponent} and means c × 10^e. Binary floats would find 0.1 + 0.2 ≠ 0.3 in a total.

const DIGITS = 28;
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

const ten = (n) => 10n ** BigInt(n);
const size = (c) => (c < 0n ? -c : c).toString().length;

function rounded(c, e, digits = DIGITS) {
  const over = size(c) - digits;
  if (over <= 0) return { c, e };
  const unit = ten(over);
  const negative = c < 0n;
  const whole = negative ? -c : c;
  let q = whole / unit;
  const rest = (whole % unit) * 2n;
  if (rest > unit || (rest === unit && q % 2n === 1n)) q += 1n;
  return rounded(negative ? -q : q, e + over, digits);
}

/** The number that a text says ("-12.50", "3e2"), or null when it says none. */
export function parse(text) {
  const match = SHAPE.exec(String(text).trim());
  if (!match || !(match[2] || match[3])) return null;
  const c = BigInt((match[2] || "") + (match[3] || ""));
  return { c: match[1] === "-" ? -c : c, e: Number(match[4] || 0) - (match[3] || "").length };
}

function aligned(a, b) {
  const e = Math.min(a.e, b.e);
  return [a.c * ten(a.e - e), b.c * ten(b.e - e), e];
}

export const add = (a, b) => { const [x, y, e] = aligned(a, b); return rounded(x + y, e); };
export const subtract = (a, b) => { const [x, y, e] = aligned(a, b); return rounded(x - y, e); };
export const multiply = (a, b) => rounded(a.c * b.c, a.e + b.e);
export const negate = (a) => rounded(-a.c, a.e);
export const abs = (a) => rounded(a.c < 0n ? -a.c : a.c, a.e);
export const isZero = (a) => a.c === 0n;
export const isWhole = (a) => a.e >= 0 || a.c % ten(-a.e) === 0n;

/** a ÷ b, or null when b is zero. */
export function divide(a, b) {
  if (b.c === 0n) return null;
  const shift = Math.max(0, DIGITS + size(b.c) - size(a.c) + 1);
  const num = a.c * ten(shift);
  let q = num / b.c;
  // A digit that remembers the rest, so that half is told from a little more than half.
  if (num % b.c !== 0n && q % 5n === 0n) q += (num < 0n) === (b.c < 0n) ? 1n : -1n;
  return rounded(q, a.e - b.e - shift);
}

/** -1, 0 or 1. */
export function compare(a, b) {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Rounded half up (away from zero) to so many decimals. */
export function halfUp(a, decimals) {
  if (a.e >= -decimals) return a;
  const unit = ten(-decimals - a.e);
  const negative = a.c < 0n;
  const q = ((negative ? -a.c : a.c) * 2n + unit) / (unit * 2n);
  return { c: negative ? -q : q, e: -decimals };
}

const NEAR = parse("1e-12");
const LAST_BITS = parse("1.5e-14");

/** A figure without the tail that binary arithmetic leaves (3.3000000000000003 is 3.3), as the server's kernel.figures.seen. */
export function seen(a) {
  const adjusted = size(a.c) - 1 + a.e;
  if (a.e >= -6 || adjusted >= 15) return a;
  if (adjusted < -12) return { c: 0n, e: 0 };
  const relative = multiply(abs(a), LAST_BITS);
  const near = compare(relative, NEAR) > 0 ? relative : NEAR;
  for (let decimals = 0; decimals <= 6; decimals += 1) {
    const whole = halfUp(a, decimals);
    if (compare(abs(subtract(whole, a)), near) <= 0) return whole;
  }
  return rounded(a.c, a.e, 15);
}

/** Plain digits without an exponent or closing zeros: "1234.5". */
export function text(a) {
  let { c, e } = a;
  if (c === 0n) return "0";
  while (e < 0 && c % 10n === 0n) { c /= 10n; e += 1; }
  if (e >= 0) return (c * ten(e)).toString();
  const digits = (c < 0n ? -c : c).toString().padStart(1 - e, "0");
  return `${c < 0n ? "-" : ""}${digits.slice(0, e)}.${digits.slice(e)}`;
}

/** `text` with thousands separators: "1,234.5". */
export function grouped(a) {
  const [whole, part] = text(a).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}
