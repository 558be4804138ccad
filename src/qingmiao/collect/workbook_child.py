"""The throw-away process that opens a workbook: run as a script by `workbook.py`, never imported by the application.

Standard input: one line of JSON (`Request`), then the file's bytes. Standard output: JSON ("read") or a workbook ("mark"); a
refusal is exit code 3 with its reason as JSON on standard error. It sets its own limits before it looks at a byte, imports
nothing of Qingmiao (so it starts in some 50 ms), opens no file and needs no secret from the environment.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from typing import Any, NoReturn, TypedDict
from xml.etree import ElementTree
from xml.parsers import expat

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STYLES = "xl/styles.xml"
DEEPEST = 64
"""Elements within elements: a sheet's cells stand some six deep."""
LONGEST_TEXT = 32_767
"""Excel's own limit of one cell; a longer text is cut."""
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Number formats without an entry in the file that show another number than is stored (dates are told by the reader)."""
_PIECE = re.compile(r'"([^"]*)"|[\\!](.)|_.|\*.|(\[[^\]]*\])|(.)', re.DOTALL)
_SCALING = re.compile(r"[0#?](,+)(?![,0#?])")
_WEIGHTY = re.compile(r"[0-9%‰‱十百千万亿.]")
_DATE = re.compile(r"[ymdhs年月日时分秒]", re.IGNORECASE)


class Request(TypedDict):
    """What to do and within which limits (see `workbook.py`); `marks`: [sheet, cell, text], `notes`: lines of the first sheet."""

    task: str
    memory: int
    cpu: int
    members: int
    unpacked: int
    rows: int
    columns: int
    cells: int
    ranges: int
    merged: int
    text: int
    marks: list[list[str]]
    notes: list[list[str]]
    title: str


def refuse(code: str, message: str, place: str = "") -> NoReturn:
    """Say why the file is not read, and end."""
    sys.stderr.write(json.dumps([code, message, place], ensure_ascii=False))
    sys.stderr.flush()
    raise SystemExit(3)


def main() -> None:
    """Read the request, set the limits, do the task."""
    request: Request = json.loads(sys.stdin.buffer.readline())
    _limit(request)
    data = sys.stdin.buffer.read()
    try:
        found = _look_inside(data, request)
        if request["task"] == "mark":
            _mark(data, request)
        else:
            _read(data, found, request)
    except MemoryError:
        refuse("workbook_limit", "读取它要用的内存超过限制")
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        KeyError,
        OSError,
        EOFError,
        expat.ExpatError,
    ):
        refuse("not_xlsx", "不是完好的 .xlsx 工作簿")


def _limit(request: Request) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (request["cpu"], request["cpu"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # openpyxl writes each sheet to a temporary file first
    size = request["unpacked"] if request["task"] == "mark" else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Inside(TypedDict):
    """What the sheet's XML says beyond the values: cells with a formula, those without a stored result, error values, and the
    cells whose number format shows another number than is stored (`formats`: cell → kind and what the format adds)."""

    formulas: list[str]
    unsaved: list[str]
    errors: dict[str, str]
    formats: dict[str, list[str]]


def _look_inside(data: bytes, request: Request) -> dict[str, Inside]:
    """Check the archive's size and every part's XML; sheet name → what stands beside the values."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > request["members"]:
            refuse("workbook_limit", f"压缩包里有 {len(members)} 个文件（最多 {request['members']}）")
        if sum(m.file_size for m in members) > request["unpacked"]:
            refuse("workbook_limit", f"解开后超过 {request['unpacked'] >> 20} MB（可能是压缩炸弹）")
        if any(m.flag_bits & 1 for m in members):
            refuse("not_xlsx", "工作簿加了密码")
        if "xl/workbook.xml" not in archive.namelist():
            refuse("not_xlsx", "不是 .xlsx 工作簿（里面没有 xl/workbook.xml）")
        found: dict[str, Inside] = {}
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            part = archive.read(member)
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                refuse("workbook_limit", f"{member.filename} 里有 DOCTYPE 或外部实体，不读")
        styles = _formats(archive.read(_STYLES)) if _STYLES in archive.namelist() else {}
        for path, name in _sheet_names(archive).items():
            found[name] = _Scan(name, request, styles).read(archive.read(path))
        return found


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Path of a sheet's part → the sheet's name."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id", ""): r.get("Target", "") for r in relations}
    names: dict[str, str] = {}
    for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet"):
            target = targets.get(node.get(_RELATION, ""), "")
            path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if path in archive.namelist():
                names[path] = node.get("name", "")
    return names


def _formats(part: bytes) -> dict[str, tuple[list[str], list[str]]]:
    """Style number → what its number format does to a positive number and to a negative one (see `shown_as`)."""
    root = ElementTree.fromstring(part)
    codes = dict(BUILT_IN)
    for node in root.iter():
        if node.tag.endswith("}numFmt"):
            codes[int(node.get("numFmtId", "0"))] = node.get("formatCode", "")
    formats = next((node for node in root.iter() if node.tag.endswith("}cellXfs")), ())
    return {str(n): shown_as(codes.get(int(xf.get("numFmtId", "0")), "")) for n, xf in enumerate(formats)}


def shown_as(code: str) -> tuple[list[str], list[str]]:
    """What a number format does to a positive and to a negative number: [] nothing that misleads, else [kind, what it adds].

    percent: a hundred times as much is shown; scaled: thousands are left out or a point is put in; hidden: no digit is shown;
    literal: text is added that changes the meaning (万, %, digits). A format with conditions counts by its worst section.
    Zero is zero however it is shown.
    """
    if (
        not code
        or code.lower() in ("general", "g/通用格式", "@")
        or "general" in code.lower()
        or "通用格式" in code
    ):
        return [], []
    sections = [_section(s) for s in _sections(code)[:3]]
    if re.search(r"\[[<>=]", code):
        worst = next((s for s in sections if s and s[0] != "percent"), next(filter(None, sections), []))
        return worst, worst
    first = sections[0]
    return first, sections[1] if len(sections) > 1 else first


def _sections(code: str) -> list[str]:
    found = [""]
    for piece in _PIECE.finditer(code):
        if piece[0] == ";":
            found.append("")
        else:
            found[-1] += piece[0]
    return found


def _section(code: str) -> list[str]:
    pieces = list(_PIECE.finditer(code))
    signs = "".join(p[4] or "" for p in pieces)
    literal = "".join(p[1] if p[1] is not None else p[2] or "" for p in pieces)
    literal += "".join(c for c in signs if c in "‰‱十百千万亿")
    if _DATE.search(re.sub(r"[Ee][+-]", "", signs)) and not re.search(
        "[0#?]", signs.replace("0", "", signs.count(".0"))
    ):
        return []  # a date: the reader gives it as one
    if not re.search("[0#?@]", signs):
        return ["hidden", code]
    if _SCALING.search(signs) or signs.count("%") > 1:
        return ["scaled", code]
    if "%" in signs:
        return ["percent", code]
    return ["literal", literal.strip()] if _WEIGHTY.search(literal) else []


class _Scan:
    """One pass over a sheet's elements. A far cell is refused here: the fast reader would ask for the whole rectangle."""

    def __init__(self, name: str, request: Request, styles: dict[str, tuple[list[str], list[str]]]) -> None:
        self.name, self.request, self.styles = name, request, styles
        self.inside = Inside(formulas=[], unsaved=[], errors={}, formats={})
        self.depth = self.row = self.column = self.cells = self.ranges = 0
        self.cell = self.kind = self.style = ""
        self.formula = self.value = self.within = False
        self.text = ""

    def read(self, part: bytes) -> Inside:
        """What stands beside the values. Raises ExpatError for what is no XML."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        parser.Parse(part, True)
        return self.inside

    def start(self, tag: str, given: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            refuse("not_xlsx", "不是完好的 .xlsx 工作簿（元素没有合上）", f"工作表 {self.name}")
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell(given)
        elif tag == "row":
            number = given.get("r", "")
            self.row, self.column = int(number) if number.isdigit() and len(number) < 9 else self.row + 1, 0
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "is"):
            self.value = self.within = True
        elif tag == "mergeCell":
            self.ranges += 1
            if self.ranges > self.request["ranges"]:
                most = f"合并单元格太多（最多 {self.request['ranges']} 处）"
                refuse("workbook_limit", most, f"工作表 {self.name}")

    def _cell(self, given: dict[str, str]) -> None:
        place = _PLACE.fullmatch(given.get("r", ""))
        if place:
            self.row, self.column = int(place[2]), _column(place[1])
        else:
            self.column += 1
        self.cell = f"{_letters(self.column)}{self.row}"
        self.kind, self.style = given.get("t", "n"), given.get("s", "0")
        self.formula = self.value = self.within = False
        self.text = ""

    def characters(self, text: str) -> None:
        if self.within and len(self.text) < LONGEST_TEXT:
            self.text += text

    def end(self, tag: str) -> None:
        self.depth -= 1
        tag = tag.rpartition(":")[2]
        if tag in ("v", "is"):
            self.within = False
        elif tag == "c" and (self.formula or self.value):
            self._take()

    def _take(self) -> None:
        request, inside = self.request, self.inside
        self.cells += 1
        if self.cells > request["cells"]:
            refuse("workbook_limit", f"单元格太多（最多 {request['cells']} 个）", f"工作表 {self.name}")
        if self.row > request["rows"] or self.column > request["columns"]:
            limits = f"最多 {request['rows']} 行、{request['columns']} 列"
            place = f"工作表 {self.name} 单元格 {self.cell}"
            refuse("workbook_limit", f"离表太远的单元格里有内容（{limits}）", place)
        if self.formula:
            inside["formulas"].append(self.cell)
            # A stored result may be the empty text; an empty number was never computed.
            if not self.text and self.kind != "str":
                inside["unsaved"].append(self.cell)
        if self.kind == "e":
            inside["errors"][self.cell] = self.text[:20]
        elif self.kind == "n" and self.text.strip("-+0.") and self.style in self.styles:
            how = self.styles[self.style][self.text.startswith("-")]
            if how:
                inside["formats"][self.cell] = how


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _read(data: bytes, found: dict[str, Inside], request: Request) -> None:
    import python_calamine

    book: dict[str, Any] = {}
    cells = text = 0
    reader = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for meta in reader.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = reader.get_sheet_by_name(meta.name)
        cells += sheet.total_height * sheet.total_width
        if (
            sheet.total_height > request["rows"]
            or sheet.total_width > request["columns"]
            or cells > request["cells"]
        ):
            used = f"用到 {sheet.total_height} 行 {sheet.total_width} 列"
            refuse("workbook_limit", f"{used}，超过限制", f"工作表 {meta.name}")
        rows = [[_plain(c) for c in row] for row in sheet.to_python(skip_empty_area=False)]
        text += sum(len(c) for row in rows for c in row if isinstance(c, str))
        if text > request["text"]:
            refuse("workbook_limit", f"文字超过 {request['text'] >> 20} MB", f"工作表 {meta.name}")
        merged = [[*a, *b] for a, b in sheet.merged_cell_ranges or ()]
        if sum((c - a + 1) * (d - b + 1) for a, b, c, d in merged) > request["merged"]:
            refuse("workbook_limit", "合并单元格太多或太大", f"工作表 {meta.name}")
        book[meta.name] = {"rows": rows, "merged": merged, **found.get(meta.name, {})}
    sys.stdout.write(json.dumps(book, ensure_ascii=False))


def _plain(cell: Any) -> Any:
    """A cell for JSON: a date as its text; control characters (``_x0000_``) made visible, a text longer than Excel's cut."""
    if not isinstance(cell, str):
        return cell if isinstance(cell, int | float | bool) else str(cell)
    if cell.isprintable() and len(cell) <= LONGEST_TEXT:
        return cell
    return "".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in cell[:LONGEST_TEXT])


def _mark(data: bytes, request: Request) -> None:
    """The workbook with marked cells, and a first sheet that lists all faults."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    fill = PatternFill("solid", fgColor="FFC7CE")
    said: dict[tuple[str, str], list[str]] = {}
    for sheet, cell, text in request["marks"]:
        if sheet in book.sheetnames:
            said.setdefault((sheet, cell), []).append(text)
    for (sheet, cell), texts in said.items():
        place = book[sheet][cell]
        if type(place).__name__ == "MergedCell":
            continue
        place.fill = fill
        place.comment = Comment("\n".join(texts), "青苗", width=320, height=60 + 40 * len(texts))
    title = request["title"]
    if title in book.sheetnames:
        del book[title]
    listing = book.create_sheet(title, 0)
    for row in request["notes"]:
        listing.append(row)
    for cell in listing[1]:
        cell.font = Font(bold=True)
    for rows in listing.iter_rows():
        for cell in rows:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s"
    for letter, width in zip("ABCDE", (14, 10, 10, 60, 40), strict=True):
        listing.column_dimensions[letter].width = width
    book.active = 0
    out = io.BytesIO()
    book.save(out)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
