// Above the sheet: tools, colours, whether it is saved, the banner when it is not. Below: the active cell and the figures of the block.
import * as decimal from "./decimal.js";
import { el } from "./elements.js";
import { named, t } from "./language.js";

const KEYS = [
  ["Tab / Enter", t("下一个填报格 / 下一行", "next cell to fill / next row")], ["F2", t("进入单元格修改", "edit inside the cell")],
  ["Shift + ↑↓←→", t("选一块", "select a block")], ["Ctrl + C / X / V", t("与 Excel 互相复制、剪切、粘贴", "copy, cut, paste with Excel")],
  ["Ctrl + D", t("向下填充", "fill down")], ["Delete", t("清空所选", "clear the block")], ["Ctrl + Z / Y", t("撤销 / 重做", "undo / redo")],
  ["Shift + F2", t("批注", "note")], ["Ctrl + ↑↓←→", t("到数据边缘", "to the edge of the data")],
];

const COLOURS = [["input", t("填报", "to fill in"), "td.input"], ["computed", t("计算", "computed"), "td.computed"], ["referenced", t("上年（引用）", "last year"), "td.referenced, td .last"]];

export class Status {
  /** `undo(back)`, `note()`, `retry()` are the buttons'. */
  constructor(sheet, { undo, note, retry }) {
    this.sheet = sheet;
    this.retry = retry;
    this.saved = el("span", { class: "sheet-saved", role: "status" });
    this.banner = el("div", { class: "message warn sheet-banner", role: "alert", hidden: true });
    this.said = el("p", { class: "sheet-said", role: "status" });
    const tool = (name, key, act) => el("button", { type: "button", class: "sheet-tool", title: key, onclick: act }, name);
    this.bar = el("div", { class: "sheet-bar" },
      sheet.editable ? el("div", { class: "sheet-tools" }, tool(t("撤销", "Undo"), "Ctrl+Z", () => undo(true)), tool(t("重做", "Redo"), "Ctrl+Y", () => undo(false)), tool(t("批注", "Note"), "Shift+F2", note)) : null,
      el("ul", { class: "sheet-legend", "aria-label": t("颜色", "Colours") },
        ...COLOURS.filter(([, , where]) => document.querySelector(where)).map(([kind, name]) => el("li", { class: kind }, name))),
      el("details", { class: "sheet-keys" }, el("summary", {}, t("快捷键", "Keys")), el("dl", {}, ...KEYS.flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, text)]))),
      this.saved);
    this.where = el("span", { class: "sheet-where" });
    this.words = el("span", { class: "sheet-words" });
    this.sums = el("span", { class: "sheet-sums" });
    this.line = el("div", { class: "sheet-line" }, this.where, this.words, this.sums);
    if (!sheet.editable) this.saved.textContent = t("只读", "Read only");
  }

  /** The active cell, its words, and count, sum and average of the block. */
  at(selection, words) {
    const { code } = selection;
    const [i, j] = this.sheet.place(code);
    const unit = this.sheet.rows[i].unit || this.sheet.columns[j].unit;
    this.where.textContent = `${code}　${named(this.sheet.rows[i])} · ${named(this.sheet.columns[j])}${unit ? `（${unit}）` : ""}`;
    this.words.textContent = words || "";
    const { count, sum, average } = selection.figures();
    this.sums.textContent = selection.single || !count ? "" : [
      t(`求和 ${decimal.grouped(sum)}`, `Sum ${decimal.grouped(sum)}`), t(`计数 ${count}`, `Count ${count}`),
      t(`平均 ${decimal.grouped(decimal.halfUp(average, 2))}`, `Average ${decimal.grouped(decimal.halfUp(average, 2))}`)].join("　");
  }

  say(text, kind = "") {
    this.said.textContent = text;
    this.said.className = `sheet-said ${kind}`;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.said.textContent = ""; }, kind ? 12000 : 6000);
  }

  /** Whether it is saved, in words; `state` of Autosave. */
  state({ state, count, body }, stored) {
    const waiting = t(`${count} 处未上传`, `${count} not uploaded`);
    const short = {
      clean: this.time ? t(`已保存 ${this.time}`, `Saved ${this.time}`) : "", sending: t("正在保存…", "Saving…"), waiting: t("待保存…", "To be saved…"),
      refused: t(`${waiting}：有不能用的数`, `${waiting}: unusable figures`), conflict: t("等待选择", "Waiting for your choice"),
    }[state] ?? waiting;
    this.saved.textContent = short;
    this.saved.dataset.state = state;
    const banner = {
      offline: stored ? t("离线，已存在本机，恢复后自动上传", "Offline: kept on this computer, uploaded when the connection is back") : t("离线，本机也存不下：请不要关闭这一页", "Offline and this computer has no room: do not close this page"),
      busy: t("服务器暂时没有回应，已存在本机，稍后自动上传", "The server does not answer for now: kept on this computer, uploaded soon"),
      session: t("登录已结束，已存在本机，重新登录后自动上传。", "Your session has ended: kept on this computer, uploaded after you log in again. "),
      closed: t("这张表现在不能修改，改动没有上传，仍存在本机。", "This return cannot be changed now; your changes were not uploaded and are kept on this computer. "),
    }[state];
    this.banner.hidden = !banner;
    if (!banner) return;
    const after = state === "session" ? el("a", { href: location.href, target: "_blank", rel: "noopener" }, t("重新登录（新窗口）", "Log in (new window)"))
      : state === "closed" ? el("span", {}, body?.conflict?.why ? `${body.conflict.why}。` : "", el("a", { href: location.href }, t("重新打开这一页", "Open this page again")))
        : el("button", { type: "button", class: "link", onclick: this.retry }, t("现在重试", "Try now"));
    this.banner.replaceChildren(banner, " ", after);
  }

  savedAt(date) { this.time = date.toLocaleTimeString("zh-CN", { hour12: false }); }
}
