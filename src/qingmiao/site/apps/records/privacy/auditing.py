"""The yearly report on how children's personal data were handled, made of the site's own rows (`complying`).

For the audit that 未成年人网络保护条例第三十七条 asks for every year. Every number leads to the list of numbers, which says how
it was counted. What the site cannot know (training, contracts, incidents outside) is left to be written by the unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qingmiao.content.base import Label
from qingmiao.figures.entries import AppendixEntry
from qingmiao.report.model import (
    Block,
    Document,
    Figure,
    Heading,
    NumberIndex,
    PageBreak,
    Paragraph,
    Table,
    TableColumn,
    Text,
)
from qingmiao.report.write import FORMATS, write_report
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records.privacy.complying import PrivacyCount, RoleAccess, YearOfPrivacy

OVER = {
    "area": Label(zh="所管地区的全部儿童", en="all children of the area"),
    "unit": Label(zh="本单位管理、就读或检查过的儿童", en="children of the unit"),
    "charge": Label(zh="本人负责的村（社区）、班级的儿童", en="children in the person's charge"),
}
PARTS: tuple[tuple[str, Label, Label | None], ...] = (
    ("files", Label(zh="档案数量", en="Files"), None),
    (
        "grants", Label(zh="授权和收回", en="Rights given and taken back"),
        Label(zh="访问权限由系统管理员授予，记入审计（第三十六条）。", en="Rights are given by administrators and audited (art. 36)."),
    ),
    (
        "by_purpose", Label(zh="按用途的访问记录", en="Reads by purpose"),
        Label(zh="每次访问记录用途（第三十六条）。", en="Every read is written down with its purpose (art. 36)."),
    ),
    ("by_role", Label(zh="按角色的访问记录", en="Reads by role"), None),
    (
        "alarms", Label(zh="大量查阅提醒和信息安全事件", en="Alarms and incidents"),
        Label(
            zh="系统以外发生的事件（第三十五条）由单位在下面补写：____________________。",
            en="Incidents outside the system (art. 35) are added here by the unit: ____________________.",
        ),
    ),
    ("glass", Label(zh="紧急查阅和复核", en="Urgent looks and their review"), None),
    ("exports", Label(zh="导出和副本", en="Exports and copies"), None),
    (
        "requests", Label(zh="监护人申请和期限", en="Guardians' requests and their clocks"),
        Label(zh="查阅、复制、更正、补充、删除（第三十四条）。", en="Inspection, copy, correction, deletion (art. 34)."),
    ),
    ("consents", Label(zh="监护人同意", en="Consents"), None),
    ("retention", Label(zh="保存期限和删除", en="Retention and erasure"), None),
    ("keys", Label(zh="加密密钥", en="Keys"), None),
)  # fmt: skip
"""The parts of a year in the order of the report: (its name, heading, a sentence below)."""
BASIS = Label(
    zh="依据：未成年人网络保护条例第三十四条至第三十七条，个人信息保护法第五十四条。本报告的数字全部由系统的记录数出，数字索引写明每个数字的来源；"
    "审计的结论由开展审计的单位或者专业机构作出，按照网信部门的规定报送。",
    en="Basis: Regulations on the Protection of Minors in Cyberspace, art. 34 to 37; Personal Information Protection "
    "Law, art. 54. All numbers are counted from the system's own rows; the list of numbers says how. The conclusion is "
    "drawn by whoever audits.",
)  # fmt: skip


@dataclass
class _Numbers:
    """The numbers of a report in the order in which they are told."""

    english: bool
    year: int
    entries: list[AppendixEntry] = field(default_factory=list)

    def say(self, label: Label) -> str:
        return (label.en or label.zh) if self.english else label.zh

    def figure(self, number: int, what: str, source: str) -> Figure:
        place = len(self.entries) + 1
        self.entries.append(AppendixEntry(place, str(number), what, year=str(self.year), origin=source))
        return Figure(str(number), place)


def document(found: YearOfPrivacy, *, language: str, on: date, issuer: str, demo: bool) -> Document:
    """The report of a year in one language."""
    numbers = _Numbers(language == "en", found.year)
    say = numbers.say
    blocks: list[Block] = [Paragraph((Text(say(BASIS)),))]
    blocks += [_heading(numbers, Label(zh="各角色的查阅权限", en="Who may see what")), _access(numbers, found.access)]
    for name, title, below in PARTS:
        blocks += [_heading(numbers, title), *_counted(numbers, title, getattr(found, name))]
        blocks += [Paragraph((Text(say(below)),), "note")] if below is not None else []
        if name == "retention":
            blocks.append(_times(numbers, found.times))
    index = Label(zh="数字索引", en="List of numbers")
    blocks += [PageBreak(), _heading(numbers, index, numbered=False), NumberIndex()]
    title = Label(
        zh=f"{found.year}年未成年人个人信息保护合规审计数据报告",
        en=f"Protection of minors' personal data, {found.year}: figures for the compliance audit",
    )
    return Document(
        title=say(title), issuer=issuer, generated_on=on, blocks=tuple(blocks), entries=tuple(numbers.entries),
        demo=demo, contents=False, language=language, index_name="Annex" if numbers.english else "附件",
    )  # fmt: skip


def write(
    found: YearOfPrivacy, out: Path, *, fonts: Path, on: date, demo: bool, formats: Sequence[str] = FORMATS
) -> list[Path]:
    """The report in both languages, as DOCX, PDF and HTML, each with its list of numbers beside it."""
    pack, written = site_pack.pack(), []
    issuer = pack.root_area.name if pack.root_area is not None else pack.title
    for language, name in (("zh", f"合规审计数据-{found.year}"), ("en", f"compliance-{found.year}")):
        made = document(found, language=language, on=on, issuer=issuer, demo=demo)
        written += write_report(made, out, fonts=fonts, formats=formats, name=name)
    return written


def _heading(numbers: _Numbers, title: Label, *, numbered: bool = True) -> Heading:
    return Heading(1, (Text(numbers.say(title)),), numbered)


def _access(numbers: _Numbers, rows: tuple[RoleAccess, ...]) -> Table:
    say = numbers.say
    head = ("Role", "Whose files", "Numbers", "Purposes", "Kinds", "Held by") if numbers.english else (
        "角色", "哪些儿童", "号码", "用途", "读取的记录种类", "人数",
    )  # fmt: skip
    masked, none = ("masked", "not shown") if numbers.english else ("遮住，说明用途后可看", "不显示")
    source = "角色的 children、记录种类的 recorded_by 和 seen_by"
    cells = tuple(
        (
            (Text(say(a.role)),), (Text(say(OVER[a.over])),), (Text(masked if a.masked else none),),
            (Text("、".join(say(p) for p in a.purposes)),),
            (numbers.figure(a.kinds, f"{say(a.role)}：{head[4]}", source),),
            (numbers.figure(a.held, f"{say(a.role)}：{head[5]}", "账号页，当年最后一天持有的人"),),
        )
        for a in rows
    )  # fmt: skip
    widths = (1.2, 1.6, 1.0, 1.6, 0.7, 0.6)
    columns = tuple(TableColumn(h, width=w) for h, w in zip(head, widths, strict=True))
    return Table(
        caption=(Text(numbers.say(Label(zh="角色和权限", en="Roles and rights"))),), columns=columns, rows=cells
    )


def _counted(numbers: _Numbers, title: Label, rows: tuple[PrivacyCount, ...]) -> list[Block]:
    say = numbers.say
    if not rows:
        return [Paragraph((Text(say(Label(zh="当年没有。", en="None in the year."))),))]
    head = ("What", "Number") if numbers.english else ("项目", "数量")
    cells = tuple(
        ((Text(say(t.what)),), (numbers.figure(t.number, say(t.what), t.source),)) for t in rows
    )  # fmt: skip
    columns = (TableColumn(head[0], width=3.0), TableColumn(head[1], width=0.8))
    return [Table(caption=(Text(say(title)),), columns=columns, rows=cells, size="small")]


def _times(numbers: _Numbers, rows: Sequence[tuple[Label, str, str]]) -> Table:
    head = ("Purpose", "Counted from", "Kept for") if numbers.english else ("用途", "从何时算起", "保存年限")
    unset = "not set by the county: kept on" if numbers.english else "本县未设置，一直保存"
    cells = tuple(((Text(numbers.say(p)),), (Text(start),), (Text(long or unset),)) for p, start, long in rows)
    title = numbers.say(Label(zh="各用途的保存期限", en="How long files are kept, by purpose"))
    columns = tuple(TableColumn(h) for h in head)
    return Table(caption=(Text(title),), columns=columns, rows=cells, cite=False, size="small")
