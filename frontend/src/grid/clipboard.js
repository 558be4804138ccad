// Blocks of cells as the text that Excel, WPS and LibreOffice put on the clipboard: tabs, line breaks, quoted cells.

/** Text of the clipboard → rows of texts, all of one length. The closing line break makes no row. */
export function readBlock(text) {
  const rows = [[]];
  let at = 0;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (source === "") return [[""]];
  for (;;) {
    let cell = "";
    const quoted = source[at] === '"' ? closing(source, at) : -1;
    if (quoted > 0) {
      cell = source.slice(at + 1, quoted).replaceAll('""', '"');
      at = quoted + 1;
    } else {
      const start = at;
      while (at < source.length && source[at] !== "\t" && source[at] !== "\n") at += 1;
      cell = source.slice(start, at);
    }
    rows[rows.length - 1].push(cell);
    if (at >= source.length) break;
    if (source[at] === "\n") rows.push([]);
    at += 1;
  }
  const width = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...Array(width - row.length).fill("")]);
}

// Where the quoted cell that opens at `from` ends, or -1: then the quote is a plain character.
function closing(source, from) {
  for (let i = source.indexOf('"', from + 1); i > 0; i = source.indexOf('"', i + 2)) {
    if (source[i + 1] === '"') continue;
    return i + 1 >= source.length || "\t\n".includes(source[i + 1]) ? i : -1;
  }
  return -1;
}

const written = (cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Rows of texts → text for the clipboard. */
export const writeBlock = (rows) => rows.map((row) => row.map(written).join("\t")).join("\n");

/**
 * A block of texts laid onto the sheet at the selection's corner: {changes: [[code, text]], skipped, rows, columns}, or {over: {rows, columns}}
 * when it does not fit (then nothing may change). One cell fills the whole selection. Cells that nobody fills in are skipped and counted.
 */
export function lay(sheet, block, area) {
  const single = block.length === 1 && block[0].length === 1;
  const rows = single ? area.bottom - area.top + 1 : block.length;
  const columns = single ? area.right - area.left + 1 : block[0].length;
  const room = { rows: sheet.rows.length - area.top, columns: sheet.columns.length - area.left };
  if (rows > room.rows || columns > room.columns) return { over: room, rows, columns };
  const changes = [];
  let skipped = 0;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const code = sheet.code(area.top + i, area.left + j);
      if (sheet.isInput(code)) changes.push([code, sheet.tidy(code, single ? block[0][0] : block[i][j])]);
      else skipped += 1;
    }
  }
  return { changes, skipped, rows, columns };
}
