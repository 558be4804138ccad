"""A public edition as pages show it: the plan's fields, the indicators, their years and townships, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingmiao.site.apps.shelf import api as shelf
from qingmiao.site.web.portal.around import PieceOfNews, ServiceKind, news_of, services_of
from qingmiao.site.web.portal.saying import LANGUAGES, SaidText, said


@dataclass(frozen=True)
class PublicYear:
    """One year: the value as text ("" where it is not shown), and the counts behind it, as far as they are shown."""

    year: int
    value: str
    numerator: int | None
    denominator: int | None
    version: int


@dataclass(frozen=True)
class Town:
    """A township: its name, its place on the map of tiles (column, row; None: not on it) and its years."""

    code: str
    name: str
    tile: tuple[int, int] | None
    years: tuple[PublicYear, ...]

    @property
    def newest(self) -> PublicYear | None:
        """Its newest year with a value."""
        return next((y for y in reversed(self.years) if y.value), None)

    def at(self, year: int) -> str:
        """The value of a year; "" where it is not shown."""
        return next((y.value for y in self.years if y.year == year), "")


@dataclass(frozen=True)
class PublicMatch:
    """What an indicator is called in another framework (the outline, the SDGs), and how closely it fits."""

    type: str
    framework: SaidText
    code: str
    label: SaidText
    fit: SaidText
    note: str


@dataclass(frozen=True)
class PublicIndicator:
    """An indicator with its years in the county and the townships; `breaks`: years not comparable with those before."""

    id: str
    label: SaidText
    unit: str
    better: str
    formula: str
    source: str
    lead: str
    field: str
    targets: tuple[str, ...]
    breaks: tuple[int, ...]
    years: tuple[PublicYear, ...]
    towns: tuple[Town, ...]
    matches: tuple[PublicMatch, ...]

    @property
    def newest(self) -> PublicYear | None:
        """The newest year with a value."""
        return next((y for y in reversed(self.years) if y.value), None)

    @property
    def mapped(self) -> int:
        """The newest year in which two townships or more are shown; 0: none."""
        counts = {y.year: sum(bool(t.at(y.year)) for t in self.towns) for y in self.years}
        return max((year for year, n in counts.items() if n > 1), default=0)


@dataclass(frozen=True)
class PublicTarget:
    """A target of the plan: its words and how it stands."""

    id: str
    label: SaidText
    quote: str
    verdict: str
    standing: SaidText
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class PublicGoal:
    """A goal with its targets, as the plan prints it."""

    number: str
    text: str
    targets: tuple[PublicTarget, ...]


@dataclass(frozen=True)
class PublicField:
    """A field of the plan."""

    id: str
    label: SaidText
    goals: tuple[PublicGoal, ...]

    @property
    def targets(self) -> tuple[PublicTarget, ...]:
        """All its targets."""
        return tuple(t for g in self.goals for t in g.targets)

    def count(self, verdict: str) -> int:
        """How many targets stand so."""
        return sum(t.verdict == verdict for t in self.targets)

    @property
    def met(self) -> int:
        """Targets met."""
        return self.count("met")

    @property
    def not_met(self) -> int:
        """Targets not met."""
        return self.count("not_met")

    @property
    def other(self) -> int:
        """Targets that are not judged, or whose numbers are not shown."""
        return len(self.targets) - self.met - self.not_met


@dataclass(frozen=True)
class YearbookFile:
    """One file: its format, type and size, its hash, its bytes as the shelf holds them (base64)."""

    form: str
    type: str
    size: int
    sha256: str
    base64: str


@dataclass(frozen=True)
class PublicYearbook:
    """The yearbook's files, of which the paths are below `yearbook/`."""

    label: SaidText
    year: int
    files: tuple[YearbookFile, ...]


@dataclass(frozen=True)
class EditionInLanguage:
    """An edition in one language, whole."""

    number: int
    language: str
    title: SaidText
    plan: SaidText
    county: str
    code: str
    year: int
    released_at: datetime
    is_demo: bool
    fields: tuple[PublicField, ...]
    indicators: Mapping[str, PublicIndicator]
    services: tuple[ServiceKind, ...]
    news: tuple[PieceOfNews, ...]
    yearbook: PublicYearbook | None = None

    def of_field(self, field: str) -> list[PublicIndicator]:
        """The indicators of a field, in the order of the plan."""
        return [i for i in self.indicators.values() if i.field == field]


def publications() -> dict[str, EditionInLanguage]:
    """The newest edition in each language; nothing before the first."""
    edition = shelf.newest_edition()
    if edition is None:
        return {}
    plan = shelf.documents(edition.number, "plan")[""]
    kinds = {
        kind: shelf.documents(edition.number, kind)
        for kind in ("indicator", shelf.SERVICES, shelf.NEWS, shelf.YEARBOOK)
    }
    return {language: _publication(edition, plan, kinds, language) for language in LANGUAGES}


def _publication(
    edition: shelf.ShelfEdition, plan: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]], language: str
) -> EditionInLanguage:
    fields = tuple(_field(f, language) for f in plan["fields"])
    order = [i for f in fields for t in f.targets for i in t.indicators]
    documents = kinds["indicator"]
    found = {i: _indicator(documents[i], language) for i in dict.fromkeys(order) if i in documents}
    return EditionInLanguage(
        edition.number, language, said(edition.title, language), said(plan["title"], language),
        plan["county"]["name"], plan["county"]["code"], plan["year"], edition.released_at, edition.is_demo, fields,
        found, services_of(kinds[shelf.SERVICES], language), news_of(kinds[shelf.NEWS].get(""), language),
        _yearbook(next(iter(kinds[shelf.YEARBOOK].values()), None), language),
    )  # fmt: skip


def _yearbook(d: Mapping[str, Any] | None, language: str) -> PublicYearbook | None:
    if d is None:
        return None
    files = tuple(YearbookFile(f["form"], f["type"], f["bytes"], f["sha256"], f["base64"]) for f in d["files"])
    return PublicYearbook(said(d["label"], language), d["year"], files)


def _field(f: Mapping[str, Any], language: str) -> PublicField:
    goals = tuple(
        PublicGoal(g["number"], g["text"], tuple(_target(t, language) for t in g["targets"])) for g in f["goals"]
    )
    return PublicField(f["id"], said(f["label"], language), goals)


def _target(t: Mapping[str, Any], language: str) -> PublicTarget:
    standing = said(t["verdict"], language)
    return PublicTarget(
        t["id"], said(t["label"], language), t["quote"], t["verdict"]["code"], standing, tuple(t["indicators"])
    )  # fmt: skip


def _indicator(d: Mapping[str, Any], language: str) -> PublicIndicator:
    towns = tuple(
        Town(t["code"], t["name"], None if t["tile"] is None else (t["tile"][0], t["tile"][1]), _years(t["rows"]))
        for t in d["towns"]
    )
    return PublicIndicator(
        d["id"], said(d["label"], language), d["unit"], d["better"], d["formula"], d["source"], d["lead"], d["field"],
        tuple(d["targets"]), tuple(d["breaks"]), _years(d["county"]), towns,
        tuple(_match(m, language) for m in d.get("matches", ())),
    )  # fmt: skip


def _match(m: Mapping[str, Any], language: str) -> PublicMatch:
    framework, label, fit = (said(m[key], language) for key in ("framework", "label", "fit"))
    return PublicMatch(m["type"], framework, m["code"], label, fit, m["note"])


def _years(rows: list[Mapping[str, Any]]) -> tuple[PublicYear, ...]:
    return tuple(PublicYear(r["year"], r["value"], r["numerator"], r["denominator"], r["version"]) for r in rows)
