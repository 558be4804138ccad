"""The throw-away process that opens a workbook: run as a script by `workbook.py`, never imported by the application.

Standard input: one line of JSON (`Request`), then the file's bytes. Standard output: JSON ("read") or a workbook
("mark"); a refusal is exit code 3 with its reason as JSON on standard error. It sets its own limits before it looks at
a byte, imports nothing of Qingmiao (so it starts in some 50 ms), opens no file and needs no secret from the
environment.
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
LONGEST_FORMAT = 255
"""Excel's own limit of a number format's text."""
MOST_STYLES = 65_490
"""Excel's own limit of cell styles."""
DEEPEST = 64
"""Elements within elements: a sheet's cells stand some six deep."""
LONGEST_TEXT = 32_767
"""Excel's own limit of one cell; a longer text is cut."""
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Number formats without an entry in the file that show another number than is stored (dates are told by the
reader)."""
PLAIN = ("", "general", "@", "0", "0.00", "#,##0", "#,##0.00")


class Request(TypedDict):
    """What to do and within which limits (see `workbook.py`); `marks`: [sheet, cell, text], `notes`: lines of the first
    sheet."""

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
    """What the sheet's XML says beyond the values: cells with a formula, those without a stored result, error values,
    and the number formats of cells with a number that is not zero (those with a format of their own)."""

    formulas: list[str]
    unsaved: list[str]
    errors: dict[str, str]
    formats: dict[str, str]


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
        styles: dict[str, str] = {}
        for path in _parts(archive, "/styles"):
            styles = _formats(archive.read(path))
        for path, name in _sheet_names(archive).items():
            found[name] = _Scan(name, request, styles).read(archive.read(path))
        return found


def _relations(archive: zipfile.ZipFile) -> list[tuple[str, str, str]]:
    """Id, kind and path of the parts that the workbook names."""
    found = []
    for node in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        target = node.get("Target", "")
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        found.append((node.get("Id", ""), node.get("Type", ""), path))
    return found


def _parts(archive: zipfile.ZipFile, kind: str) -> list[str]:
    """Paths of the parts of a kind that are there."""
    there = set(archive.namelist())
    return [path for _, type_, path in _relations(archive) if type_.endswith(kind) and path in there]


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Path of a sheet's part → the sheet's name."""
    paths = {id_: path for id_, _, path in _relations(archive)}
    there = set(archive.namelist())
    names: dict[str, str] = {}
    for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet"):
            id_ = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            path = paths.get(id_, "")
            if path in there:
                names[path] = node.get("name", "")
    return names


def _formats(part: bytes) -> dict[str, str]:
    """Style number → the text of its number format, where it has one of its own."""
    root = ElementTree.fromstring(part)
    codes = dict(BUILT_IN)
    for node in root.iter():
        if node.tag.endswith("}numFmt"):
            codes[int(node.get("numFmtId", "0"))] = node.get("formatCode", "")[:LONGEST_FORMAT]
    formats = list(next((node for node in root.iter() if node.tag.endswith("}cellXfs")), ()))
    if max(len(formats), len(codes)) > MOST_STYLES:
        refuse("workbook_limit", f"单元格样式太多（最多 {MOST_STYLES} 种）")
    used = {n: int(xf.get("numFmtId", "0")) for n, xf in enumerate(formats)}
    return {str(n): code for n, number in used.items() if (code := codes.get(number, "")).lower() not in PLAIN}


class _Scan:
    """One pass over a sheet's elements. A far cell is refused here: the fast reader would ask for the whole
    rectangle."""

    def __init__(self, name: str, request: Request, styles: dict[str, str]) -> None:
        self.name, self.request, self.styles = name, request, styles
        self.inside = Inside(formulas=[], unsaved=[], errors={}, formats={})
        self.depth = self.row = self.column = self.cells = self.ranges = 0
        self.cell = self.kind = self.style = ""
        self.formula = self.value = self.within = False
        self.text = ""
        self.taken: set[tuple[int, int]] = set()

    def read(self, part: bytes) -> Inside:
        """What stands beside the values. Raises ExpatError for what is no XML."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        parser.CommentHandler, parser.StartCdataSectionHandler = self.between, self.between
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

    def between(self, *_: object) -> None:
        """A comment or a raw section: inside a value, the fast reader would take the part before it alone."""
        if self.within:
            place = f"工作表 {self.name} 单元格 {self.cell}"
            refuse("not_xlsx", "单元格的值里夹着注释或原样标记，各种软件读到的不一样", place)

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
        if (self.row, self.column) in self.taken:
            refuse("not_xlsx", "同一个单元格写了两次，不知道哪个算数", f"工作表 {self.name} 单元格 {self.cell}")
        self.taken.add((self.row, self.column))
        if self.formula:
            inside["formulas"].append(self.cell)
            # A stored result may be the empty text; an empty number was never computed.
            if not self.text and self.kind != "str":
                inside["unsaved"].append(self.cell)
        if self.kind == "e":
            inside["errors"][self.cell] = self.text[:20]
        elif self.kind == "n" and self.text.strip("-+0.") and self.style in self.styles:
            inside["formats"][self.cell] = self.styles[self.style]


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
        if sheet.total_height > request["rows"] or sheet.total_width > request["columns"] or cells > request["cells"]:
            used = f"用到 {sheet.total_height} 行 {sheet.total_width} 列"
            refuse("workbook_limit", f"{used}，超过限制", f"工作表 {meta.name}")
        rows = [[_plain(c) for c in row] for row in sheet.to_python(skip_empty_area=False)]
        text += sum(len(c) for row in rows for c in row if isinstance(c, str))
        if text > request["text"]:
            refuse("workbook_limit", f"文字超过 {request['text'] >> 20} MB", f"工作表 {meta.name}")
        merged = [[*a, *b] for a, b in sheet.merged_cell_ranges or ()]
        if sum((c - a + 1) * (d - b + 1) for a, b, c, d in merged) > request["merged"]:
            refuse("workbook_limit", "合并单元格太多或太大", f"工作表 {meta.name}")
        if meta.name not in found:
            refuse("not_xlsx", "读不到工作表的格式，不知道数是怎样显示的", f"工作表 {meta.name}")
        book[meta.name] = {"rows": rows, "merged": merged, **found[meta.name]}
    sys.stdout.write(json.dumps(book, ensure_ascii=False))


def _plain(cell: Any) -> Any:
    """A cell for JSON: a date as its text; control characters (``_x0000_``) made visible, a text longer than Excel's
    cut."""
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
