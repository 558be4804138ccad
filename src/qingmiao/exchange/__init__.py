"""County → city → province: signed packages of totals, received in any order; sums of counts; no database, no child."""

from __future__ import annotations

from qingmiao.exchange.differences import ExchangeDifference, differences
from qingmiao.exchange.packages import (
    ExchangePackage,
    PackageError,
    ReceiptError,
    SignedReceipt,
    open_package,
    open_receipt,
    seal_package,
    seal_receipt,
)
from qingmiao.exchange.receiving import HeldState, Outcome, TakenPackage, next_number, take
from qingmiao.exchange.rolling import RolledIndicator, roll_up
from qingmiao.exchange.signing import ExchangeKeyError, new_private_key, public_key_of
from qingmiao.exchange.state import CountyState, ExchangedFigure, ExchangedReturn, ExchangedWarning

__all__ = [
    "CountyState", "ExchangeDifference", "ExchangeKeyError", "ExchangePackage", "ExchangedFigure", "ExchangedReturn",
    "ExchangedWarning", "HeldState", "Outcome", "PackageError", "ReceiptError", "RolledIndicator", "SignedReceipt",
    "TakenPackage", "differences", "new_private_key", "next_number", "open_package", "open_receipt", "public_key_of",
    "roll_up", "seal_package", "seal_receipt", "take",
]  # fmt: skip
