// Two windows: the note of a cell, and the choice between two people's figures.
import { el } from "./elements.js";
import { named, t } from "./language.js";

const titleOf = (sheet, code) => {
  const [i, j] = sheet.place(code);
  return i < 0 || j < 0 ? code : `${code}　${named(sheet.rows[i])} · ${named(sheet.columns[j])}`;
};

function open(dialog, closed) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => { dialog.remove(); closed(dialog.returnValue); before?.focus?.(); });
  document.body.append(dialog);
  dialog.showModal();
}

/** Edit the note of a cell; `keep(text)` gets the new one. Ctrl+Enter keeps, Escape leaves it as it was. */
export function editNote(sheet, code, keep) {
  const box = el("textarea", { rows: "4", maxlength: "500", "aria-label": t("批注", "Note") });
  box.value = sheet.notes.get(code) || "";
  box.readOnly = !sheet.editable;
  const dialog = el("dialog", { class: "sheet-dialog", "aria-label": t("批注", "Note") });
  const buttons = sheet.editable
    ? [el("button", { class: "primary", value: "keep" }, t("保存", "Keep")), box.value ? el("button", { value: "remove", class: "danger" }, t("删除批注", "Remove")) : null]
    : [];
  const form = el("form", { method: "dialog" }, el("h2", {}, t("批注", "Note")), el("p", { class: "quiet" }, titleOf(sheet, code)), box,
    el("div", { class: "row" }, ...buttons, el("button", { value: "", formnovalidate: true }, sheet.editable ? t("取消", "Cancel") : t("关闭", "Close"))));
  dialog.append(form);
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && sheet.editable) dialog.close("keep"); });
  open(dialog, (answer) => {
    if (answer === "keep") keep(box.value.trim());
    else if (answer === "remove") keep("");
  });
  box.focus();
}

/** Two people changed the same cells: for each, mine or theirs. `decide(theirs)` gets the entries where theirs was chosen. */
export function chooseVersions(sheet, conflicts, decide) {
  const kind = { cells: "", notes: t("（批注）", " (note)"), explanations: t("（说明）", " (explanation)") };
  const blank = (text) => (text === "" ? t("（空）", "(empty)") : text);
  const rows = conflicts.map((c, at) => {
    const pick = (value, text) => el("label", { class: "sheet-pick" }, el("input", { type: "radio", name: `choice-${at}`, value, checked: value === "mine" }), blank(text));
    return el("tr", {}, el("th", { scope: "row" }, (c.kind === "explanations" ? c.code : titleOf(sheet, c.code)) + kind[c.kind]), el("td", {}, pick("mine", c.mine)), el("td", {}, pick("theirs", c.theirs)));
  });
  const dialog = el("dialog", { class: "sheet-dialog wide", "aria-label": t("两人改了同一格", "Two people changed the same cell") });
  const all = (value) => () => { for (const radio of dialog.querySelectorAll(`input[value=${value}]`)) radio.checked = true; };
  dialog.append(el("form", { method: "dialog" },
    el("h2", {}, t("这些格在别处也改了", "These cells were changed elsewhere too")),
    el("p", { class: "quiet" }, t("逐格选择留下哪一个；其余改动已照常保留。", "Choose for each which one stays; all other changes are kept.")),
    el("div", { class: "scroll" }, el("table", { class: "table" },
      el("thead", {}, el("tr", {}, el("th", {}, t("单元格", "Cell")), el("th", {}, t("我填的", "Mine")), el("th", {}, t("已保存的", "Saved")))), el("tbody", {}, ...rows))),
    el("div", { class: "row" }, el("button", { class: "primary", value: "done" }, t("确定", "Use these")),
      el("button", { type: "button", onclick: all("mine") }, t("全选我填的", "All mine")), el("button", { type: "button", onclick: all("theirs") }, t("全选已保存的", "All saved")))));
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // a choice is needed before anything is sent
  open(dialog, () => decide(conflicts.filter((_, at) => dialog.querySelector(`input[name=choice-${at}]:checked`)?.value === "theirs")));
}
