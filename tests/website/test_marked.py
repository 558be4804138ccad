"""An English page marks what stays Chinese."""

from __future__ import annotations

import re

import pytest

from qingmiao.figures.english import PLAIN
from qingmiao.site.web.ui.language import COOKIE
from qingmiao.site.web.ui.marked import marked
from website.role_ids import Role

Z = '<span lang="zh">'


def test_text_is_marked_and_nothing_else() -> None:
    page = (
        '<p id="标题">甲 <b>Total</b> 乙</p><script>"丙"</script><textarea>丁</textarea><!-- 戊 --><i lang="zh">己</i>'
    )
    assert marked(page, PLAIN) == page.replace("甲 ", f"{Z}甲 </span>").replace(" 乙", f"{Z} 乙</span>")
    assert marked('<option value="a">某某局</option><option>All</option>', PLAIN) == (
        '<option lang="zh" value="a">某某局</option><option>All</option>'
    )


def test_what_the_catalogue_knows_is_said_in_english() -> None:
    assert marked('<p title="达标">未达标</p>', PLAIN) == '<p title="Met">Not met</p>'
    assert marked("<p>没有 7 号预警</p>", PLAIN) == "<p>There is no warning 7</p>"
    assert marked("<p>整改：甲校，乙 &lt;b&gt;</p>", PLAIN) == (f"<p>To mend: {Z}甲校, 乙</span> &lt;b&gt;</p>")
    assert (
        marked("<textarea>达标</textarea><title>达标</title>", PLAIN) == "<textarea>达标</textarea><title>Met</title>"
    )


@pytest.mark.django_db
def test_only_english_pages_are_marked(make_person, browser_of) -> None:
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    assert 'lang="zh">' not in browser.get("/duties/").content.decode().replace('value="zh" lang="zh">', "")
    browser.cookies[COOKIE] = "en"
    page = browser.get("/duties/").content.decode()
    left = re.sub(r'<(\w+)\b[^>]*lang="zh"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    left = re.sub(r"<(script|style|title)\b.*?</\1>|<[^>]*>", "", left, flags=re.DOTALL)
    assert page.count(Z) > 20
    assert not re.search("[㐀-鿿]", left)
