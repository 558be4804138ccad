"""Tags and filters that every template has."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.content.citing import cited, method_cited
from qingmiao.kernel.rounding import half_up
from qingmiao.site.web.ui import agents, once
from qingmiao.site.web.ui.cards import labelled
from qingmiao.site.web.ui.language import CURRENT, t
from qingmiao.site.web.ui.tight import tight

register = template.Library()


@register.simple_tag(name="t")
def translate(zh: str, en: str) -> str:
    """The text in the language of the page."""
    return t(zh, en)


register.tags["t"] = tight(register.tags["t"])


@register.filter(name="l")
def label(value: Any) -> str:
    """A pack's label in the language of the page (Chinese where there is no English)."""
    if value is None:
        return ""
    zh, en = getattr(value, "zh", None), getattr(value, "en", None)
    if zh is None:
        return str(value)
    return str((en or zh) if CURRENT.get() == "en" else zh)


@register.simple_block_tag(name="table")
def table(content: str, also: str = "") -> SafeString:
    """A table of the site: it scrolls in its own frame, and on a phone a row is a card."""
    return format_html(
        '<div class="scroll"><table class="table cards {}">{}</table></div>', also, SafeString(labelled(content))
    )


@register.filter
def number(value: Any, decimals: int = 0) -> str:
    """A number with thousands separators, rounded half up; a dash where there is none."""
    if value is None or value == "":
        return "—"
    return f"{half_up(Fraction(Decimal(repr(float(value)))), int(decimals)):,}"


@register.filter
def agent(said: str) -> str:
    """The browser and machine of a session in words."""
    return agents.in_words(said)


@register.filter
def size(count: int) -> str:
    """The size of a file as people read it: whole KB below one MB, then MB with one decimal; never bytes."""
    kilobytes = half_up(Fraction(count, 1024), 0)
    return f"{max(kilobytes, 1):,} KB" if kilobytes < 1024 else f"{half_up(Fraction(count, 1024**2), 1):,} MB"


@register.filter
def plain(value: Any) -> str:
    """A count as people write it: whole numbers without decimals; a dash where there is none."""
    if value is None or value == "":
        return "—"
    return f"{int(value):,}" if float(value) == int(value) else f"{float(value):,.10g}"


@register.filter
def signed(value: float | None) -> str:
    """Dioptres with their sign and two decimals (+0.50, −1.25, 0.00); nothing where there is none."""
    if value is None:
        return ""
    rounded = half_up(value, 2)
    return f"{'' if not rounded else '−' if rounded < 0 else '+'}{abs(rounded):.2f}"


@register.simple_tag(takes_context=True)
def csrf_token(context: dict[str, Any]) -> SafeString:
    """What every posting form carries, in the place of Django's tag: who it comes from, and its operation's id
    (`ui.once`)."""
    fields = '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="{}">'
    return format_html(fields, context.get("csrf_token", ""), once.FIELD, once.new_id())


@register.filter
def drawing(svg: str) -> SafeString:
    """A drawing of our own as it is: SVG whose texts its maker escaped; anything else raises ValueError."""
    if not svg.startswith("<svg ") or "<script" in svg:
        raise ValueError("not a drawing")
    return mark_safe(svg)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One drawing of the sprite, hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" width="16" height="16"><use href="#i-{}"></use></svg>', name
    )


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], prefix: str) -> SafeString | str:
    """Marks the navigation entry of the present page."""
    request = context.get("request")
    return SafeString('aria-current="page"') if request is not None and request.path.startswith(prefix) else ""


@register.simple_tag(takes_context=True)
def typed(context: dict[str, Any], step: str, name: str) -> str:
    """What was typed for a step that was refused: the page is shown again with it; empty on any other page."""
    request = context.get("request")
    if request is None or request.method != "POST" or step not in (request.POST.get("do"), request.POST.get("action")):
        return ""
    return str(request.POST.get(name, ""))


@register.simple_tag
def origin(found: Any) -> SafeString | str:
    """Where something came from (`label`, `page`, `arguments`): its words, with a link where it has a page."""
    if not found.page:
        return str(found.label)
    return format_html('<a href="{}">{}</a>', reverse(found.page, args=found.arguments), found.label)


@register.filter
def unit(value: str) -> str:
    """A unit as it stands behind a number: 12.9/10万, not 12.91/10万."""
    return shown_unit(value or "")


@register.filter
def column_unit(value: str) -> str:
    """The unit over a column of numbers, as it stands behind one; what an index counts from; — where there is none."""
    return shown_unit(value or "") or value or "—"


@register.filter
def facts(value: dict[str, Any]) -> str:
    """A record's details on one line: name=value, a space between; nested ones as JSON."""
    return "　".join(
        f"{k}={v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}" for k, v in (value or {}).items()
    )


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """mapping[key], or None."""
    return mapping.get(key) if mapping is not None else None


@register.filter
def citation(source: Any) -> str:
    """A source as an official cites it."""
    return cited(source)


@register.filter
def method_citation(source: Any) -> str:
    """The source of an indicator, with what no document has set."""
    return method_cited(source)


@register.filter
def zipped(values: Any, names: Any) -> list[tuple[Any, Any]]:
    """Pairs of each name and its value."""
    return list(zip(names, values, strict=True))


@register.inclusion_tag("ui/value.html")
def value(shown: Any, *, unit: bool = False) -> dict[str, Any]:
    """A number that opens its lineage in the drawer; a dash with its reason where there is none."""
    return {"v": shown, "unit": unit, "lineage": _lineage(shown) if getattr(shown, "text", "") else ""}


def _lineage(shown: Any) -> str:
    """The address of what a number came from."""
    asked = {"indicator": shown.indicator, "area": shown.area, "year": shown.year}
    return "/lineage?" + urlencode(asked | ({"dims": shown.dims} if shown.dims else {}))


@register.inclusion_tag("ui/sign.html")
def sign(mark: Any) -> dict[str, Any]:
    """One of the three answers: sign, word and colour, with its reason."""
    return {"m": mark}
