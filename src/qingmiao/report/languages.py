"""A resolved report in English: what the pack and the run say in Chinese goes through the catalogue, numbers stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from qingmiao.content import Pack
from qingmiao.content.base import Label
from qingmiao.figures.english import Speaker, english, speaker_of
from qingmiao.report.model import Document, Figure, Text

CHINESE, ENGLISH = "zh", "en"
LANGUAGES: Mapping[str, Label] = {CHINESE: Label(zh="中文", en="Chinese"), ENGLISH: Label(zh="英文", en="English")}
"""The languages that a report can be written in, and what each is called; the first is the one that is meant where none
is named."""
KEPT = frozenset({"command", "version", "code", "sign", "role", "size", "snapshot_id", "run_id", "language", "number"})
"""Fields that hold no words."""


def in_language(document: Document, pack: Pack) -> Document:
    """The document in its own language: English words where it is English; figures and their order are never touched.

    `subject` stays what the title begins with. What has no English stays Chinese.
    """
    if document.language != ENGLISH:
        return document
    speaker = speaker_of(pack)
    told: Document = _told(document, speaker)
    return replace(told, subject=speaker.say(document.subject))


def spec_in(document: Document, spec: dict[str, Any]) -> dict[str, Any]:
    """What a chart is drawn from, its words in the language of the report."""
    if document.language != ENGLISH:
        return spec
    said: dict[str, Any] = _said(spec)
    return said


def _said(value: Any) -> Any:
    """JSON with every text in English; a field's name is no Chinese and stays."""
    if isinstance(value, str):
        return english(value)
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items()}
    return [_said(inner) for inner in value] if isinstance(value, list) else value


def _told(value: Any, speaker: Speaker) -> Any:
    """A part of the document, its words in English; parts of one sentence keep a space between words and figures."""
    if isinstance(value, str):
        return speaker.say(value)
    if isinstance(value, tuple):
        return _spaced(value, tuple(_told(inner, speaker) for inner in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _told(getattr(value, f.name), speaker) for f in fields(value) if f.name not in KEPT}
        return replace(value, **changed)
    return value


def _spaced(before: tuple[Any, ...], parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where Chinese set words and figures close, English sets a space: in front of words that were Chinese and
    behind."""
    out: list[Any] = []
    for i, part in enumerate(parts):
        if i and isinstance(part, Text | Figure) and isinstance(out[-1], Text | Figure):
            mine, last = part.text, out[-1].text
            was = (isinstance(part, Text) and part != before[i]) or (
                isinstance(out[-1], Text) and out[-1] != before[i - 1]
            )
            if was and mine[:1].isalnum() and last[-1:].isalnum():
                out.append(Text(" "))
        out.append(part)
    return tuple(out)
