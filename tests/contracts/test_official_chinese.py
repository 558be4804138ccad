"""What officials read is written Chinese with 您: no spoken word and no developer's word in a template or a message."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qingmiao.site.web.ui.language import MEASURES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "qingmiao"
TEMPLATES = sorted((SOURCE / "site" / "web").rglob("templates/**/*.html"))
SCRIPTS = sorted((ROOT / "frontend" / "src").rglob("*.js"))
SPOKEN = re.compile("你|谁|多久|做了什么|不改了|看表头|怎么|咋|啥|弄|搞|哪儿|一会儿|怎样填|没办法")
"""Words of talk. 您 is how an official is addressed."""
DEVELOPED = re.compile(r"运行|快照|散列|哈希|filesizeformat|SHA-256|Parquet|JSON|内容包|表达式|\bhash\b|theta")
"""Words of those who build the system."""
ALLOWED = {
    "flow/pages.py": "pages of the reference, for those who keep the content",
    "flow/words.py": "pages of the reference, for those who keep the content",
    "site/web/console/acting/duties.py": "prints a page of the reference",
}
"""Python files whose texts are no messages to officials, with the reason."""
SAID = re.compile(r"""\{% t (?:"([^"]*)"|'([^']*)') (?:"([^"]*)"|'([^']*)')""")
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>|&\w+;", re.DOTALL)
SHOWN = re.compile(r"\{\{.*?\}\}")
CHINESE = re.compile(r"[㐀-鿿]+")


def messages() -> Iterator[tuple[str, str]]:
    """Place and text of every literal of the site and of the engines whose words it shows, but docstrings."""
    for part in ("site", "assess", "figures", "flow", "forms", "collect", "kernel"):
        for path in sorted((SOURCE / part).rglob("*.py")):
            name = path.relative_to(SOURCE).as_posix()
            if name in ALLOWED or "/migrations/" in name:
                continue
            tree = ast.parse(path.read_text("utf-8"))
            told = {id(x.value) for x in ast.walk(tree) if isinstance(x, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                    yield f"{name}:{node.lineno}", node.value


def test_no_spoken_word_in_messages_templates_and_scripts() -> None:
    found = [f"{place} {text[:60]}" for place, text in messages() if SPOKEN.search(text)]
    for path in [*TEMPLATES, *SCRIPTS]:
        lines = enumerate(path.read_text("utf-8").splitlines(), 1)
        found += [f"{path.name}:{n} {SPOKEN.findall(x)}" for n, x in lines if SPOKEN.search(x)]
    assert len(TEMPLATES) > 60
    assert not found, "\n".join(found)


def test_no_word_of_developers_on_a_page() -> None:
    found = []
    for path in TEMPLATES:
        for zh in (a or b for a, b, _, _ in SAID.findall(path.read_text("utf-8"))):
            if DEVELOPED.search(zh):
                found.append(f"{path.name}: {zh}")
    assert not found, "\n".join(found)


def untranslated(text: str) -> list[str]:
    """Chinese of a template that an English page would show: outside `{% t %}`, or with an empty English."""
    bare = [zh for a, b, c, d in SAID.findall(text) if CHINESE.search(zh := a or b) and not (c or d).strip()]
    left = re.sub(r'<([a-z]+)[^>]* lang="zh"[^>]*>[^<]*</\1>', "", text)
    return [x for x in bare if x.strip("，。（）：；") not in MEASURES] + CHINESE.findall(
        TAGS.sub(" ", left) + "".join(SHOWN.findall(left))
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(SOURCE / "site" / "web").as_posix())
def test_every_text_of_a_template_has_its_english(path: Path) -> None:
    assert untranslated(path.read_text("utf-8")) == []


def test_the_scan_finds_what_is_not_translated() -> None:
    assert untranslated('{% t "保存" "" %} {% t "项" "" %} 直接{{ x|default:"空" }} <i lang="zh">中文</i>') == [
        "保存",
        "直接",
        "空",
    ]
    assert untranslated("""{{ x|default:"—" }} {% t "保存" "Save" %}""") == []
