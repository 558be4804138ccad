// The list of what is wrong: unusable figures, error rules, query rules with a box for the explanation. Each line leads to its cell.
import { el } from "./elements.js";
import { t } from "./language.js";
import { EMPTY } from "./marks.js";

const SHOWN = 5;

export class Panel {
  /** `jump(code)` goes to a cell; `explain(key, text)` keeps an explanation. */
  constructor(root, sheet, { jump, explain }) {
    Object.assign(this, { root, sheet, jump, explain });
    this.items = new Map();
    this.title = el("h2", {}, t("审核", "Checks"));
    this.count = el("span", { class: "sheet-count", role: "status" });
    this.list = el("ul", { class: "sheet-marks" });
    this.fine = el("p", { class: "sheet-fine" }, t("没有发现问题。", "No problems found."));
    this.notes = el("ul", { class: "sheet-notes" });
    this.noted = el("section", { hidden: true }, el("h3", {}, t("批注", "Notes")), this.notes);
    root.replaceChildren(el("div", { class: "row" }, this.title, this.count), this.fine, this.list, this.noted);
    root.className = "sheet-panel";
  }

  /** Shows `faults` [{code, message}] and `marks`; lines that stay keep their element, so that nobody loses the box being typed in. */
  show(faults, marks) {
    const wanted = [
      ...faults.map((f) => ({ key: `fault:${f.code}`, level: "error", cells: [f.code], message: f.message })),
      ...marks.filter((m) => m.level === "error"), ...marks.filter((m) => m.level !== "error"),
    ];
    const keys = new Set(wanted.map((mark) => mark.key));
    for (const [key, item] of this.items) if (!keys.has(key)) item.line.remove();
    const kept = new Map();
    wanted.forEach((mark, at) => {
      const item = this.items.get(mark.key) || this.make(mark);
      this.fill(item, mark);
      kept.set(mark.key, item);
      if (this.list.children[at] !== item.line) this.list.insertBefore(item.line, this.list.children[at] || null);
    });
    this.items = kept;
    const errors = wanted.filter((m) => m.level === "error").length;
    const queries = wanted.length - errors;
    const open = wanted.filter((m) => m.level === "query" && !m.explained).length;
    this.fine.hidden = wanted.length > 0;
    this.count.replaceChildren(...[
      errors ? el("span", { class: "state bad" }, t(`错误 ${errors}`, `Errors ${errors}`)) : null,
      queries ? el("span", { class: `state ${open ? "warn" : "good"}` }, t(`核实 ${queries}${open ? `，待说明 ${open}` : "，均已说明"}`, `Queries ${queries}${open ? `, ${open} to explain` : ", all explained"}`)) : null,
      wanted.length ? null : el("span", { class: "state good" }, t("通过", "Passed")),
    ].filter(Boolean));
  }

  /** The notes of the sheet, in its order; each opens on its cell. */
  showNotes() {
    const noted = [...this.sheet.notes].filter(([, text]) => text).sort(([a], [b]) => (a < b ? -1 : 1));
    this.noted.hidden = !noted.length;
    this.notes.replaceChildren(...noted.map(([code, text]) => el("li", {}, el("button", { type: "button", class: "link sheet-jump", onclick: () => this.jump(code) }, code), text)));
  }

  make(mark) {
    const link = el("button", { type: "button", class: "link sheet-jump", onclick: () => this.jump(link.dataset.code) });
    const message = el("span", { class: "sheet-message" });
    const line = el("li", { class: `sheet-mark ${mark.level}` }, link, message);
    const item = { line, link, message };
    if (mark.level === "query") {
      const id = `explain-${mark.key}`;
      item.state = el("span", { class: "sheet-explained" });
      item.box = this.sheet.editable
        ? el("textarea", { id, rows: "2", maxlength: "1000", placeholder: t("写明实际原因，只写“核实无误”不够", "Say the real reason; “checked, correct” is not enough") })
        : el("p", { class: "sheet-reason" });
      item.box.addEventListener("input", () => this.explain(mark.key, item.box.value.trim()));
      item.hint = el("p", { class: "sheet-hint", role: "status" });
      line.append(el(this.sheet.editable ? "label" : "p", { for: id, class: "sheet-explain" }, t("原因说明", "Explanation"), item.state), item.box, item.hint);
    }
    return item;
  }

  fill(item, mark) {
    item.link.dataset.code = mark.cells[0];
    const shown = mark.cells.length > SHOWN ? `${mark.cells.slice(0, SHOWN).join("、")}…` : mark.cells.join("、");
    item.link.textContent = shown;
    item.link.setAttribute("aria-label", t(`到单元格 ${shown}`, `To cell ${shown}`));
    const word = mark.level === "error" ? t("错误", "Error") : t("核实", "Query");
    item.message.textContent = `${word}${mark.rule && mark.rule !== EMPTY ? ` ${mark.rule}` : ""}：${mark.message}`;
    if (!item.box) return;
    const text = this.sheet.explanations.get(mark.key) || "";
    if (!this.sheet.editable) item.box.textContent = text || "—";
    else if (document.activeElement !== item.box && item.box.value !== text) item.box.value = text;
    item.state.textContent = mark.explained ? t("✓ 已说明", "✓ explained") : "";
    item.hint.textContent = mark.hint || "";
    item.line.classList.toggle("explained", Boolean(mark.explained));
  }
}
