"""The search for codes on pages finds each kind of them, and nothing in words or behind 查看依据."""

from __future__ import annotations

import pytest

from qingmiao.content.pack import Pack
from website.codes import codes_in


@pytest.mark.parametrize(
    "planted",
    ["T03", "S001", "141029", "141029100", "True", "none None none", "nan", "health.imr", "sent_back", "submitted"],
)
def test_a_code_is_found(planted: str, pack: Pack) -> None:
    assert codes_in(f"<main><p>婴儿死亡率 {planted}，</p></main>", pack)
    assert codes_in(f"<table><tr><td>{planted}</td></tr></table>", pack)
    assert not codes_in(f'<details class="basis"><p>{planted}</p></details><p>文字</p>', pack)
    assert not codes_in(f'<p title="{planted}"><input value="{planted}">文字</p><script>{planted}</script>', pack)


@pytest.mark.parametrize("mark", ["partly_seen", "（转载）", "读到的是：某报"])
def test_how_a_source_was_read_is_on_no_page_not_even_folded(mark: str, pack: Pack) -> None:
    assert codes_in(f'<details class="basis"><p>《规划》{mark}</p></details>', pack)


@pytest.mark.parametrize(
    "words", ["2024年", "H101", "民发〔2024〕12号", "12.9/10万", "第 3 版", "Excel", "2024-01-30 12:00"]
)
def test_words_are_none(words: str, pack: Pack) -> None:
    assert codes_in(f"<p>{words}</p>", pack) == []
