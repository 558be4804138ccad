"""What casework puts on paper: the printed forms of a case, the handbook and the pages of the documentation."""

from __future__ import annotations

import re
import runpy
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from programme_scripts import MAIN, ROOT, lines_taken, ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.printing import printable, printed
from qingmiao.cli import main
from qingmiao.kernel.errors import UserError
from qingmiao.report.case_form import BLANK_NUMBER, NO_LAYOUT, OfCase, case_form
from qingmiao.report.model import Document, FormBox, FormBoxes, Paragraph, SignatureLines, plain
from qingmiao.report.single import single

FONTS = ROOT / "var/fonts"
OF = OfCase("2026-000012", "演示派出所", date(2026, 3, 9), "演示 2026-03-09", demo=True)


def last(programme: str) -> CaseFile:
    return list(lines_taken(programme))[-1][2].case


def state_of(programme: str, state: str) -> CaseFile:
    return next(o.case for _, _, o in lines_taken(programme) if o.case.state == state)


def boxes(document: Document) -> dict[str, str]:
    return {b.label: plain(b.parts) for block in document.blocks if isinstance(block, FormBoxes) for b in block.boxes}


@pytest.mark.parametrize("programme", MAIN)
def test_every_programme_prints_its_forms_and_no_restricted_group(programme: str) -> None:
    one = ready(programme)
    assert one.programme.prints, "no printed form"
    restricted = {
        f for f, field in one.fields.items() if field.group is not None and not one.groups[field.group].prints
    }
    cases = [o.case for _, _, o in lines_taken(programme)]
    done = set()
    for case in cases:
        for form in printable(one, case):
            found = printed(one, case, form.id)
            assert not {b.field for b in found.boxes} & restricted
            document = case_form(found, OF)
            assert document.title == form.label.zh
            assert any(isinstance(b, SignatureLines) for b in document.blocks)
            done.add(form.id)
    assert done, "the script reaches no state in which a form is printed"


def test_the_form_of_a_report_says_what_was_reported_and_not_by_whom() -> None:
    document = case_form(printed(ready("mandatory_report"), last("mandatory_report"), "report_form"), OF)
    found = boxes(document)
    assert found["报告单位类型"] == "中小学校"
    assert found["出生日期"] == "2014年5月1日"
    assert found["发现时间"] == "2026年3月6日8时40分"
    assert found["看到、听到的情况"] == "手臂多处瘀伤"
    assert "演示乙" not in repr(document), "the reporter's name"
    assert "15400000001" not in repr(document), "the reporter's phone"
    assert document.reference == "案件号：2026-000012"
    notes = [plain(b.parts) for b in document.blocks if isinstance(b, Paragraph) and b.role == "note"]
    assert notes == [NO_LAYOUT]


def test_what_somebody_may_not_read_is_left_out_and_what_has_no_answer_is_a_dash() -> None:
    one, case = ready("mandatory_report"), last("mandatory_report")
    whole = boxes(case_form(printed(one, case, "report_form"), OF))
    part = boxes(case_form(printed(one, case, "report_form", withheld={"facts_seen"}), OF))
    assert set(whole) - set(part) == {"看到、听到的情况"}
    begun = next(o.case for _, line, o in lines_taken("mandatory_report") if line.do == "draft")
    assert boxes(case_form(printed(one, begun, "report_form"), OF))["接报回执号"] == "—"


def test_a_form_is_printed_only_where_it_may_be_and_its_missing_number_is_left_blank() -> None:
    one = ready("dv_warning")
    with pytest.raises(UserError, match="现在不能打印这张表"):
        printed(one, CaseFile("dv_warning"), "notice")
    case = last("dv_warning")
    with_number = case_form(printed(one, case, "notice"), OF)
    number = case.values["letter_number"]
    assert with_number.reference == f"编号：{number}"
    assert any(p.number == "letter_number" for p in one.programme.prints)
    without = CaseFile(
        "dv_warning", case.state, case.history, {k: v for k, v in case.values.items() if k != "letter_number"}
    )
    assert case_form(printed(one, without, "notice"), OF).reference == f"编号：{BLANK_NUMBER}"


def test_narrow_boxes_share_a_line_and_wide_ones_do_not() -> None:
    a, b, c = (FormBox(x, ()) for x in "abc")
    wide = FormBox("w", (), wide=True)
    assert [[x.label for x in line] for line in FormBoxes((a, b, c, wide, a)).lines()] == [
        ["a", "b"],
        ["c"],
        ["w"],
        ["a"],
    ]


def test_pdf_and_docx_are_the_same_bytes_each_time_and_hold_the_answers() -> None:
    document = case_form(printed(ready("child_case"), state_of("child_case", "closed"), "plan_form"), OF)
    pdf = single(document, "pdf", FONTS)
    assert pdf.startswith(b"%PDF")
    assert pdf == single(document, "pdf", FONTS)
    made = single(document, "docx", FONTS)
    assert made == single(document, "docx", FONTS)
    found = docx.Document(BytesIO(made))
    text = "\n".join(c.text for t in found.tables for r in t.rows for c in r.cells)
    for box, answer in boxes(document).items():
        assert box in text
        assert answer in text
    margin = found.sections[0].left_margin
    assert margin is not None
    assert margin.mm == pytest.approx(18, abs=0.1)


def test_the_handbook_is_made_of_the_files(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main,
        [
            "handbook",
            str(ROOT / "content/china"),
            "--out",
            str(tmp_path),
            "--fonts",
            str(FONTS),
            "--date",
            "2026-03-01",
        ],
    )
    assert done.exit_code == 0, done.output
    pages = max(int(n) for n in re.findall(rb"/Count (\d+)", (tmp_path / "handbook.pdf").read_bytes()))
    assert pages == len(MAIN) + 3, "one page a programme, behind the title and the two pages that list them"
    found = docx.Document(BytesIO((tmp_path / "handbook.docx").read_bytes()))
    heads = [p.text for p in found.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert len(heads) == len(MAIN)
    assert "P01 强制报告" in heads
    text = "\n".join(c.text for t in found.tables for r in t.rows for c in r.cells)
    assert "24 小时" in text
    assert "公安部《公安机关办理行政案件程序规定》第六十一条" in text
    assert "本县未设置" in text


def test_a_pack_without_programmes_has_no_handbook(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["handbook", str(ROOT / "content/outline-2030"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "out").exists()


def test_the_pages_of_the_documentation_are_up_to_date() -> None:
    tool = runpy.run_path(str(ROOT / "tools/programme_docs.py"))
    assert tool["stale"](tool["made"]()) == [], "python tools/programme_docs.py"
