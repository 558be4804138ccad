// The sheet of a return: the server's plain table becomes a spreadsheet. Without this script the table is a plain form.
import { Autosave } from "./grid/autosave.js";
import { chooseVersions, editNote } from "./grid/dialogs.js";
import { Editing } from "./grid/editing.js";
import { el } from "./grid/elements.js";
import { t } from "./grid/language.js";
import { badCells, brokenRules, emptyCells, markKey } from "./grid/marks.js";
import { Sheet } from "./grid/model.js";
import { followed } from "./grid/page.js";
import { Panel } from "./grid/panel.js";
import { Selection } from "./grid/selection.js";
import { Status } from "./grid/status.js";
import { post } from "./grid/transport.js";
import { History } from "./grid/undo.js";
import { View } from "./grid/view.js";

function start(table, given) {
  const sheet = new Sheet(given);
  const history = new History();
  const selection = new Selection(sheet);
  const view = new View(table, sheet, selection);
  let judged = byKey(given.marks || []); // what the server thought of the explanations
  let serverMarks = null; // the server's last word, until something changes here
  let faults = [];

  const status = new Status(sheet, { undo, note: () => note(selection.code), retry: () => autosave.wake() });
  if (sheet.editable) document.getElementById("sheet-notes")?.remove(); // the list beside the sheet has them
  const root = document.getElementById("sheet-marks") || el("section", {});
  const side = el("div", { class: "sheet-layout" });
  view.frame.replaceWith(status.bar, status.banner, side);
  side.append(el("div", { class: "sheet-main" }, view.frame, status.line, status.said), root);
  const panel = new Panel(root, sheet, { jump: (code) => editing.jump(code), explain });
  const editing = new Editing({ sheet, selection, view, apply, note, undo, moved, say: (text, kind) => status.say(text, kind) });
  const autosave = new Autosave({
    name: `qingmiao.sheet|${given.name}`, tab: ownTab(), revision: given.revision, storage: localStorage,
    send: (body) => post(given.url, { ...body, name: given.name }), hear, hold: (text, code) => sheet.unreadable(text, code), later: (act, ms) => { const timer = setTimeout(act, ms); return () => clearTimeout(timer); },
  });

  // ---- changes
  function apply(changes, { record = true } = {}) {
    const done = sheet.set(changes);
    if (!done.length) return;
    if (record) history.record(done);
    autosave.change("cells", done);
    serverMarks = null;
    refresh(done.map((change) => change.code));
  }

  function undo(back) {
    editing.commit();
    const changes = back ? history.undo() : history.redo();
    if (!changes) { status.say(back ? t("没有可撤销的", "Nothing to undo") : t("没有可重做的", "Nothing to redo")); return; }
    apply(changes, { record: false });
    editing.jump(changes[0][0]);
  }

  function note(code) {
    editNote(sheet, code, (text) => {
      const from = sheet.notes.get(code) || "";
      if (from === text) return;
      sheet.notes.set(code, text);
      autosave.change("notes", [{ code, from, to: text }]);
      check();
    });
  }

  function explain(key, text) {
    const from = sheet.explanations.get(key) || "";
    if (from === text) return;
    sheet.explanations.set(key, text);
    autosave.change("explanations", [{ code: key, from, to: text }]);
  }

  // ---- what is shown
  function refresh(codes) {
    for (const code of codes) view.paint(code);
    for (const code of sheet.formulas.keys()) if (view.cells.has(code)) view.paint(code);
    check();
  }

  function check() {
    faults = badCells(sheet);
    const told = new Set(faults.map((f) => f.code));
    for (const [code, message] of autosave.refused) if (!told.has(code)) faults.push({ code, message });
    const marks = (serverMarks ?? [...emptyCells(sheet), ...brokenRules(sheet)].map((mark) => ({ ...mark, explained: judged.get(mark.key)?.explained, hint: judged.get(mark.key)?.hint })))
      .filter((mark) => !OF_ONE_CELL.includes(mark.rule) || !mark.cells.every((code) => told.has(code)));
    view.paintMarks(new Map(faults.map((f) => [f.code, f.message])), marks);
    panel.show(faults, marks);
    if (sheet.editable) panel.showNotes(); // otherwise the page tells them, with who and when
    for (const hint of document.querySelectorAll("[data-blocking]")) hint.hidden = !faults.length && marks.every((mark) => mark.explained);
    moved();
  }

  function moved() { status.at(selection, view.words?.get(selection.code)?.texts.join("；")); }

  // ---- what the server says
  function hear(event, detail) {
    if (event === "state") status.state(detail, autosave.stored);
    else if (event === "saved") saved(detail);
    else if (event === "refused") { check(); status.say(t("有不能用的数，没有上传；其余照常保存", "Unusable figures were not uploaded; the rest is saved"), "bad"); }
    else if (event === "conflicts") conflicts(detail);
  }

  function saved(body) {
    status.savedAt(new Date());
    takeOver(body);
    if (body.marks) {
      judged = byKey(body.marks);
      serverMarks = autosave.clean ? [...judged.values()] : null;
    }
    // Where the server computes otherwise, its figure stands.
    for (const [code, value] of Object.entries(body.computed || {})) {
      const cell = view.cells.get(code);
      const shown = sheet.text(code);
      if (autosave.clean && cell?.output && sheet.written(code, bare(value)) !== shown) cell.output.textContent = sheet.written(code, bare(value));
    }
    followed(body, given);
    check();
  }

  // What the server has, wherever nobody is changing it here.
  function takeOver(body) {
    for (const input of document.querySelectorAll("main input[name=revision]")) input.value = body.revision; // the steps' forms
    for (const kind of ["notes", "explanations"]) {
      if (!body[kind]) continue;
      for (const code of new Set([...sheet[kind].keys(), ...Object.keys(body[kind])])) if (!(code in autosave.pending[kind])) sheet[kind].set(code, body[kind][code] || "");
    }
    const changes = Object.entries(body.cells || {}).filter(([code]) => sheet.inputs.has(code) && !(code in autosave.pending.cells) && !(editing.mode && code === editing.code))
      .map(([code, value]) => [code, sheet.written(code, bare(value))]);
    for (const { code } of sheet.set(changes)) view.paint(code);
    for (const code of sheet.formulas.keys()) if (view.cells.has(code)) view.paint(code);
  }

  function conflicts({ conflicts: list, body }) {
    status.savedAt(new Date()); // all that nobody else changed was saved
    takeOver(body);
    serverMarks = null;
    check();
    if (list.length) choose(list);
  }

  function choose(list) {
    chooseVersions(sheet, list, (theirs) => {
      const put = { cells: (c) => sheet.set([[c.code, c.theirs]]), notes: (c) => sheet.notes.set(c.code, c.theirs), explanations: (c) => sheet.explanations.set(c.code, c.theirs) };
      for (const conflict of theirs) put[conflict.kind](conflict);
      view.paintAll();
      autosave.decide(theirs);
      check();
    });
  }

  // ---- begin
  check();
  if (!sheet.editable) return;
  const current = { cells: (code) => sheet.texts.get(code) ?? "", notes: (code) => sheet.notes.get(code) || "", explanations: (code) => sheet.explanations.get(code) || "" };
  const { changes, conflicts: old } = autosave.recover((kind, code) => (kind === "cells" && !sheet.inputs.has(code) ? undefined : current[kind](code)));
  if (!autosave.clean) {
    sheet.set(Object.entries(changes.cells).filter(([code]) => sheet.inputs.has(code)).map(([code, change]) => [code, change.to]));
    for (const [code, change] of Object.entries(changes.notes)) sheet.notes.set(code, change.to);
    for (const [key, change] of Object.entries(changes.explanations)) sheet.explanations.set(key, change.to);
    view.paintAll();
    check();
    status.say(t(`已找回本机未上传的 ${autosave.count} 处改动`, `${autosave.count} changes kept on this computer were found again`));
    if (old.length) choose(old);
  }

  window.addEventListener("online", () => autosave.wake());
  window.addEventListener("focus", () => { if (autosave.state === "session" || autosave.state === "offline") autosave.wake(); });
  window.addEventListener("pagehide", () => editing.commit());
  document.addEventListener("visibilitychange", () => { if (document.hidden) editing.commit(); });
  window.addEventListener("beforeunload", (event) => {
    editing.commit();
    if (!autosave.clean) event.preventDefault();
  });
  // A form of the page (submit, sign, …) waits until everything is saved.
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.closest("main") || form.closest("dialog")) return;
    editing.commit();
    const plain = form.contains(table); // the sheet's own form is there for browsers without script
    if (autosave.clean && !plain) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    autosave.flush().then((clean) => {
      if (!clean) status.say(t("还有没有保存的改动，不能继续", "There are unsaved changes; cannot go on"), "bad");
      else if (!plain) form.requestSubmit(submitter);
    });
  }, { capture: true });
}

// Faults of single cells, which the server tells as marks and the sheet finds by itself.
const OF_ONE_CELL = ["wrong_type", "out_of_range"];

const byKey = (marks) => new Map(marks.map((mark) => [markKey(mark), { ...mark, key: markKey(mark) }]));

const bare = (value) => (value !== null && typeof value === "object" ? value.value : value);

// Each tab has its own queue; a reload is the same tab.
function ownTab() {
  const key = "qingmiao.tab";
  let tab = sessionStorage.getItem(key);
  if (!tab) { tab = Math.random().toString(36).slice(2); sessionStorage.setItem(key, tab); }
  return tab;
}

const data = document.getElementById("sheet");
const table = document.querySelector("[data-cell]")?.closest("table");
if (data && table) start(table, JSON.parse(data.textContent));
