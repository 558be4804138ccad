"""Packages made, taken and answered; every one leaves an event of the trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from qingmiao.exchange import (
    CountyState,
    ExchangeDifference,
    ExchangePackage,
    HeldState,
    Outcome,
    PackageError,
    RolledIndicator,
    SignedReceipt,
    TakenPackage,
    next_number,
    open_package,
    open_receipt,
    roll_up,
    seal_package,
    seal_receipt,
    take,
)
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.exchange.folder import ExchangeFolder, ExchangePartner
from qingmiao.site.apps.exchange.making import county_state
from qingmiao.site.pack import pack

SHOWN = 12
"""Packages of a partner that an overview tells of."""
MOMENT = "%Y-%m-%dT%H:%M:%S%z"


class NotAPartnerError(UserError):
    """Somebody who is not registered as a partner."""


def folder() -> ExchangeFolder:
    """The exchange of this site."""
    return ExchangeFolder(Path(settings.HOME) / "exchange")


def own_code() -> str:
    """The code of the area that this site serves."""
    root = pack().root_area
    if root is None:
        raise UserError("内容包没有写明是哪个地区的规划，不能交换")
    return root.code


def state_to_send(own: str, held: dict[str, HeldState], made: Callable[[], CountyState] = county_state) -> CountyState:
    """What a node tells its superior: a city the sums of its counties, a county its own newest run."""
    below = counties()
    if not below:
        return made()
    states = {code: one.state for code, one in held.items() if code in below}
    return roll_up(own, below, states, rolled_indicators())


def rolled() -> CountyState:
    """What a city's counties sent, and the sums. Raises `NotAPartnerError` where there is none below."""
    if not counties():
        raise NotAPartnerError("没有登记下级，没有可以相加的数")
    return state_to_send(own_code(), held())


def counties() -> tuple[str, ...]:
    """The areas right below this site's that are nodes of their own: registered partners below it."""
    content, own = pack(), own_code()
    areas = content.areas
    return tuple(sorted(c for c in folder().partners() if c in areas and areas[c].parent == own))


def rolled_indicators() -> dict[str, RolledIndicator]:
    """The indicators whose counts can be added: not those made of other indicators, nor those without counts."""
    found = {}
    for i in pack().indicators.values():
        newest = i.definitions[-1]
        if newest.combine is None and newest.numerator is not None:
            found[i.id] = RolledIndicator(i.factor, i.decimals, newest.denominator is not None)
    return found


def make_package(actor: audit.Actor, receiver: str, *, at: datetime) -> tuple[ExchangePackage, bytes]:
    """A package of the present state for a partner; kept, so that it can be sent again."""
    own, here = own_code(), folder()
    if receiver not in here.partners():
        raise NotAPartnerError(f"没有登记 {receiver}；先登记对方的公钥（qingmiao exchange partner）")
    with here.locked(), transaction.atomic():
        number = next_number(here.sent(receiver), here.receipts(own, receiver))
        package = ExchangePackage(own, receiver, number, at.strftime(MOMENT), state_to_send(own, held()))
        raw = seal_package(package, here.private_key())
        detail = {"to": receiver, "number": number, "figures": len(package.state.figures)}
        audit.append(actor, "exchange.pack", object_type="exchange", object_id=receiver, detail=detail)
        here.write(f"sent/{receiver}/{number}.qmx", raw)
    return package, raw


def take_package(actor: audit.Actor, raw: bytes, *, at: datetime) -> tuple[TakenPackage, bytes]:
    """Take a package; what is held now, and the signed receipt. Raises `PackageError` for what is not let through."""
    own, here = own_code(), folder()
    package = open_package(raw, own, here.keys())
    with here.locked(), transaction.atomic():
        done = take(held().get(package.sender), package, at=at.strftime(MOMENT))
        detail = {"from": package.sender, "number": package.number, "outcome": done.outcome.value}
        audit.append(actor, "exchange.take", object_type="exchange", object_id=package.sender, detail=detail)
        if done.outcome is Outcome.TAKEN:
            told = json.dumps(_summary(package, done, at.date().isoformat()), ensure_ascii=False).encode()
            here.write(f"differences/{package.sender}/{package.number}.json", told)
            here.write(f"taken/{package.sender}.qmx", raw)
    return done, seal_receipt(done.receipt, here.private_key())


def take_receipt(actor: audit.Actor, raw: bytes) -> SignedReceipt:
    """Keep a receipt that came back. Raises `ReceiptError`."""
    own, here = own_code(), folder()
    receipt = open_receipt(raw, own, here.keys())
    with here.locked(), transaction.atomic():
        detail = {"to": receipt.receiver, "number": receipt.number, "outcome": receipt.outcome}
        audit.append(actor, "exchange.receipt", object_type="exchange", object_id=receipt.receiver, detail=detail)
        here.write(f"receipts/{receipt.receiver}/{receipt.number:08d}-{receipt.outcome}.qmr", raw)
    return receipt


def held() -> dict[str, HeldState]:
    """The newest state of each sender, read from the very packages that came."""
    here, own, found = folder(), own_code(), {}
    for code in here.partners():
        raw = here.read(f"taken/{code}.qmx")
        if raw is not None:
            try:
                package = open_package(raw, own, here.keys())
            except PackageError:  # signed with a key that the partner has changed: its next package is the first again
                continue
            found[code] = HeldState(package.number, package.digest, package.made_at, package.state)
    return found


def differences_of(sender: str) -> list[dict[str, Any]]:
    """What each package of a sender changed, the newest first."""
    kept = sorted((folder().root / "differences" / sender).glob("*.json"), key=lambda p: -int(p.stem))
    return [json.loads(path.read_text("utf-8")) for path in kept]


@dataclass(frozen=True)
class PartnerStatus:
    """How the exchange with a partner stands."""

    partner: ExchangePartner
    sent: int
    confirmed: int
    held: HeldState | None

    @property
    def waiting(self) -> bool:
        """A package was made that the partner has not confirmed."""
        return self.sent > self.confirmed


@dataclass(frozen=True)
class PartnerOverview:
    """The exchange with a partner: packages made and confirmed, and what its last packages brought (newest first)."""

    partner: ExchangePartner
    sent: int
    confirmed: int
    came: tuple[dict[str, Any], ...]

    @property
    def waiting(self) -> bool:
        """A package was made that the partner has not confirmed."""
        return self.sent > self.confirmed


def status() -> list[PartnerStatus]:
    """How the exchange with each partner stands."""
    here, own, states = folder(), own_code(), held()
    return [
        PartnerStatus(
            partner, max(here.sent(code), default=0), max((r.number for r in here.receipts(own, code)), default=0),
            states.get(code),
        )
        for code, partner in here.partners().items()
    ]  # fmt: skip


def overview() -> list[PartnerOverview]:
    """How the exchange with each partner stands, from what was kept when packages came; no package is opened."""
    here, own = folder(), own_code()
    return [
        PartnerOverview(
            partner, max(here.sent(code), default=0), max((r.number for r in here.receipts(own, code)), default=0),
            tuple(differences_of(code)[:SHOWN]),
        )
        for code, partner in here.partners().items()
    ]  # fmt: skip


def _summary(package: ExchangePackage, done: TakenPackage, today: str) -> dict[str, Any]:
    state = package.state
    late = [r for r in state.returns if not r.received and r.due < today]
    return {
        "number": package.number, "at": done.receipt.at, "figures": len(state.figures), "returns": len(state.returns),
        "late": [{"return": r.return_id, "area": r.area, "year": r.year, "due": r.due} for r in late],
        "warnings": [{"told": w.told, "since": w.since[:10]} for w in state.warnings],
        "changed": [_told(d) for d in done.changed],
    }  # fmt: skip


def _told(d: ExchangeDifference) -> dict[str, Any]:
    f = d.figure
    return {
        "indicator": f.indicator, "area": f.area, "year": f.year, "reason": d.reason,
        "before": "" if d.before is None else d.before.value, "after": "" if d.after is None else d.after.value,
    }  # fmt: skip
