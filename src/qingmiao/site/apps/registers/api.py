"""The door of registers: what pages and the demonstration ask of them."""

from __future__ import annotations

from datetime import date

from qingmiao.content.registers import RegisterKind
from qingmiao.flow import Flow, Step
from qingmiao.forms import ReadyForm
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, missing, showing, standing
from qingmiao.site.apps.registers.each import rows_for
from qingmiao.site.apps.registers.entering import (
    EntryGiven,
    EntryRefused,
    change,
    enter,
    may_enter,
    move,
    renew_each,
    unconfirmed,
)
from qingmiao.site.apps.registers.importing import Review, carry_out, give_up, marked, review, say_headings, upload
from qingmiao.site.apps.registers.models import RegisterEntry
from qingmiao.site.apps.registers.out import card, exported, sheet
from qingmiao.site.apps.registers.services import HeldBack, known_names, services
from qingmiao.site.apps.registers.showing import (
    EntryPage,
    EntryRow,
    RegisterRow,
    choices_within,
    map_of,
    registers,
)
from qingmiao.site.apps.registers.waiting import EntryWaits, RegistersWait, RegisterWaits, waiting
from qingmiao.site.narrowing import EVERYTHING, Narrowed

__all__ = [
    "AbsentError",
    "ConflictError",
    "EntryGiven",
    "EntryPage",
    "EntryRefused",
    "EntryRow",
    "EntryWaits",
    "HeldBack",
    "NotAllowedError",
    "RegisterRow",
    "RegisterWaits",
    "RegistersWait",
    "Review",
    "card",
    "carry_out",
    "change",
    "choices_within",
    "enter",
    "entry",
    "exported",
    "filling",
    "find",
    "flow",
    "form",
    "give_up",
    "has_any",
    "history",
    "kind",
    "known_names",
    "listed",
    "map_of",
    "marked",
    "may_enter",
    "move",
    "register_missing",
    "registers",
    "renew_each",
    "review",
    "rows_for",
    "say_headings",
    "services",
    "sheet",
    "steps",
    "unconfirmed",
    "unset",
    "upload",
    "waiting",
    "work_out_minimums",
]
SEE = "registers.see"


def kind(reach: Reach, register: str) -> RegisterKind:
    """A register that this person sees. AbsentError for every other."""
    return standing.kind_of(reach, register)


def form(register: str) -> ReadyForm:
    """The form of a register."""
    return books.ready(register).form


def flow(register: str) -> Flow:
    """The states and steps of a register, for filters and histories."""
    return books.flow(register)


def listed(
    reach: Reach, register: str, narrowed: Narrowed = EVERYTHING, *, after: str = "", size: int = 100
) -> tuple[tuple[EntryRow, ...], str]:
    """A page of a register's list (`showing.listed`)."""
    return showing.listed(reach, standing.kind_of(reach, register), narrowed, after=after, size=size)


def find(
    reach: Reach, narrowed: Narrowed, *, after: str = "", size: int = 20
) -> tuple[tuple[tuple[RegisterKind, EntryRow], ...], str]:
    """Entries of every register that this person sees, with their register (`showing.found`)."""
    rows, following = showing.found(reach, narrowed, after=after, size=size)
    return tuple((books.kind(register), row) for register, row in rows), following


def entry(reach: Reach, number: int, day: date | None = None) -> EntryPage:
    """One entry as of a day; the sight of a person's is written down. AbsentError where there is none to see."""
    found = standing.get(reach, number)
    page = showing.page_of(reach, found, day)
    if page.register.of == "person":
        audit.seen(reach.person, SEE, object_type="register_entry", object_id=number)
    return page


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with an entry as it stands."""
    return access.steps(reach, standing.get(reach, number))


def filling(reach: Reach, number: int) -> tuple[dict[str, object], int | None, int]:
    """The answers of an entry that is to be changed, what it belongs to, its version. AbsentError for who may not."""
    found = standing.get(reach, number)
    access.require(reach, found, "change")
    return dict(found.answers), found.within_id, found.version


def register_missing(reach: Reach, register: str) -> tuple[missing.VerdictHere, ...]:
    """What a register's minimums come to, of what this person sees; what is missing most first."""
    found = missing.here(standing.kind_of(reach, register))
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=register)
    seen = set(rows.values_list("pk", flat=True))
    mine = [v for v in found if v.verdict.entry is None or v.verdict.entry in seen]
    return tuple(sorted(mine, key=lambda v: (-v.verdict.short, v.verdict.minimum.id, v.name)))


def unset(register: str) -> tuple[str, ...]:
    """Minimums that the county has not set."""
    return missing.unset(books.ready(register).kind)


def has_any(register: str) -> bool:
    """Whether anything was ever entered into a register."""
    return RegisterEntry.objects.filter(register=register).exists()


def work_out_minimums() -> None:
    """Work out and publish the minimums of every register, at once (the worker does it within a minute else)."""
    missing.every_night()
    missing.publish_waiting()


def history(reach: Reach, number: int) -> object:
    """The audit trail of an entry, newest first."""
    return audit.of_object("register_entry", standing.get(reach, number).pk)
