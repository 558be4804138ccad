// One line of a day's sheet: what stands in it, what is wrong with it, and what the server says to it.
import { t } from "../grid/language.js";
import { el } from "../grid/elements.js";
import { post } from "../grid/transport.js";
import { FormPage } from "../form/page.js";

export class DayLine {
  constructor(row, given) {
    this.row = row;
    this.given = given;
    this.seen = Number(row.dataset.seen);
    this.status = row.querySelector("[data-status]");
    this.form = document.getElementById(row.dataset.sends);
    this.begun = false;
    this.explained = {}; // what was said to what the server asks back
    this.sending = false;
    this.done = !this.form;
    if (this.done) return;
    this.page = new FormPage(row, this.form, given);
    row.addEventListener("input", (event) => this.changed(event.target));
    row.addEventListener("change", (event) => this.changed(event.target));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); this.save(); }
    });
    const button = row.querySelector("button[form]"); // without script it sends the line to its own form
    button.type = "button";
    button.addEventListener("click", () => this.save());
    this.button = button;
  }

  get waiting() { return this.begun && !this.done; }

  changed(input) {
    this.begun = true;
    if (input.dataset.explains) { this.explained[input.dataset.explains] = input.value; return; }
    if (!this.sending) this.say(t("未保存", "Not saved"), "warn");
  }

  /** The line was left: it is saved if nothing in it is wrong, and says otherwise what is. */
  left() {
    if (!this.waiting || this.sending) return;
    if (this.page.judge().faults.length) this.wrong(); else this.save();
  }

  wrong() {
    this.page.all = true;
    const { faults } = this.page.refresh();
    if (!faults.length) return false;
    const whole = faults.filter((fault) => !fault.field).map((fault) => t(fault.message.zh, fault.message.en));
    this.say([t(`有 ${faults.length} 处要改`, `${faults.length} to mend`), ...whole].join("："), "bad");
    return true;
  }

  async save() {
    if (this.done || this.sending || this.wrong()) return;
    this.sending = true;
    this.say(t("正在保存…", "Saving…"), "");
    const answers = this.page.answers();
    const sent = { child: Number(this.row.dataset.child), kind: this.given.kind, operation: this.row.dataset.operation, seen: this.seen, answers, explanations: this.explained };
    const { status, body } = await post(location.pathname, sent);
    this.sending = false;
    const same = JSON.stringify(answers) === JSON.stringify(this.page.answers());
    if (status === 200) this.saved(body.record, same);
    else if (status === 409 && body?.meanwhile) this.meanwhile(body.meanwhile);
    else if (status === 422 && body?.faults) this.refused(body);
    else if (status === 0) this.say(t("没有连上服务器，还没有保存；连上后再保存一次", "No connection; not saved. Save again later"), "bad");
    else if (status === 401) this.say(t("登录已过期，还没有保存；请另开一页登录，再回来保存", "Signed out; not saved. Sign in on another page, then save"), "bad");
    else this.say(body?.error || t("没有保存，请稍后再试", "Not saved; try again"), "bad");
  }

  saved(record, same) {
    this.done = this.page.closed = true;
    for (const input of this.row.querySelectorAll("input, select, textarea")) input.disabled = true;
    this.row.classList.add("done");
    this.button.remove();
    this.say(same ? t("已保存", "Saved") : t("已保存；保存时又改了的，请更正", "Saved; changed while saving: correct it"), same ? "good" : "warn");
    this.status.append(" ", el("a", { href: `/records/of/${record}/correct` }, t("更正", "Correct")));
  }

  // What the server finds wrong stands at its cell; what it asks back is answered in the line.
  refused({ faults, queries }) {
    for (const fault of faults) {
      const place = this.row.querySelector(`[data-field="${fault.field}"]`);
      const own = place?.querySelector(".form-fault");
      if (own) { own.textContent = fault.message; this.page.mark(place, true); }
    }
    const whole = faults.filter((fault) => !this.row.querySelector(`[data-field="${fault.field}"]`)).map((fault) => fault.message);
    const told = faults.length ? t(`有 ${faults.length} 处要改`, `${faults.length} to mend`) : t("请核对并说明，再保存", "Explain, then save");
    this.say([told, ...whole].join("："), "bad");
    for (const query of queries) {
      this.status.append(el("label", { class: "day-query" }, query.message, el("input", { "data-explains": query.key, maxlength: 500, value: this.explained[query.key] || "", placeholder: t("核对无误的，写一句说明", "If it is right, say why") })));
    }
  }

  // Somebody recorded this child meanwhile: their words beside ours, and a person decides.
  meanwhile({ record, who, said }) {
    this.say(t(`${who} 刚刚已为这名儿童登记了一条：`, `${who} has just recorded this child:`), "bad");
    const list = el("dl", { class: "day-theirs" });
    for (const one of said) {
      const mine = this.row.querySelector(`[data-field="${one.field}"]`);
      const input = mine?.querySelector("select, input");
      const ours = input?.selectedOptions ? input.selectedOptions[0]?.textContent.trim() : input?.value;
      list.append(el("dt", {}, one.label), el("dd", {}, one.text, el("span", { class: "quiet" }, t(`（您填的：${ours || "空"}）`, ` (yours: ${ours || "none"})`))));
    }
    const keep = el("button", { type: "button" }, t("仍另记一条", "Record mine as well"));
    const drop = el("button", { type: "button" }, t("用已登记的，放弃我填的", "Keep theirs"));
    keep.addEventListener("click", () => { this.seen = record; this.save(); });
    drop.addEventListener("click", () => { this.saved(record, true); });
    this.status.append(list, keep, " ", drop);
  }

  say(text, kind) { this.status.replaceChildren(el("span", { class: `state ${kind}`, role: "status" }, text)); }
}
