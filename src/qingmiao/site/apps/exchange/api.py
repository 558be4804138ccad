"""The exchange's door: make a package, take one, keep a receipt, how it stands."""

from __future__ import annotations

from qingmiao.site.apps.exchange.below import FiguresBelow, figures_below, has_below
from qingmiao.site.apps.exchange.folder import ExchangeFolder, ExchangePartner
from qingmiao.site.apps.exchange.making import NothingToSendError, county_state
from qingmiao.site.apps.exchange.moving import (
    NotAPartnerError,
    PartnerOverview,
    PartnerStatus,
    counties,
    differences_of,
    folder,
    held,
    make_package,
    overview,
    own_code,
    rolled,
    rolled_indicators,
    status,
    take_package,
    take_receipt,
)
from qingmiao.site.apps.exchange.sending import OVER_THE_LINE, NotSentError, send

__all__ = [
    "OVER_THE_LINE", "ExchangeFolder", "ExchangePartner", "FiguresBelow", "NotAPartnerError", "NotSentError",
    "NothingToSendError", "PartnerOverview", "PartnerStatus", "counties", "county_state", "differences_of",
    "figures_below", "folder", "has_below", "held", "make_package", "overview", "own_code", "rolled",
    "rolled_indicators", "send", "status", "take_package", "take_receipt",
]  # fmt: skip
