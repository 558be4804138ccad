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

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_AT = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(rb"<(?:\w+:)?v>(#[^<]{1,20})</")
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f\b"), re.compile(rb"<(?:\w+:)?(?:v|is)\b")
_STORED = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


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
    except (zipfile.BadZipFile, NotImplementedError, ValueError, KeyError, OSError, EOFError):
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
    """What the sheet's XML says beyond the values: cells with a formula, those without a stored result, error values."""

    formulas: list[str]
    unsaved: list[str]
    errors: dict[str, str]


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
        for path, name in _sheet_names(archive).items():
            found[name] = _scan(archive.read(path), name, request)
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


def _scan(part: bytes, name: str, request: Request) -> Inside:
    """One pass over the filled cells of a sheet. A far cell is refused here: the fast reader would ask for the whole rectangle."""
    inside = Inside(formulas=[], unsaved=[], errors={})
    for attributes, body in _CELL.findall(part):
        at = _AT.search(attributes)
        if at is None:
            continue
        formula, value = _FORMULA.search(body), _VALUE.search(body)
        if not formula and not value:
            continue
        cell = (at[1] + at[2]).decode()
        if int(at[2]) > request["rows"] or _column(at[1]) > request["columns"]:
            limits = f"最多 {request['rows']} 行、{request['columns']} 列"
            refuse("workbook_limit", f"离表太远的单元格里有内容（{limits}）", f"工作表 {name} 单元格 {cell}")
        if formula:
            inside["formulas"].append(cell)
            # A stored result may be the empty text; an empty number was never computed.
            if not _STORED.search(body) and b't="str"' not in attributes:
                inside["unsaved"].append(cell)
        error = _ERROR.search(body) if b't="e"' in attributes else None
        if error:
            inside["errors"][cell] = error[1].decode("utf-8", "replace")
    return inside


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


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
