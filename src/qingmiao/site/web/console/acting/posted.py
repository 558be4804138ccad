"""Reading what people typed: dates, numbers, years; each fault in words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.http import HttpRequest
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.web.ui import years


def number(text: str, what: str) -> Decimal:
    """A number; thousands separators are allowed."""
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", "") or "0")
    except InvalidOperation:
        raise UserError(f"{what}：“{text.strip()[:20]}”不是数字") from None
    if not found.is_finite() or abs(found) >= 10**10:
        raise UserError(f"{what}：数字太大")
    return found


def whole(text: str, what: str) -> int:
    """A whole number."""
    found = number(text, what)
    if found != found.to_integral_value():
        raise UserError(f"{what}：要整数")
    return int(found)


def year_of(request: HttpRequest) -> int:
    """The year of a page; this year where none is asked for."""
    return years.year_of(request, otherwise=timezone.localdate().year)
