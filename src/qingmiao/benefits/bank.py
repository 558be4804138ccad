"""The bank's files: the payment file of a run, and the answer that says which payments went through."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qingmiao.benefits.runs import KIND_WORDS, Payment
from qingmiao.benefits.terms import fen_of
from qingmiao.collect.seen_cells import seen_cells
from qingmiao.content.benefits import FEN, Benefit, PaymentFile
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.figure_texts import FigureError, plain_figure

SHEET = "代发"


@dataclass(frozen=True)
class BankAnswer:
    """What the bank says of one payment. `reason`: why it came back; empty where it was paid."""

    reference: str
    paid: bool
    reason: str = ""


def yuan_text(fen: int) -> str:
    """Fen as yuan with two decimals: 123456 → "1234.56"."""
    return f"{fen // FEN}.{fen % FEN:02d}"


def payment_file(layout: PaymentFile, payments: Sequence[Payment], benefits: Mapping[str, Benefit]) -> bytes:
    """The file of a run's payments in a layout: every cell is text, so that no number loses digits and no name is read
    as a formula."""
    says: dict[str, Callable[[int, Payment], str]] = {
        "sequence": lambda n, _: str(n),
        "reference": lambda _, p: p.reference,
        "holder": lambda _, p: p.terms.holder,
        "account": lambda _, p: p.terms.account,
        "bank": lambda _, p: p.terms.bank,
        "yuan": lambda _, p: yuan_text(p.fen),
        "fen": lambda _, p: str(p.fen),
        "month": lambda _, p: f"{p.month:%Y-%m}",
        "benefit": lambda _, p: benefits[p.benefit].label.zh,
        "benefit_month": lambda _, p: f"{benefits[p.benefit].label.zh}{p.month:%Y-%m}{KIND_WORDS[p.kind]}",
    }
    rows = [[says[c.says](n, p) for c in layout.columns] for n, p in enumerate(payments, start=1)]
    heads = [c.heading for c in layout.columns]
    if layout.format == "csv":
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerows([heads, *([_plain(x) for x in row] for row in rows)])
        return csv_bytes(out.getvalue())
    return _workbook(heads, rows)


def _plain(text: str) -> str:
    """A cell of a CSV file that no spreadsheet reads as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _workbook(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(SHEET)
    for n, row in enumerate([heads, *rows]):
        for m, text in enumerate(row):
            sheet.write_string(n, m, text)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def read_answers(layout: PaymentFile, path: Path, payments: Sequence[Payment]) -> tuple[BankAnswer, ...]:
    """What the bank's file says of a run's payments, one answer each, in the payments' order.

    Raises UserError with every fault: a heading that is missing, a reference that the run does not have or that stands
    twice, a sum that differs, a payment without an answer. Then nothing is to be booked.
    """
    wanted = {p.reference: p for p in payments}
    heading, rows, sheet = _table(layout, path)
    column = {name: heading.index(name) for name in heading if name}
    faults: list[Fault] = []
    found: dict[str, BankAnswer] = {}
    said = layout.answer
    for line, row in rows:
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in column.items()}
        mark, place = cells[said.reference].lstrip("'"), f"{sheet} 第 {line} 行"
        payment = wanted.get(mark)
        if payment is None:
            message = f"「{said.reference}」是「{mark}」，这一批没有这笔" if mark else f"「{said.reference}」是空的"
            faults.append(Fault(path.name, line, "unknown_reference", message, place, "核对是不是这一批的回盘文件"))
            continue
        if mark in found:
            faults.append(Fault(path.name, line, "twice", f"「{mark}」有两行", place, "每笔只留一行"))
            continue
        if said.yuan is not None and cells[said.yuan] and (wrong := _differs(cells[said.yuan], payment)):
            faults.append(Fault(path.name, line, "other_sum", wrong, place, "请银行更正后再登记"))
        result = cells[said.result]
        if not result:
            faults.append(Fault(path.name, line, "no_result", f"「{said.result}」是空的", place, "填上处理结果"))
        paid = result in said.paid
        reason = "" if paid else (cells.get(said.reason or "", "") or result)
        found[mark] = BankAnswer(mark, paid, reason)
    for mark in [m for m in wanted if m not in found]:
        message = f"没有「{mark}」的结果"
        faults.append(Fault(path.name, 0, "missing", message, sheet, "请银行给出全部结果再登记"))
    if faults:
        raise UserError("回盘文件和这一批对不上，什么也没有登记", faults)
    return tuple(found[p.reference] for p in payments)


def _table(layout: PaymentFile, path: Path) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    """The headings, the rows below them with their line, and the sheet: the first row that has all the headings."""
    said = layout.answer
    needed = [h for h in (said.reference, said.result, said.yuan, said.reason) if h is not None]
    for sheet, rows in seen_cells(path).items():
        for n, row in enumerate(rows[:20]):
            cells = [c.strip() for c in row]
            if set(needed) <= set(cells):
                below = [(m, r) for m, r in enumerate(rows[n + 1 :], start=n + 2) if any(c.strip() for c in r)]
                return cells, below, sheet
    hint = f"第一行要有这些列：{'、'.join(needed)}"
    raise UserError("读不懂这个回盘文件", [Fault(path.name, 0, "no_heading", "找不到列名", hint=hint)])


def _differs(text: str, payment: Payment) -> str:
    try:
        fen = fen_of(plain_figure(text))
    except FigureError as e:
        return f"金额{e.message}"
    return "" if fen == payment.fen else f"金额是 {text} 元，这笔应是 {yuan_text(payment.fen)} 元"


def booked(payments: Sequence[Payment], answers: Sequence[BankAnswer]) -> tuple[Payment, ...]:
    """The payments with what the bank said of them; one that came back keeps the reason and is paid again by the next
    run."""
    said = {a.reference: a for a in answers}
    return tuple(
        replace(p, state="paid" if said[p.reference].paid else "bounced", reason=said[p.reference].reason)
        for p in payments
    )
