"""Every page in English: the only Chinese on it is the plan's text, names and what people typed, and it is marked."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from qingmiao.figures.english import CHINESE, TITLE
from qingmiao.site.apps.directory import sessions
from qingmiao.site.web.ui.language import COOKIE
from qingmiao.site.web.ui.sessions import COOKIE as SESSION
from website.cased import PLAIN
from website.visiting import visited

pytestmark = pytest.mark.django_db
HALF = frozenset({"account.code", "account.enrol"})
KEPT = re.compile(r"<(script|style|textarea|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)
MARKED = re.compile(r'<(span|option|i|button|q|b|td|bdi)\b[^>]*lang="zh"[^>]*>(.*?)</\1>', re.DOTALL)
ATTRIBUTE = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-label)="([^"]*)"')
STOPS = re.compile(r"[\s…，。、：；（）()“”÷×＝=→+]|[-·/.,:;]")
EXCEPTIONS = {
    "publishing.prose": "the report itself, in the language that it is written in",
    "portal.page": "a page of the portal speaks the language of its address",
    "surveys.correct": "a survey speaks the language that its link asks for",
}
"""Pages whose Chinese is none of the site's, with the reason."""
TAUGHT = ("之子", "之女")
"""What a page teaches to write in Chinese: how a child without a name is called."""
SYSTEMS = ("notices_", "audit_", "django_", "procrastinate_")
"""Tables that hold what the system says, not what people typed."""


def texts(value: Any) -> Iterator[str]:
    """Every text of a pack."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, tuple | list | frozenset):
        for inner in value:
            yield from texts(inner)
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        for inner in list(vars(value).values()):
            yield from texts(inner)


def typed() -> Iterator[str]:
    """Every text that the tables of people's work hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb') ORDER BY 1, 2"
        )
        for table, column in cursor.fetchall():
            if table.startswith(SYSTEMS):
                continue
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (text,) in cursor.fetchall():
                yield text.encode().decode("unicode_escape", "replace") if "\\u" in text else text


def close(text: str) -> str:
    """Without space and stops, as a page may set them otherwise."""
    return STOPS.sub("", html.unescape(text))


def test_the_chinese_of_english_pages_is_content_or_names(make_person: Any, pack: Any) -> None:
    pages = dict(_pages(make_person))
    forms = [r.form_no for r in pack.returns.values()] + ["中文", *TAUGHT, PLAIN["child_name"]]
    known = close("\n".join((*texts(tuple(vars(pack).values())), *forms, *typed())))
    wrong = set()
    for name, page in pages.items():
        if name in EXCEPTIONS:
            continue
        unmarked = re.sub("<[^>]*>", " ", MARKED.sub("", page))
        wrong |= {f"{name} not marked: {x}" for x in re.findall("[㐀-鿿]+", unmarked)}
        said = [m[1] for m in MARKED.findall(page)] + ATTRIBUTE.findall(page)
        for text in dict.fromkeys(said):
            runs = re.findall(
                "[㐀-鿿][^A-Za-z]*[㐀-鿿]|[㐀-鿿]", close(TITLE.sub("", html.unescape(re.sub("<[^>]*>", "", text))))
            )
            wrong |= {f"{name}: {run}" for run in runs if run not in known and not _names(run, known)}
    assert len(pages) > 40
    assert sorted(wrong) == []


def _pages(make_person: Any) -> Iterator[tuple[str, str]]:
    for name, address, person in visited(make_person):
        client = Client()
        client.cookies[COOKIE] = "en"
        if person is not None:
            with transaction.atomic():
                client.cookies[SESSION] = sessions.begin(
                    person, second_factor=name not in HALF, address="127.0.0.1", agent="test", now=timezone.now()
                )
        answer = client.get(address)
        if "text/html" in answer.get("Content-Type", "") and not answer.streaming:
            yield name, KEPT.sub("", answer.content.decode())


def _names(run: str, known: str) -> bool:
    """Whether a run is names of the pack side by side (a place and an indicator, units of a list), of two characters
    or more each; what stands behind the last may be figures."""
    reached = {0}
    for end in range(2, len(run) + 1):
        if any(run[at:end] in known for at in reached if end - at >= 2):
            reached.add(end)
    return any(not CHINESE.search(run[at:]) for at in reached)
