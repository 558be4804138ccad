"""The bank's files: what goes out is text in the layout's order; what comes back is booked whole or not at all."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from test_benefit_runs import START, benefits, china

from qingmiao.benefits.bank import BankAnswer, booked, payment_file, read_answers, yuan_text
from qingmiao.benefits.runs import Payment
from qingmiao.benefits.terms import BenefitTerms
from qingmiao.content.benefits import PaymentFile
from qingmiao.kernel.errors import UserError

TERMS = BenefitTerms(START, "scattered", 0, "演示户名", "0012345678901234567", "演示银行")
PAYMENTS = (
    Payment("202501-00001", "1", "a", "orphan_allowance", START, 100001, TERMS),
    Payment("202501-00002", "2", "b", "orphan_allowance", date(2024, 12, 1), 110010,
            replace(TERMS, holder="=演示"), "arrears"),
)  # fmt: skip
GOOD = [["202501-00001", "1000.01", "成功", ""], ["202501-00002", "1,100.10", "失败", "户名不符"]]


def layout() -> PaymentFile:
    return china().entries("payment_files", PaymentFile)["bank"]


def answer(
    folder: Path, rows: list[list[str]], heads: tuple[str, ...] = ("流水号", "金额", "处理结果", "失败原因")
) -> Path:
    path = folder / "回盘.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([["银行代发回盘"], heads, *rows])
    return path


def test_the_file_for_the_bank_is_text_and_loses_no_digit() -> None:
    book = openpyxl.load_workbook(io.BytesIO(payment_file(layout(), PAYMENTS, benefits())))
    rows = [[c.value for c in row] for row in book.worksheets[0].iter_rows()]
    assert rows[0] == ["序号", "流水号", "户名", "账号", "开户银行", "金额", "备注"]
    assert rows[1] == [
        "1", "202501-00001", "演示户名", "0012345678901234567", "演示银行", "1000.01", "孤儿基本生活费2025-01当月",
    ]  # fmt: skip
    assert rows[2][2] == "=演示"
    assert rows[2][6] == "孤儿基本生活费2024-12补发"
    assert all(c.data_type == "s" for row in book.worksheets[0].iter_rows() for c in row if c.value)
    table = payment_file(layout().model_copy(update={"format": "csv"}), PAYMENTS, benefits()).decode("utf-8-sig")
    assert [r[2] for r in csv.reader(io.StringIO(table))] == ["户名", "演示户名", "'=演示"]


def test_the_answer_is_booked_and_keeps_why_a_payment_came_back(tmp_path: Path) -> None:
    answers = read_answers(layout(), answer(tmp_path, GOOD[::-1]), PAYMENTS)
    assert answers == (BankAnswer("202501-00001", True), BankAnswer("202501-00002", False, "户名不符"))
    assert [(p.state, p.reason) for p in booked(PAYMENTS, answers)] == [("paid", ""), ("bounced", "户名不符")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (GOOD[:1], "没有「202501-00002」的结果"),
        ([*GOOD, GOOD[0]], "「202501-00001」有两行"),
        ([*GOOD, ["202502-00001", "1", "成功", ""]], "这一批没有这笔"),
        ([["", "1", "成功", ""], *GOOD], "是空的"),
        ([["202501-00001", "1000.00", "成功", ""], GOOD[1]], "这笔应是 1000.01 元"),
        ([["202501-00001", "一千", "成功", ""], GOOD[1]], "金额"),
        ([["202501-00001", "1000.01", "", ""], GOOD[1]], "「处理结果」是空的"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, rows: list[list[str]], told: str) -> None:
    with pytest.raises(UserError) as refused:
        read_answers(layout(), answer(tmp_path, rows), PAYMENTS)
    assert any(told in f.message and f.file == "回盘.csv" for f in refused.value.faults), refused.value.faults
    assert "什么也没有登记" in str(refused.value)


def test_a_file_without_the_headings_says_which_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        read_answers(layout(), answer(tmp_path, GOOD, ("号", "钱", "处理结果", "失败原因")), PAYMENTS)
    assert "流水号、处理结果、金额、失败原因" in refused.value.faults[0].hint


def test_a_file_that_breaks_off_within_a_character_is_refused(tmp_path: Path) -> None:
    path = answer(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[: -len("不符\r\n".encode()) + 1])
    with pytest.raises(UserError) as refused:
        read_answers(layout(), path, PAYMENTS)
    assert "不是 UTF-8" in refused.value.faults[0].message


def test_fen_are_told_as_yuan() -> None:
    assert [yuan_text(n) for n in (0, 5, 100, 123456)] == ["0.00", "0.05", "1.00", "1234.56"]
