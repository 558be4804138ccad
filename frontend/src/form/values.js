// What an answer of each type of field says: {value}, {fault}, or {unread} where the server reads more than the browser does.
// Numbers are decimals, dates and times texts, several codes a list, a position an object; null is missing.
import * as decimal from "../grid/decimal.js";

const DIGITS = 15;
const NUMBER = /^[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const PLAIN_NUMBER = /^[\d.,+\-eE]+$/;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MOMENT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d$/;
const HIDDEN = /[\p{Cs}\p{Co}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;
const TRUTHS = { 是: true, 否: false };
const SIZE = (c) => (c < 0n ? -c : c).toString().length;

const said = (zh, en) => ({ fault: { zh, en } });

/** Why an empty answer cannot stand. */
export const blank = (one) => ({ zh: `请填写「${one.label.zh}」`, en: `Please answer “${one.label.en}”` });

function number(text, whole) {
  const plain = text.trim();
  if (!plain) return { value: null };
  if (!NUMBER.test(plain)) {
    return PLAIN_NUMBER.test(plain) || /\p{Script=Latin}/u.test(plain) ? said(`「${plain}」不是数`, `“${plain}” is not a number`) : { unread: true };
  }
  const value = decimal.parse(plain.replaceAll(",", ""));
  const adjusted = SIZE(value.c) - 1 + value.e;
  if (decimal.isZero(value)) return { value: { c: 0n, e: 0 } };
  if (adjusted >= DIGITS || adjusted < -DIGITS) return said(`「${plain}」的位数太多，不是可以填报的数`, `“${plain}” has too many digits`);
  if (whole && !decimal.isWhole(value)) return said(`「${plain}」不是整数`, `“${plain}” is not a whole number`);
  return { value };
}

function day(text) {
  const plain = text.trim();
  if (!plain) return { value: null };
  const match = DAY.exec(plain);
  if (!match) return { unread: true };
  const [year, month, date] = match.slice(1).map(Number);
  const last = new Date(Date.UTC(2000, 0, 1));
  last.setUTCFullYear(year, month, 0);
  const right = year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= last.getUTCDate();
  return right ? { value: plain } : { unread: true };
}

function text(one, given) {
  const plain = given.trim();
  if (HIDDEN.test(plain)) return said("文字里有看不见的控制字符，请重新输入", "There are invisible control characters in the text; please type it anew");
  return { value: plain.replaceAll("\r\n", "\n") || null };
}

function place(given) {
  const parts = ["latitude", "longitude", "precision"].map((name) => number(String(given?.[name] ?? ""), false));
  const wrong = parts.find((p) => p.fault || p.unread);
  if (wrong) return wrong;
  const [latitude, longitude, precision] = parts.map((p) => p.value);
  if (latitude === null && longitude === null && precision === null) return { value: null };
  if (latitude === null || longitude === null) return said("位置要写纬度和经度", "A position has a latitude and a longitude");
  return { value: { latitude, longitude, precision } };
}

/** What was given to a field. */
export function read(one, given) {
  const plain = typeof given === "string" ? given : "";
  switch (one.type) {
    case "integer": case "number": return number(plain, one.type === "integer");
    case "boolean": return plain.trim() in TRUTHS ? { value: TRUTHS[plain.trim()] } : plain.trim() ? { unread: true } : { value: null };
    case "date": return day(plain);
    case "time": return TIME.test(plain.trim()) ? { value: plain.trim() } : plain.trim() ? { unread: true } : { value: null };
    case "datetime": return MOMENT.test(plain.trim()) ? { value: plain.trim().replace(" ", "T") } : plain.trim() ? { unread: true } : { value: null };
    case "code": {
      const chosen = one.multiple ? [].concat(given ?? []).filter((c) => c !== "") : [plain].filter((c) => c !== "");
      if (chosen.some((c) => !one.choices.includes(c))) return { unread: true };
      const value = one.multiple ? one.choices.filter((c) => chosen.includes(c)) : chosen[0];
      return { value: chosen.length ? value : null };
    }
    case "place": return place(given);
    case "text": case "long_text": return text(one, plain);
    default: return { value: plain.trim() || null };
  }
}

const within = (value, low, high) => decimal.compare(value, decimal.parse(low)) >= 0 && decimal.compare(value, decimal.parse(high)) <= 0;

/** Why a read answer is out of its range, or null. */
export function fitting(one, value) {
  if (one.type === "text" && value.includes("\n")) return { zh: "只能写一行", en: "One line only" };
  if (one.longest) {
    const size = [...value].length;
    if (size > one.longest) return { zh: `有 ${size} 个字，最多 ${one.longest} 个字`, en: `${size} characters; at most ${one.longest}` };
  }
  if (one.type === "place") {
    if (!within(value.latitude, "-90", "90")) return { zh: "纬度应在 -90 到 90 之间", en: "A latitude lies between -90 and 90" };
    if (!within(value.longitude, "-180", "180")) return { zh: "经度应在 -180 到 180 之间", en: "A longitude lies between -180 and 180" };
    if (value.precision !== null && value.precision.c < 0n) return { zh: "精度应是不小于 0 的米数", en: "The precision is in metres, not below 0" };
  }
  if (one.type !== "integer" && one.type !== "number") return null;
  const shown = `${decimal.text(value)}${one.unit}`;
  for (const [limit, sign, zh, en] of [[one.min, -1, "小于", "is below"], [one.max, 1, "大于", "is above"]]) {
    if (limit && decimal.compare(value, limit) === sign) {
      return { zh: `${shown} ${zh}允许的 ${decimal.text(limit)}${one.unit}`, en: `${shown} ${en} the allowed ${decimal.text(limit)}${one.unit}` };
    }
  }
  return null;
}
