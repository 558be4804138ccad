// What a person types or pastes into a cell, and what it says.
import { t } from "./language.js";
import * as decimal from "./decimal.js";

const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;
const LARGEST = decimal.parse("1e12");
const DECIMALS = 6;
const HALF = (mark) => String.fromCharCode(mark.charCodeAt(0) - 0xfee0);
const MARKS = { "−": "-", "﹣": "-", "–": "-", "。": ".", "、": ",", "﹐": "," };

/**
 * The text as it is kept: full-width digits and signs made plain, thousands separators (commas or blanks) gone where they stand
 * right, as the server reads a cell (kernel.figures). "1,5" and "12 34" stay (and are faults): nobody knows what they mean.
 */
export function tidy(typed, type) {
  const text = String(typed ?? "").replace(/[\r\n\t]+/g, " ").trim();
  if (type === "text") return text;
  const half = text.replace(/[\u200b\u200c\u200d\u2060\ufeff]/g, "").replace(/[\uff01-\uff5e]/g, HALF).replace(/[\u3000\u00a0]/g, " ").trim();
  const closed = half.replace(/(?<=\d) (?=\d{3}(?:\D|$))/g, "");
  const plain = (/\d \d/.test(closed) ? closed : closed.replaceAll(" ", "")).replace(/[−﹣–。、﹐]/g, (mark) => MARKS[mark]);
  const bare = GROUPED.test(plain) ? plain.replaceAll(",", "") : plain;
  const number = decimal.parse(bare);
  if (number === null || /[eE]/.test(bare)) return bare;
  const seen = decimal.seen(number);
  return seen === number ? spelled(bare) : decimal.text(seen);
}

// "007" → "7", "+5" → "5", ".5" → "0.5", "-0" → "0"; the decimals stay as they were typed, unless they are all zeros of a whole number.
function spelled(bare) {
  const [, sign, whole, part] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(bare);
  const digits = `${whole.replace(/^0+(?=\d)/, "") || "0"}${part ? `.${part}` : ""}`;
  return sign === "-" && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/** The decimal of a kept text; null for an empty cell or for one that is no number. */
export const valueOf = (text) => (text === null || text === undefined || text === "" ? null : decimal.parse(text));

/** A figure of the server as text: plain digits, no exponent, no closing zeros; "" for none. */
export function written(value, type) {
  const text = value === null || value === undefined ? "" : String(value);
  const number = type === "text" || text === "" ? null : decimal.parse(text);
  return number === null ? text : decimal.text(number);
}

/** Why a kept text cannot stand in a cell of this kind, or "". `line` = {type, min, max}. */
export function faultOf(text, line) {
  if (text === "" || line.type === "text") return "";
  const value = decimal.parse(text);
  if (value === null || /[eE]/.test(text)) return t(`“${text}”不是数：只填数，单位不写在格子里`, `“${text}” is not a number: figures only, no units`);
  if (decimal.compare(decimal.abs(value), LARGEST) >= 0) return t(`“${text.slice(0, 3)}…”太大，不是统计数`, `“${text.slice(0, 3)}…” is too large for a figure`);
  if (decimal.compare(decimal.halfUp(value, DECIMALS), value) !== 0) return t(`“${text}”的小数超过 ${DECIMALS} 位`, `“${text}” has more than ${DECIMALS} decimals`);
  if (line.type === "integer" && !decimal.isWhole(value)) return t(`“${text}”应为整数`, `“${text}” should be a whole number`);
  for (const [limits, sign, zh, en] of [[line.min, -1, "小于", "below"], [line.max, 1, "大于", "above"]]) {
    for (const limit of limits || []) {
      if (decimal.compare(value, decimal.parse(limit)) === sign) return t(`“${text}”${zh} ${limit}`, `“${text}” is ${en} ${limit}`);
    }
  }
  return "";
}
