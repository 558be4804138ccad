"""An English page: what the system says in Chinese is said in English (`figures.english`), and what stays Chinese (the
plan's text, names, what people typed) says so with `lang="zh"`, for listeners."""

from __future__ import annotations

import html
import re

from qingmiao.figures.english import CHINESE, Speaker

PIECE = re.compile(r"<!--.*?-->|<(script|style|textarea)\b.*?</\1\s*>|<[^>]*>|[^<]+", re.DOTALL | re.IGNORECASE)
OPTION = re.compile(r"<option\b", re.IGNORECASE)
TITLE = re.compile(r"<title\b", re.IGNORECASE)
WORDS = re.compile(r'\b(title|aria-label|placeholder|alt|data-label)="([^"]*)"')
"""Attributes that people read or hear."""
RUN = re.compile("[《㐀-鿿](?:[^A-Za-z<>]*[㐀-鿿])?")
"""Chinese with the figures and stops inside it."""


def marked(page: str, speaker: Speaker) -> str:
    """HTML with each piece of text in English as far as it is known, and each run of Chinese that is left in a
    `<span lang="zh">`; an `<option>` carries the mark itself, a title none.

    Scripts, styles, comments and what stands in a text area stay as they are; what is marked already too.
    """
    out: list[str] = []
    for found in PIECE.finditer(page):
        piece = found.group()
        if piece.startswith("<"):
            out.append(WORDS.sub(lambda a: _attribute(a, speaker), piece) if CHINESE.search(piece) else piece)
            continue
        before = out[-1] if out else ""
        if 'lang="zh"' in before:
            out.append(piece)
            continue
        said = _said(piece, speaker)
        if not CHINESE.search(said) or TITLE.match(before):
            out.append(said)
        elif OPTION.match(before):
            out[-1] = OPTION.sub('<option lang="zh"', before)
            out.append(said)
        elif re.search("[A-Za-z]", said):
            out.append(RUN.sub(r'<span lang="zh">\g<0></span>', said))
        else:
            out.append(f'<span lang="zh">{said}</span>')
    return "".join(out)


def _said(piece: str, speaker: Speaker) -> str:
    """A piece of text in English; what is a character of HTML stays one."""
    text = html.unescape(piece)
    said = speaker.say(text)
    return piece if said == text else html.escape(said, quote=True)


def _attribute(found: re.Match[str], speaker: Speaker) -> str:
    return f'{found.group(1)}="{_said(found.group(2), speaker)}"'
