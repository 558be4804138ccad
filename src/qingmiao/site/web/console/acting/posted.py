"""Reading what people typed: dates, numbers, years; each fault in words."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.kernel.figure_texts import FigureError, plain_figure
from qingmiao.site.web.ui import years


def number(text: str, what: str) -> Decimal:
    """A figure as it is read everywhere (`kernel.figure_texts`), 0 for a blank; UserError for anything else."""
    try:
        found = plain_figure(text) or Decimal(0)
    except FigureError as e:
        raise UserError(f"{what}：{e.message}，{e.hint}") from None
    if abs(found) >= 10**10:
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
