"""The inputs of a page's form, as a browser without script would send them."""

from __future__ import annotations

from html.parser import HTMLParser


class Inputs(HTMLParser):
    """Name → values of all inputs that would be sent; `ids` are all ids of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.ids: set[str] = set()
        self.described: set[str] = set()
        self.linked: set[str] = set()
        self._select, self._area, self._template = "", "", 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {k: v or "" for k, v in attrs}
        self._template += tag == "template"
        if self._template:
            return
        self.ids |= {has["id"]} if "id" in has else set()
        self.described |= set(has.get("aria-describedby", "").split())
        if tag == "a" and has.get("href", "").startswith("#"):
            self.linked.add(has["href"][1:])
        if tag == "select":
            self._select = has["name"]
        elif tag == "option" and self._select and "selected" in has:
            self.sent[self._select] = [has["value"]]
        elif tag == "textarea":
            self._area = has["name"]
            self.sent[self._area] = [""]
        elif tag == "input" and has.get("name"):
            box = has.get("type") in ("radio", "checkbox")
            if has.get("type") != "file" and (not box or "checked" in has):
                self.sent.setdefault(has["name"], []).append(has.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        self._template -= tag == "template"
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area
