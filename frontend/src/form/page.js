// The fields of the page bound to the walk of model.js. Without this file the page is a plain form that the server judges.
import * as decimal from "../grid/decimal.js";
import { t } from "../grid/language.js";
import { keepDraft } from "./draft.js";
import { fill, ready } from "./model.js";
import { locate, sign } from "./inputs.js";
import * as norms from "./norms.js";
import { paged } from "./parts.js";

const say = (message) => t(message.zh, message.en);
const shownValue = (value, waits, labels) => {
  if (value === null && waits) return norms.unreached() ? t("提交后由服务器计算", "Computed once you send it") : t("正在计算…", "Computing…");
  if (value === null) return "—";
  if (labels?.[value]) return say(labels[value]);
  if (typeof value === "boolean") return value ? t("是", "Yes") : t("否", "No");
  return typeof value === "object" ? decimal.text(value) : value;
};

export class FormPage {
  /** `element`: the form element, where the fields do not stand inside it; `given`: what the page's script says, where it says it once for several forms. */
  constructor(root, element = root.closest("form"), given = JSON.parse(document.getElementById(root.dataset.form).textContent)) {
    this.root = root;
    this.day = given.day;
    this.model = ready(given.tree);
    this.labels = Object.fromEntries(this.model.fields.flatMap((f) => [f, ...f.fields]).map((f) => [f.id, f.labels]));
    norms.connect(given.compute, () => this.refresh());
    this.element = element;
    this.element.noValidate = true;
    this.summary = root.querySelector(".form-summary");
    this.touched = new Set();
    this.draft = given.draft ? keepDraft(this, given.draft) : null;
    this.parts = paged(this);
    root.addEventListener("input", (event) => this.changed(event.target));
    root.addEventListener("change", (event) => this.changed(event.target));
    root.addEventListener("click", (event) => this.pressed(event));
    this.element.addEventListener("submit", (event) => this.submit(event));
    locate(this);
    sign(root);
    this.refresh();
  }

  place(id, row) {
    const inside = row === null || row === undefined ? this.root : this.rowOf(id, row);
    return inside?.querySelector(`[data-field="${id}"]`) ?? null;
  }

  rowOf(id, row) {
    for (const group of this.root.querySelectorAll("[data-rows]")) {
      const rows = group.querySelectorAll(":scope > .form-row");
      if (rows[row - 1]?.querySelector(`[data-field="${id}"]`)) return rows[row - 1];
    }
    return null;
  }

  answers(fields = this.model.fields, before = "") {
    const data = new FormData(this.element);
    const of = (one, name) => {
      if (one.multiple) return data.getAll(name);
      if (one.type === "place") return Object.fromEntries(["latitude", "longitude", "precision"].map((p) => [p, data.get(`${name}.${p}`) || ""]));
      const value = data.get(name);
      if (value instanceof File) return value.size ? value.name : data.get(`${name}.kept`) || "";
      return value ?? data.get(`${name}.kept`) ?? "";
    };
    const found = {};
    for (const one of fields) {
      if (one.repeat) found[one.id] = this.rows(one);
      else if (one.type === "group") Object.assign(found, this.answers(one.fields, before));
      else if (one.answered) found[one.id] = of(one, before + one.id);
    }
    return found;
  }

  // Rows in which nothing is answered are none, as on the server.
  rows(one) {
    this.filledRows ??= {};
    const rows = [...this.root.querySelectorAll(`[data-rows="${one.id}"] > .form-row`)].map((row) => [row, this.answers(one.fields, `${one.id}.${row.dataset.row}.`)]);
    const kept = rows.filter(([, answers]) => Object.values(answers).some((v) => (typeof v === "string" ? v : Object.values(v).join(""))));
    this.filledRows[one.id] = kept.map(([row]) => row);
    return kept.map(([, answers]) => answers);
  }

  judge() { return fill(this.model, this.answers(), this.day); }

  // Show, hide, compute; say what is wrong only of what was touched (or of everything once somebody tried to send).
  refresh(typed = false) {
    if (this.closed) return this.judged; // it was saved: it stays as it stands
    norms.begin(typed, this);
    const found = this.judge();
    this.visible(this.model.fields, found);
    for (const [id, row, value, waits] of found.computed) {
      const output = this.at(id, row)?.querySelector("output");
      if (output) output.textContent = shownValue(value, waits, this.labels[id]);
    }
    this.tell(found);
    this.judged = found;
    return found;
  }

  at(id, row) {
    if (row === null) return this.place(id, null);
    const group = this.model.fields.find((f) => f.repeat && f.fields.some((x) => x.id === id));
    return this.filledRows[group.id][row - 1]?.querySelector(`[data-field="${id}"]`) ?? null;
  }

  visible(fields, found, row = null) {
    const shown = new Set(found.shown.filter(([, at]) => at === row).map(([id]) => id));
    for (const one of fields) {
      const place = this.at(one.id, row);
      if (place) place.hidden = !shown.has(one.id);
      if (one.repeat && place) this.filledRows[one.id].forEach((_, n) => this.visible(one.fields, found, n + 1));
      else if (one.type === "group") this.visible(one.fields, found, row);
    }
  }

  tell(found) {
    for (const place of this.root.querySelectorAll("[data-field]")) {
      const own = place.querySelector(":scope > .form-fault");
      if (own && (this.all || this.touched.has(place.id || own.id))) { own.textContent = ""; this.mark(place, false); }
    }
    for (const fault of found.faults) {
      if (!fault.field) continue;
      const place = this.at(fault.field, fault.row);
      const own = place?.querySelector(":scope > .form-fault");
      if (own && (this.all || this.touched.has(place.id || own.id))) { own.textContent = say(fault.message); this.mark(place, true); }
    }
  }

  mark(place, wrong) {
    const input = place.matches("fieldset") ? place : place.querySelector("input, select, textarea");
    if (wrong) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }

  changed(input) {
    const place = input.closest("[data-field]");
    if (place) this.touched.add(place.id || place.querySelector(":scope > .form-fault")?.id);
    this.refresh(true);
    this.draft?.save();
  }

  pressed(event) {
    const button = event.target.closest("button[name]");
    if (!button) return;
    if (button.name === "_more") { event.preventDefault(); this.more(button.closest("[data-rows]")); }
    if (button.name === "_less") { event.preventDefault(); this.less(button.closest(".form-row")); }
  }

  more(group) {
    const rows = group.querySelectorAll(":scope > .form-row");
    if (rows.length >= Number(group.dataset.most)) return;
    const next = 1 + Math.max(0, ...[...rows].map((row) => Number(row.dataset.row)));
    const holder = document.createElement("div");
    holder.innerHTML = group.querySelector(":scope > template").innerHTML.replaceAll("__n__", String(next));
    const row = holder.firstElementChild;
    group.querySelector(":scope > button[name=_more]").before(row);
    sign(row);
    this.refresh();
    row.querySelector("input, select, textarea")?.focus();
  }

  less(row) {
    const button = row.parentElement.querySelector(":scope > button[name=_more]");
    row.remove();
    button.focus();
    this.refresh();
    this.draft?.save();
  }

  submit(event) {
    this.all = true;
    const found = this.refresh();
    if (!found.faults.length) { this.draft?.sent(); return; }
    event.preventDefault();
    const list = this.summary.querySelector("ul");
    list.replaceChildren(...found.faults.map((fault) => this.entry(fault)));
    this.summary.hidden = false;
    this.parts.showAll();
    this.summary.focus();
  }

  entry(fault) {
    const item = document.createElement("li");
    const place = fault.field ? this.at(fault.field, fault.row) : null;
    const id = place?.id || place?.querySelector("input, select, textarea")?.id;
    if (!id) { item.textContent = say(fault.message); return item; }
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = say(fault.message);
    link.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(id).focus(); });
    item.append(link);
    return item;
  }
}
