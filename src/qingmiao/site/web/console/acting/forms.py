"""Reading what people typed: dates, numbers, years; each fault in words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.web.ui import given as asked


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


def year_of(text: str) -> int:
    """The year of a page; this year where none is asked for."""
    found = asked.whole(text, 0)
    return found if 1990 <= found <= 2200 else timezone.localdate().year


def years() -> list[int]:
    """The years that pages offer."""
    now = timezone.localdate().year
    return list(range(now + 1, now - 6, -1))
