// One active cell and the block from it to the extent. Positions are [row, column] from 0.
import * as decimal from "./decimal.js";

const bound = (n, count) => Math.max(0, Math.min(count - 1, n));

export class Selection {
  constructor(sheet) { this.sheet = sheet; this.row = 0; this.column = 0; this.toRow = 0; this.toColumn = 0; }

  get code() { return this.sheet.code(this.row, this.column); }

  get area() {
    return {
      top: Math.min(this.row, this.toRow), bottom: Math.max(this.row, this.toRow),
      left: Math.min(this.column, this.toColumn), right: Math.max(this.column, this.toColumn),
    };
  }

  get single() { return this.row === this.toRow && this.column === this.toColumn; }

  /** Rows of codes in the block. */
  get block() {
    const { top, bottom, left, right } = this.area;
    const rows = [];
    for (let i = top; i <= bottom; i += 1) {
      rows.push([]);
      for (let j = left; j <= right; j += 1) rows[i - top].push(this.sheet.code(i, j));
    }
    return rows;
  }

  go(row, column) {
    this.row = this.toRow = bound(row, this.sheet.rows.length);
    this.column = this.toColumn = bound(column, this.sheet.columns.length);
  }

  stretch(row, column) {
    this.toRow = bound(row, this.sheet.rows.length);
    this.toColumn = bound(column, this.sheet.columns.length);
  }

  all() { this.go(0, 0); this.stretch(this.sheet.rows.length - 1, this.sheet.columns.length - 1); }

  /** A step of arrows, Home, End (`down`, `across` in cells); `extend` moves the far end of the block. */
  step(down, across, extend) {
    if (extend) this.stretch(this.toRow + down, this.toColumn + across);
    else this.go(this.row + down, this.column + across);
  }

  /** Ctrl + arrow: to the end of the run of filled cells, else to the next filled cell, else to the edge. */
  leap(down, across, extend) {
    let [i, j] = extend ? [this.toRow, this.toColumn] : [this.row, this.column];
    const inside = (r, c) => r >= 0 && c >= 0 && r < this.sheet.rows.length && c < this.sheet.columns.length;
    const filled = (r, c) => inside(r, c) && this.sheet.text(this.sheet.code(r, c)) !== "";
    const run = filled(i, j) && filled(i + down, j + across);
    while (inside(i + down, j + across)) {
      if (run && !filled(i + down, j + across)) break;
      i += down;
      j += across;
      if (!run && filled(i, j)) break;
    }
    if (extend) this.stretch(i, j); else this.go(i, j);
  }

  /** Tab: the next (or previous) cell to fill in, in reading order; false at the end, where Tab leaves the sheet. */
  tab(back) {
    if (!this.sheet.editable) return false;
    const width = this.sheet.columns.length;
    const count = width * this.sheet.rows.length;
    for (let at = this.row * width + this.column + (back ? -1 : 1); at >= 0 && at < count; at += back ? -1 : 1) {
      const [i, j] = [Math.floor(at / width), at % width];
      if (this.sheet.isInput(this.sheet.code(i, j))) { this.go(i, j); return true; }
    }
    return false;
  }

  /** Numbers in the block: {count, sum, average} as decimals; sum and average null where there is no number. */
  figures() {
    const values = this.block.flat().map((code) => this.sheet.value(code)).filter((v) => v !== null);
    if (!values.length) return { count: 0, sum: null, average: null };
    const sum = values.reduce(decimal.add);
    return { count: values.length, sum, average: decimal.divide(sum, { c: BigInt(values.length), e: 0 }) };
  }
}
