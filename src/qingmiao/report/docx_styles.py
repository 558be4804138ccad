"""Styles, page and small pieces of WordprocessingML for the docx report."""

from __future__ import annotations

from typing import Literal

from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

LATIN = "Times New Roman"
BODY, HEI, KAI, BIAO = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
LINE = 28.95
"""Points from line to line: 22 lines on 225 mm."""
TEXT_WIDTH = {"official": 156.0, "form": 174.0}
"""Width of the type area in mm, by the sheet of the document."""
MARGINS = {"official": (37, 35, 28, 26, 25, 20), "form": (18, 16, 18, 18, 8, 8)}
"""By sheet: mm above, below, left and right of the type area, to the footer and to the header."""
SIZES = {"official": (16.0, LINE, 22.0), "form": (10.5, 16.0, 18.0)}
"""By sheet: points of the text, from line to line, of the title."""
_CENTER, _RIGHT, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


def _fonts(style: ParagraphStyle, east: str, size: float, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn("w:" + name), None)
    fonts.set(qn("w:eastAsia"), east)


def _paragraph(
    style: ParagraphStyle,
    *,
    line: float,
    indent: float = 0.0,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: float = 0.0,
    after: float = 0.0,
    keep: bool = False,
) -> None:
    f = style.paragraph_format
    f.line_spacing_rule, f.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    f.space_before, f.space_after, f.first_line_indent = Pt(before), Pt(after), Pt(indent)
    f.keep_with_next = keep
    if align is not None:
        f.alignment = align


def set_styles(made: DocxDocument, sheet: str = "official") -> None:
    """All styles of the report, in the sizes of its sheet."""
    styles = made.styles
    normal = styles["Normal"]
    size, line, title = SIZES[sheet]
    _fonts(normal, BODY, size)
    _paragraph(normal, line=line, indent=2 * size, align=_JUSTIFY)
    for level, east, bold in ((1, HEI, False), (2, KAI, False), (3, BODY, True), (4, BODY, False)):
        heading = styles[f"Heading {level}"]
        _fonts(heading, east, size, bold=bold)
        _paragraph(heading, line=line, indent=2 * size, keep=True)

    def add(name: str, east: str, size: float, line: float, **more: object) -> None:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _fonts(style, east, size, bold=bool(more.pop("bold", False)))
        _paragraph(style, line=line, **more)  # type: ignore[arg-type]  # the names are those of _paragraph

    add("公文标题", BIAO, title, title + 14, align=_CENTER, after=10)
    add("题注行", KAI, size, line, align=_CENTER)
    add("目录行", BODY, 14, 24)
    add("表题", HEI, 12, 20, align=_CENTER, before=10, after=4, keep=True)
    add("表内", BODY, 9, 12)
    add("表内小字", BODY, 7.5, 10)
    add("表注", BODY, 9, 13, before=3, after=8)
    add("提示", HEI, 12, 20)
    add("图例", BODY, 12, 20)
    add("图题", HEI, 10, 14, align=_CENTER, after=6)
    add("落款", BODY, size, line, align=_RIGHT, keep=True)
    add("签名", BODY, size, line, before=14)
    picture = styles.add_style("图", WD_STYLE_TYPE.PARAGRAPH)
    picture.base_style = normal
    picture.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    picture.paragraph_format.first_line_indent = Pt(0)
    picture.paragraph_format.alignment = _CENTER
    picture.paragraph_format.keep_with_next = True
    _table_style(made, "公文表格", {"top": 8, "bottom": 8, "insideH": 2})
    _table_style(made, "表格线", dict.fromkeys(("top", "bottom", "left", "right", "insideH", "insideV"), 4))


def _table_style(made: DocxDocument, name: str, lines: dict[str, int]) -> None:
    """A style of tables with these lines (eighths of a point)."""
    style = made.styles.add_style(name, WD_STYLE_TYPE.TABLE)
    properties = OxmlElement("w:tblPr")
    borders = OxmlElement("w:tblBorders")
    for side, size in lines.items():
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "5A6672")):
            line.set(qn("w:" + key), value)
        borders.append(line)
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "50")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)
    style.element.append(properties)


def page_setup(made: DocxDocument, *, demo: bool, sheet: str = "official") -> None:
    """A4 with the type area of GB/T 9704 or of forms, page numbers outside, the mark of demonstration data on every
    page."""
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    above, below, left, right, foot, head = MARGINS[sheet]
    section.top_margin, section.bottom_margin = Mm(above), Mm(below)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.footer_distance, section.header_distance = Mm(foot), Mm(head)
    made.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, _RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        p = footer.paragraphs[0]
        p.alignment = align
        p.paragraph_format.first_line_indent = Pt(0)
        side = "right_indent" if align is _RIGHT else "left_indent"
        setattr(p.paragraph_format, side, Pt(14))
        for text in ("— ", None, " —"):
            if text is None:
                field(p, "PAGE")
            else:
                p.add_run(text)
        for r in p.runs:
            r.font.size = Pt(14)
            r._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if not demo:
        return
    for top in (section.header, section.even_page_header):
        p = top.paragraphs[0]
        p.alignment = _RIGHT
        r = run(p, "演示数据 · 不得引用", strong=True, east=HEI)
        r.font.size, r.font.color.rgb = Pt(10.5), RGBColor(0x8A, 0x1C, 0x1C)


def field(p: Paragraph, code: str, *, part: Literal["whole", "begin", "end"] = "whole") -> None:
    """A field such as PAGE; `begin` opens one whose result follows, `end` closes it."""
    steps = {
        "whole": ("begin", "code", "separate", "text", "end"),
        "begin": ("begin", "code", "separate"),
        "end": ("end",),
    }
    for step in steps[part]:
        r = p.add_run()
        if step == "code":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {code} "
            r._r.append(element)
        elif step == "text":
            r.text = "1"
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), step)
            r._r.append(element)


def run(p: Paragraph, text: str, *, strong: bool = False, east: str = "") -> Run:
    """A run of text; control characters that XML cannot hold are left out."""
    r = p.add_run("".join(c for c in text if c in "\t\n" or c >= " "))
    if strong:
        r.bold = True
        r._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), east or HEI)
    return r


def link(p: Paragraph, anchor: str, text: str) -> Run:
    """Text that leads to a bookmark of the document."""
    element = OxmlElement("w:hyperlink")
    element.set(qn("w:anchor"), anchor)
    element.set(qn("w:history"), "1")
    r = run(p, text)
    element.append(r._r)
    p._p.append(element)
    return r


def bookmark(p: Paragraph, name: str, text: str) -> None:
    """Text within a bookmark. The id is unique within the file, since names are: it is made of the name."""
    number = str(int.from_bytes(name.encode(), "big") % 2_000_000_000)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:id"), number)
    start.set(qn("w:name"), name)
    end.set(qn("w:id"), number)
    p._p.append(start)
    run(p, text)
    p._p.append(end)


def shade(cell: _Cell, colour: str) -> None:
    """A light ground."""
    element = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        element.set(qn("w:" + key), value)
    cell._tc.get_or_add_tcPr().append(element)
