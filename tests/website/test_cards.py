"""A table tells each of its cells which column it stands in (`{% table %}`), as a browser counts columns."""

from __future__ import annotations

import re

from django.template import Context, Template

from qingmiao.site.web.ui.cards import labelled
from qingmiao.site.web.ui.templatetags.ui import size

HEAD = "<thead><tr><th>名称</th><th class='n'>上年 <small>（%）</small></th><th>本年</th><th></th></tr></thead>"


def labels(inside: str) -> list[tuple[str, str]]:
    """Text and label of each cell of the body."""
    body = labelled(inside).partition("</thead>")[2]
    found = re.findall(r"<t[dh]\b([^>]*)>([^<]*)</t[dh]>", body)
    return [(text, "".join(re.findall('data-label="([^"]*)"', a))) for a, text in found]


def test_each_cell_has_the_words_of_its_heading_but_the_title_and_the_nameless() -> None:
    row = '<tr id="x"><td>出生</td><td class="n">1</td><td>2</td><td>改</td></tr>'
    assert labels(f"{HEAD}<tbody>{row}</tbody>") == [("出生", ""), ("1", "上年 （%）"), ("2", "本年"), ("改", "")]


def test_columns_are_counted_over_spans() -> None:
    rows = (
        '<tr><td rowspan="2">甲</td><td>1</td><td rowspan="3">2</td><td></td></tr>'
        "<tr><td>3</td><td></td></tr>"
        "<tr><td>乙</td><td>4</td></tr>"
        '<tr><td colspan="2">合计</td><td>5</td></tr>'
    )
    assert labels(f"{HEAD}<tbody>{rows}</tbody>") == [
        ("甲", ""), ("1", "上年 （%）"), ("2", "本年"), ("", ""), ("3", "上年 （%）"), ("", ""), ("乙", ""),
        ("4", "上年 （%）"), ("合计", ""), ("5", "本年"),
    ]  # fmt: skip


def test_a_heading_over_two_columns_names_both() -> None:
    head = '<thead><tr><th></th><th colspan="2">人数</th><th>比重</th></tr></thead>'
    assert [label for _, label in labels(f"{head}<tr><td>a</td><td>1</td><td>2</td><td>3</td></tr>")] == [
        "", "人数", "人数", "比重",
    ]  # fmt: skip


def test_a_heading_without_words_is_a_plain_cell() -> None:
    head = '<thead><tr><th class="n">甲</th><th class="n"> </th></tr></thead>'
    assert labelled(head) == '<thead><tr><th class="n">甲</th><td class="n"></td></tr></thead>'


def test_without_a_head_nothing_changes_and_words_are_escaped() -> None:
    assert labelled("<tbody><tr><td>1</td><td>2</td></tr></tbody>") == "<tbody><tr><td>1</td><td>2</td></tr></tbody>"
    sharp = '<thead><tr><th></th><th>0 &lt; x "y"</th></tr></thead><tr><td></td><td>1</td></tr>'
    assert 'data-label="0 &lt; x &quot;y&quot;"' in labelled(sharp)


def test_the_tag_makes_the_frame_and_keeps_what_it_holds() -> None:
    made = Template('{% table "wall" %}<thead><tr><th>甲</th><th>{{ x }}</th></tr></thead>'
                    "<tr><td>1</td><td>{{ x }}</td></tr>{% endtable %}").render(Context({"x": "<b>"}))  # fmt: skip
    assert made.startswith('<div class="scroll"><table class="table cards wall"><thead>')
    assert made.endswith('<td data-label="&lt;b&gt;">&lt;b&gt;</td></tr></table></div>')


def test_a_file_is_never_told_in_bytes() -> None:
    assert [size(n) for n in (0, 597, 1536, 1024 * 1023, 1024**2, 5_400_000)] == [
        "1 KB", "1 KB", "2 KB", "1,023 KB", "1.0 MB", "5.1 MB",
    ]  # fmt: skip
