"""A text of the shelf in the language of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class SaidText:
    """A text in the language of the page; `chinese` where a page in English has to show it in Chinese."""

    text: str
    chinese: bool = False

    def __str__(self) -> str:
        return self.text


def said(told: Mapping[str, str], language: str) -> SaidText:
    """What is told in a language, in Chinese where there is no other."""
    english = told.get("en", "")
    if language == "en":
        return SaidText(english) if english else SaidText(told["zh"], chinese=True)
    return SaidText(told["zh"])
