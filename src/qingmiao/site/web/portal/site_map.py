"""The portal as files: every path of an edition and how its bytes are made. Live pages and exported files are one."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from qingmiao.sdmx import as_csv, as_structure_xml, as_xml
from qingmiao.site.web.portal import downloads
from qingmiao.site.web.portal.around import FIRST, ServiceKind
from qingmiao.site.web.portal.charts import line, tiles
from qingmiao.site.web.portal.exchanged import five_lines, sdmx_of
from qingmiao.site.web.portal.publication import EditionInLanguage, PublicField, PublicIndicator
from qingmiao.site.web.portal.saying import LANGUAGES
from qingmiao.site.web.portal.words import words

ASSETS = Path(__file__).with_name("assets")
HTML, CSV, JSON, CSS = "text/html; charset=utf-8", "text/csv; charset=utf-8", "application/json", "text/css"
XML, SCRIPT = "application/xml", "text/javascript; charset=utf-8"
ASSET_TYPES = {".css": CSS, ".js": SCRIPT}
Maker = Callable[[], bytes]


@dataclass(frozen=True)
class PortalFile:
    """A file of the portal: its type, and what makes its bytes; `embeds`: other sites may show it in a frame."""

    type: str
    make: Maker
    embeds: bool = False


def files(editions: Mapping[str, EditionInLanguage]) -> dict[str, PortalFile]:
    """Every path of the portal, for the newest edition in each language (none: the page that says so)."""
    found = {
        f"assets/{path.name}": PortalFile(ASSET_TYPES[path.suffix], partial(path.read_bytes))
        for path in sorted(ASSETS.iterdir())
        if path.suffix in ASSET_TYPES
    }
    if not editions:
        return found | {"index.html": _page("empty", "zh", "", {"e": None})}
    found["index.html"] = _page("door", "zh", "", {"e": editions["zh"]})
    for edition in editions.values():
        found |= _of_language(edition)
    chinese = editions["zh"]
    found["data/all.csv"] = PortalFile(CSV, partial(downloads.as_csv, chinese, chinese.indicators.values()))
    found["data/datapackage.json"] = PortalFile(JSON, partial(downloads.data_package, chinese))
    found |= _of_sdmx(editions)
    for one in chinese.yearbook.files if chinese.yearbook is not None else ():
        found[f"data/yearbook.{one.form}"] = PortalFile(one.type, partial(b64decode, one.base64))
    for indicator in chinese.indicators.values():
        found[f"data/{indicator.id}.csv"] = PortalFile(CSV, partial(downloads.as_csv, chinese, [indicator]))
        found[f"data/{indicator.id}.json"] = PortalFile(JSON, partial(downloads.as_json_stat, chinese, indicator))
    return found


def _of_sdmx(editions: Mapping[str, EditionInLanguage]) -> dict[str, PortalFile]:
    def structure() -> bytes:
        data = sdmx_of(editions)
        return as_structure_xml(data.structure, data.prepared, is_test=data.is_test)

    return {
        "data/sdmx/structure.xml": PortalFile(XML, structure),
        "data/sdmx/data.csv": PortalFile(CSV, lambda: as_csv(sdmx_of(editions))),
        "data/sdmx/data.xml": PortalFile(XML, lambda: as_xml(sdmx_of(editions))),
    }


def _of_language(e: EditionInLanguage) -> dict[str, PortalFile]:
    five = {"five": five_lines(e)}
    found = {
        "index.html": _page("overview", e.language, "index.html", {"e": e, "news": e.news[:FIRST]}),
        "indicators.html": _page("indicators", e.language, "indicators.html", {"e": e, "groups": _groups(e)}),
        "data.html": _page("data", e.language, "data.html", {"e": e, "columns": _columns(e.language), **five}),
        "about.html": _page("about", e.language, "about.html", {"e": e}),
        "services/index.html": _page("services", e.language, "services/index.html", {"e": e}),
        "news.html": _page("news", e.language, "news.html", {"e": e}),
    }
    for kind in e.services:
        found[f"services/{kind.id}.html"] = _of_kind(e, kind)
    for field in e.fields:
        path = f"fields/{field.id}.html"
        found[path] = _page("field", e.language, path, {"e": e, "field": field})
    for i in e.indicators.values():
        for template, embeds in (("indicator", False), ("chart", True)):
            path = f"{template}s/{i.id}.html"
            found[path] = _page(template, e.language, path, {"e": e, "i": i}, _drawn(e, i), embeds=embeds)
    return {f"{e.language}/{path}": file for path, file in found.items()}


def _page(
    template: str,
    language: str,
    path: str,
    given: dict[str, Any],
    more: Callable[[], dict[str, Any]] = dict,
    *,
    embeds: bool = False,
) -> PortalFile:
    """A page of a language; `path` below the language's folder, empty for one above both."""
    root = "../" * (path.count("/") + 1) if path else ""
    other = next(x for x in LANGUAGES if x != language)

    def make() -> bytes:
        told = {"w": words(language), "lang": language, "other": other, "root": root, "path": path}
        return render_to_string(f"portal/{template}.html", {**told, **given, **more()}).encode()

    return PortalFile(HTML, make, embeds)


def _of_kind(e: EditionInLanguage, kind: ServiceKind) -> PortalFile:
    return _page("service", e.language, f"services/{kind.id}.html", {"e": e, "kind": kind})


def _drawn(e: EditionInLanguage, i: PublicIndicator) -> Callable[[], dict[str, Any]]:
    def drawn() -> dict[str, Any]:
        targets = [t for f in e.fields for t in f.targets if t.id in i.targets]
        shown = [(t, [t.at(y.year) for y in i.years]) for t in i.towns]
        return {"line": line(i), "tiles": tiles(i), "served": targets, "towns": shown}

    return drawn


def _groups(e: EditionInLanguage) -> list[tuple[PublicField, list[PublicIndicator]]]:
    return [(f, e.of_field(f.id)) for f in e.fields if e.of_field(f.id)]


def _columns(language: str) -> list[tuple[str, str]]:
    return [(name, zh if language == "zh" else en) for name, (_, zh, en) in downloads.ABOUT.items()]
