"""On an English page what stays Chinese (the plan's text, names, messages) says so with `lang="zh"`, for listeners."""

from __future__ import annotations

import re

CHINESE = re.compile("[㐀-鿿]")
PIECE = re.compile(r"<!--.*?-->|<(script|style|textarea|title)\b.*?</\1\s*>|<[^>]*>|[^<]+", re.DOTALL | re.IGNORECASE)
OPTION = re.compile(r"<option\b", re.IGNORECASE)


def marked(page: str) -> str:
    """HTML with each piece of text that holds Chinese in a `<span lang="zh">`; an `<option>` carries the mark itself.

    Scripts, styles, comments, titles and what stands in a text area stay as they are; what is marked already too.
    """
    out: list[str] = []
    for found in PIECE.finditer(page):
        piece = found.group()
        if piece.startswith("<") or not CHINESE.search(piece):
            out.append(piece)
        elif out and OPTION.match(out[-1]):
            out[-1] = OPTION.sub('<option lang="zh"', out[-1])
            out.append(piece)
        elif out and 'lang="zh"' in out[-1]:
            out.append(piece)
        else:
            out.append(f'<span lang="zh">{piece}</span>')
    return "".join(out)
