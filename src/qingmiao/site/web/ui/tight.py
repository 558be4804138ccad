"""Chinese punctuation carries its own room: no space follows it, though English words at the same place need one.

`{% t "…；" "…;" %}` at the end of a template's line would be followed by the line's end, which a browser shows as a
space. It is taken away when the template is read, so no page pays for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template.base import Node, Parser, Token, TokenType
from django.utils.safestring import SafeString

from qingmiao.site.web.ui.language import CURRENT

TIGHT = "，。；：、！？（“《"
"""After these no space is shown."""
Compile = Callable[[Parser, Token], Node]


class Spaced(Node):
    """A text whose Chinese ends tight, and the space that follows it in English alone."""

    def __init__(self, text: Node) -> None:
        self.text = text

    def render(self, context: Any) -> SafeString:
        space = " " if CURRENT.get() == "en" else ""
        return SafeString(f"{self.text.render_annotated(context)}{space}")


def tight(plain: Compile) -> Compile:
    """The compiling of `{% t %}`, that takes away the white space after a Chinese text which ends tight."""

    def compiled(parser: Parser, token: Token) -> Node:
        node = plain(parser, token)
        bits = token.split_contents()
        zh, kept = bits[1], bits[-2] == "as"
        following = parser.tokens[-1] if parser.tokens else None
        if kept or zh[:1] not in "\"'" or zh[-2:-1] not in TIGHT or not isinstance(following, Token):
            return node
        if following.token_type != TokenType.TEXT or not following.contents[:1].isspace():
            return node
        following.contents = following.contents.lstrip()
        return Spaced(node)

    return compiled
