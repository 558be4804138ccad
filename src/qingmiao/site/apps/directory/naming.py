"""What a user name and a person's name may be, asked before anything is stored."""

from __future__ import annotations

import re

from qingmiao.kernel.decisions import YES, Decision, no

LEAST, MOST = 2, 40
"""Characters of a user name (local setting; at most what the column holds)."""
MOST_NAME, MOST_POST = 40, 60
"""Characters of a person's name and of a post: what the columns hold."""
RESERVED = frozenset({"system", "anonymous", "new"})
"""User names that would be taken for a job or a visitor in the audit trail, or for the address of another page."""
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def username_fits(text: str) -> Decision:
    """A user name: 2 to 40 ASCII letters, digits, dots, underscores, hyphens, first a letter or digit; it is free."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    if not LEAST <= len(text) <= MOST:
        return no(f"用户名要有 {LEAST}—{MOST} 个字符（现在 {len(text)} 个）")
    if not _USERNAME.fullmatch(text):
        return no(f"用户名“{shown}”只能用英文字母、数字和 . _ -，并以字母或数字开头；请改用拼音或工号")
    if text.lower() in RESERVED:
        return no(f"用户名“{text}”系统自己要用，请换一个")
    return YES


def words_fit(what: str, text: str, most: int, *, least: int = 0) -> Decision:
    """A name or post has at most so many characters, none of which is a control character."""
    if len(text) < least:
        return no(f"请填写{what}")
    if len(text) > most:
        return no(f"{what}最多 {most} 个字（现在 {len(text)} 个）")
    return YES if text.isprintable() else no(f"{what}里有看不见的控制字符，请重新输入")
