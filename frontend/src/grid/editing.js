// Keys, pointer, clipboard and typing. A cell has the focus in its own input with its text selected, so that typing – also through an
// input method, which composes in the input itself – simply replaces it; no character passes through a second element.
import { lay, readBlock, writeBlock } from "./clipboard.js";
import { t } from "./language.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PAGE = 12;

export class Editing {
  /** `apply(changes, {record})` puts texts into cells; `say(text)` tells; `note(code)` opens the note; `undo(back)`. */
  constructor({ sheet, selection, view, apply, say, note, undo, moved }) {
    Object.assign(this, { sheet, selection, view, apply, say, note, undo, moved });
    this.mode = null; // null: moving about; "type": typing over (arrows leave); "edit": inside the text (arrows stay)
    this.drag = false;
    const on = (name, handler) => view.table.addEventListener(name, (event) => handler.call(this, event));
    on("keydown", this.key);
    on("pointerdown", this.press);
    on("pointermove", this.pull);
    on("dblclick", this.double);
    on("focusin", this.enter);
    on("focusout", this.leave);
    on("input", this.typed);
    on("compositionstart", this.typed);
    on("copy", this.copy);
    on("cut", this.cut);
    on("paste", this.paste);
    document.addEventListener("pointerup", () => { this.drag = false; });
  }

  get code() { return this.selection.code; }
  get input() { return this.view.cells.get(this.code)?.input; }

  move(act) {
    this.commit();
    act();
    this.view.paintSelection({ focus: true });
    this.view.reveal(this.sheet.code(this.selection.toRow, this.selection.toColumn));
    this.moved();
  }

  jump(code) {
    const [row, column] = this.sheet.place(code);
    if (row >= 0 && column >= 0) this.move(() => this.selection.go(row, column));
  }

  /** What was typed goes into the sheet. */
  commit() {
    if (!this.mode) return;
    this.mode = null;
    const { code, input } = this;
    this.view.cells.get(code).td.classList.remove("editing");
    const text = this.sheet.tidy(code, input.value);
    this.apply([[code, text]]);
    this.view.paint(code);
  }

  cancel() {
    this.mode = null;
    this.view.cells.get(this.code).td.classList.remove("editing");
    this.view.paint(this.code);
    this.view.paintSelection({ focus: true });
  }

  begin(mode) {
    if (!this.sheet.isInput(this.code)) { if (this.sheet.editable) this.say(t("这一格不用填", "This cell is not filled in")); return; }
    this.mode = mode;
    this.view.cells.get(this.code).td.classList.add("editing");
    if (mode === "edit") this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229 || !this.view.codeOf(event.target)) return;
    const { key, shiftKey: shift } = event;
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    if (this.act(key, shift, control)) event.preventDefault();
  }

  // True when the key was ours.
  act(key, shift, control) {
    const { selection } = this;
    if (key === "Tab" && !control) {
      this.commit();
      const before = [selection.row, selection.column];
      if (!selection.tab(shift)) return false; // out of the sheet
      const after = [selection.row, selection.column];
      selection.go(...before);
      this.move(() => selection.go(...after));
      return true;
    }
    if (key === "Enter") { this.move(() => selection.step(shift ? -1 : 1, 0, false)); return true; }
    if (this.mode && key === "Escape") { this.cancel(); return true; }
    if (this.mode === "edit") return false;
    if (key in ARROWS && !(this.mode && shift)) {
      const [down, across] = ARROWS[key];
      this.move(() => (control ? selection.leap(down, across, shift) : selection.step(down, across, shift)));
      return true;
    }
    if (key === "F2") { if (shift) { this.commit(); this.note(this.code); } else this.begin("edit"); return true; }
    if (this.mode) return false;
    return control ? this.command(key.toLowerCase(), shift) : this.plain(key, shift);
  }

  plain(key, shift) {
    const { selection, sheet } = this;
    const [row, column] = shift ? [selection.toRow, selection.toColumn] : [selection.row, selection.column];
    const to = (r, c) => this.move(() => (shift ? selection.stretch(r, c) : selection.go(r, c)));
    if (key === "Home") to(row, 0);
    else if (key === "End") to(row, sheet.columns.length - 1);
    else if (key === "PageUp") to(row - PAGE, column);
    else if (key === "PageDown") to(row + PAGE, column);
    else if (key === "Delete") this.clear();
    else if (key === "Escape") this.move(() => selection.go(selection.row, selection.column));
    else if (key.length === 1 && !sheet.isInput(this.code)) this.begin("type");
    else return false;
    return !(key.length === 1);
  }

  command(key, shift) {
    const { selection, sheet } = this;
    const to = (r, c) => this.move(() => (shift ? selection.stretch(r, c) : selection.go(r, c)));
    if (key === "home") to(0, 0);
    else if (key === "end") to(sheet.rows.length - 1, sheet.columns.length - 1);
    else if (key === "a") this.move(() => selection.all());
    else if (key === "d") this.fillDown();
    else if (key === "z") this.undo(!shift);
    else if (key === "y") this.undo(false);
    else return false;
    return true;
  }

  // Typing (also the first sign of a composition) in a cell that was only stood on.
  typed(event) {
    if (!this.mode && this.view.codeOf(event.target) === this.code) this.begin("type");
  }

  press(event) {
    const code = this.view.codeOf(event.target);
    if (!code) return;
    if (event.button === 2 && !this.mode && this.selection.block.flat().includes(code)) event.preventDefault(); // the menu is about the block
    if (event.button !== 0) return;
    if (code === this.code && this.mode) return;
    const [row, column] = this.sheet.place(code);
    if (event.pointerType !== "mouse") { // a second tap sets the caret
      if (code === this.code && document.activeElement === this.input) this.begin("edit");
      return;
    }
    event.preventDefault();
    this.drag = true;
    this.move(() => (event.shiftKey ? this.selection.stretch(row, column) : this.selection.go(row, column)));
  }

  pull(event) {
    if (!this.drag || event.buttons !== 1) return;
    const code = this.view.codeOf(document.elementFromPoint(event.clientX, event.clientY));
    if (!code) return;
    const [row, column] = this.sheet.place(code);
    if (row === this.selection.toRow && column === this.selection.toColumn) return;
    this.selection.stretch(row, column);
    this.view.paintSelection();
    this.moved();
  }

  double(event) {
    if (this.view.codeOf(event.target) === this.code && !this.mode) this.begin("edit");
  }

  // Focus from elsewhere (a tap, a screen reader, Tab into the sheet) makes its cell the active one.
  enter(event) {
    const code = this.view.codeOf(event.target);
    if (!code || code === this.code) { if (code && !this.mode && event.target.select) event.target.select(); return; }
    const [row, column] = this.sheet.place(code);
    this.move(() => this.selection.go(row, column));
  }

  leave(event) { if (this.mode && this.view.codeOf(event.target) === this.code) this.commit(); }

  clear() {
    const changes = this.selection.block.flat().filter((code) => this.sheet.isInput(code)).map((code) => [code, ""]);
    this.apply(changes);
    this.view.paintSelection({ focus: true });
  }

  fillDown() {
    const { area, single } = this.selection;
    const from = single ? area.top - 1 : area.top;
    if (from < 0) return;
    const changes = [];
    for (let j = area.left; j <= area.right; j += 1) {
      const text = this.sheet.text(this.sheet.code(from, j));
      for (let i = from + 1; i <= area.bottom; i += 1) {
        const code = this.sheet.code(i, j);
        if (this.sheet.isInput(code)) changes.push([code, this.sheet.tidy(code, text)]);
      }
    }
    this.apply(changes);
    this.view.paintSelection({ focus: true });
  }

  copy(event) {
    if (this.mode) return false; // inside the text the browser copies
    event.preventDefault();
    event.clipboardData.setData("text/plain", writeBlock(this.selection.block.map((row) => row.map((code) => this.sheet.text(code)))));
    return true;
  }

  cut(event) { if (this.copy(event)) this.clear(); }

  paste(event) {
    const text = event.clipboardData.getData("text/plain");
    const block = readBlock(text);
    if (this.mode && block.length === 1 && block[0].length === 1) return; // into the text
    event.preventDefault();
    if (!this.sheet.editable) return;
    if (this.mode) this.cancel();
    const { area } = this.selection;
    const laid = lay(this.sheet, block, area);
    const shape = t(`${laid.rows} 行 × ${laid.columns} 列`, `${laid.rows} rows × ${laid.columns} columns`);
    if (laid.over) {
      const at = this.sheet.code(area.top, area.left);
      this.say(t(`放不下：要粘贴 ${shape}，从 ${at} 起只有 ${laid.over.rows} 行 × ${laid.over.columns} 列。没有改动。`,
        `Does not fit: ${shape} to paste, from ${at} there are only ${laid.over.rows} × ${laid.over.columns}. Nothing was changed.`), "bad");
      return;
    }
    this.apply(laid.changes);
    if (laid.rows * laid.columns > 1) this.selection.stretch(area.top + laid.rows - 1, area.left + laid.columns - 1);
    const { row, column } = this.selection;
    if (row !== area.top || column !== area.left) { this.selection.go(area.top, area.left); this.selection.stretch(area.top + laid.rows - 1, area.left + laid.columns - 1); }
    this.view.paintSelection({ focus: true });
    this.moved();
    const wrong = laid.changes.filter(([code]) => this.sheet.fault(code)).length;
    this.say([
      t(`已粘贴 ${shape}`, `Pasted ${shape}`),
      laid.skipped ? t(`跳过 ${laid.skipped} 个不用填的格`, `${laid.skipped} cells that are not filled in were skipped`) : "",
      wrong ? t(`${wrong} 格不是能用的数`, `${wrong} cells are not usable figures`) : "",
    ].filter(Boolean).join(t("，", ", ")), wrong ? "bad" : "");
  }
}
