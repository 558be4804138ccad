"""The report as one self-contained HTML page: inline style, inline drawings, no script, no outside address.

Every number links to its entry in the appendix, and every entry back to the places that quote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources

from markupsafe import Markup, escape

from qingmiao.figures.marks import Mark
from qingmiao.report.model import (
    Block,
    Charts,
    Document,
    Figure,
    FormBoxes,
    Heading,
    Legend,
    NumberIndex,
    PageBreak,
    Paragraph,
    Parts,
    SignatureLines,
    Strong,
    Table,
    Text,
    header,
    heading_numbers,
    plain,
    sentences,
)
from qingmiao.report.workshop import Drawing

PLACE_OF_INDEX = "<!--index-->"
"""Where the list of numbers goes, once all places that it leads back to are known."""
BACK_LINKS = 6
"""An entry links back to at most this many places; a number that stands in many is told so by its first ones."""


def html_bytes(document: Document, drawings: Mapping[int, Drawing]) -> bytes:
    """The page as UTF-8; equal input gives equal bytes."""
    import jinja2

    folder = resources.files("qingmiao.report") / "templates"
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    page = _ReportPage(document, drawings, iter(heading_numbers(document.blocks, document.language)))
    body = Markup("\n").join(page.block(b) for b in document.blocks)
    style = Markup((folder / "report.css").read_text("utf-8"))
    whole = Markup(str(body).replace(PLACE_OF_INDEX, str(_index(document, page.quoted))))
    return template.render(d=document, style=style, body=whole, contents=page.contents).encode("utf-8")


def _index(document: Document, quoted: Mapping[int, list[str]]) -> Markup:
    """The numbered list of all numbers, with links back."""
    rows = []
    for e in document.entries:
        places = quoted.get(e.number, [])
        back = Markup(" ").join(
            Markup('<a href="#{}" aria-label="{}">↩</a>').format(p, document.say(f"回到正文第{i}处"))
            for i, p in enumerate(places[:BACK_LINKS], start=1)
        )
        counted = f"{e.numerator} / {e.denominator}" if e.numerator and e.denominator else e.numerator
        follow = Markup("<code>{}</code>").format(e.command) if e.command else escape(e.origin)
        origin = Markup("<br>{}").format(e.origin) if e.command and e.origin else Markup("")
        rows.append(
            Markup(
                '<tr id="b{}"><th scope="row">{}</th><td class="r">{}</td><td>{}</td><td>{}</td>'
                '<td class="r">{}</td><td>{}</td><td class="follow">{}{}</td><td>{}</td></tr>'
            ).format(
                e.number,
                e.number,
                e.text,
                e.what,
                "，".join(x for x in (e.area, e.year) if x),
                counted,
                e.version,
                follow,
                origin,
                back,
            )
        )
    heads = ("编号", "数值", "内容", "地区、年份", "分子 / 分母", "定义版本", "追溯与来源", "返回")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(document.say(h)) for h in heads)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="index">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(document.say("数字索引"), head, Markup("\n").join(rows))


@dataclass
class _ReportPage:
    document: Document
    drawings: Mapping[int, Drawing]
    numbers: Iterator[str]
    contents: list[tuple[int, str, str]] = field(default_factory=list)
    quoted: dict[int, list[str]] = field(default_factory=dict)
    tables: int = 0
    charts: int = 0

    def block(self, block: Block) -> Markup:
        """One block as HTML."""
        if isinstance(block, Heading):
            return self.heading(block)
        if isinstance(block, Paragraph):
            return self.paragraph(block)
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Charts):
            inner = Markup("").join(self.chart(plain(c.caption), plain(c.description)) for c in block.charts)
            return Markup('<div class="charts{}">{}</div>').format(" wide" if block.wide else "", inner)
        if isinstance(block, Legend):
            rows = Markup("").join(
                Markup("<dt>{}</dt><dd>{}</dd>").format(name, Markup(" ").join(_mark(m) for m, _ in marks))
                for name, marks in block.rows
            )
            return Markup('<dl class="legend">{}</dl>').format(rows)
        if isinstance(block, FormBoxes):
            boxes = (Markup("<dt>{}</dt><dd>{}</dd>").format(b.label, self.parts(b.parts)) for b in block.boxes)
            return Markup('<dl class="boxes">{}</dl>').format(Markup("").join(boxes))
        if isinstance(block, SignatureLines):
            return Markup('<p class="signs">{}</p>').format("　　".join(f"{label}：" for label in block.labels))
        if isinstance(block, NumberIndex):
            return Markup(PLACE_OF_INDEX)
        if isinstance(block, PageBreak):
            return Markup('<div class="page"></div>')
        raise TypeError(f"unknown block {block!r}")

    def heading(self, block: Heading) -> Markup:
        text = next(self.numbers) + plain(block.parts)
        name = f"h{len(self.contents) + 1}"
        self.contents.append((block.level, name, text))
        level = block.level + 1
        return Markup('<h{} id="{}">{}</h{}>').format(level, name, text, level)

    def paragraph(self, block: Paragraph) -> Markup:
        if block.role == "signature":
            d = self.document
            return Markup('<p class="signature">{}<br>{}</p>').format(d.issuer, d.date_text)
        out: list[Markup] = []
        for sentence, entries, stop in sentences(block.parts):
            out.append(self.parts(sentence))
            if entries:
                links = Markup("，").join(self.entry(n) for n in entries)
                out.append(Markup('<sup class="cite">[{}]</sup>').format(links))
            out.append(escape(stop))
        return Markup('<p class="{}">{}</p>').format(block.role, Markup("").join(out))

    def parts(self, parts: Parts) -> Markup:
        """Inline parts; each number is a link to its entry and the place that the entry links back to."""
        out: list[Markup] = []
        for part in parts:
            if isinstance(part, Text):
                out.append(Markup("<strong>{}</strong>").format(part.text) if part.strong else escape(part.text))
            elif isinstance(part, Figure):
                out.append(self.figure(part))
            elif isinstance(part, Strong):
                out.append(Markup("<strong>{}</strong>").format(self.parts(part.parts)))
            elif isinstance(part, Mark):
                out.append(_mark(part))
            else:
                raise TypeError(f"unresolved part {part!r}")
        return Markup("").join(out)

    def figure(self, figure: Figure) -> Markup:
        places = self.quoted.setdefault(figure.entry, [])
        name = f"n{figure.entry}-{len(places) + 1}"
        places.append(name)
        if not self.document.linked:
            shown = figure.text or f"[{figure.entry}]"
            return Markup('<span class="n" title="{}">{}</span>').format(self.place_of(figure), shown)
        if not figure.text:
            return Markup('<sup class="cite"><a id="{}" href="#b{}">[{}]</a></sup>').format(
                name, figure.entry, figure.entry
            )
        return Markup('<a class="n" id="{}" href="#b{}" title="{}">{}</a>').format(
            name, figure.entry, self.place_of(figure), figure.text
        )

    def place_of(self, figure: Figure) -> str:
        """Which line of the list of numbers a number is."""
        return self.document.say(f"{self.document.index_name}第{figure.entry}号")

    def entry(self, number: int) -> Markup:
        """The number of an entry; it leads there where the list stands on this page."""
        return _entry_link(number) if self.document.linked else escape(number)

    def table(self, table: Table) -> Markup:
        caption = Markup("")
        if table.caption:
            self.tables += 1
            named = self.document.numbered("表", self.tables) + plain(table.caption)
            caption = Markup("<caption>{}</caption>").format(named)
        head = Markup("").join(
            Markup('<th scope="col" class="{}">{}</th>').format(c.align.value[0], header(table, i))
            for i, c in enumerate(table.columns)
        )
        rows = []
        for row in table.rows:
            cells = [Markup('<th scope="row">{}</th>').format(self.parts(row[0]))]
            for i, (column, cell) in enumerate(zip(table.columns[1:], row[1:], strict=True), start=1):
                cells.append(
                    Markup('<td class="{}" data-h="{}">{}</td>').format(
                        column.align.value[0], header(table, i), self.parts(cell)
                    )
                )
            rows.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
        note = Markup('<p class="note">{}</p>').format(self.parts(table.note)) if table.note else Markup("")
        label = plain(table.caption)
        return Markup(
            '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="{}">{}'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}"
        ).format(label, "wide" if len(table.columns) > 6 else "", caption, head, Markup("\n").join(rows), note)

    def chart(self, caption: str, description: str) -> Markup:
        self.charts += 1
        drawing = self.drawings[self.charts]
        return Markup('<figure><div role="img" aria-label="{}">{}</div><figcaption>{}{}</figcaption></figure>').format(
            description, Markup(_fluid(drawing)), self.document.numbered("图", self.charts), caption
        )


def _fluid(drawing: Drawing) -> str:
    """The drawing fills its place: fixed width and height go, the view box stays."""
    fixed = f'width="{drawing.width}" height="{drawing.height}" viewBox'
    return drawing.svg.replace(fixed, 'aria-hidden="true" focusable="false" viewBox', 1)


def _entry_link(number: int) -> Markup:
    return Markup('<a href="#b{}">{}</a>').format(number, number)


def _mark(mark: Mark) -> Markup:
    return Markup('<span class="m {}"><span aria-hidden="true">{}</span>{}</span>').format(
        mark.answer.value, mark.sign, mark.label
    )
