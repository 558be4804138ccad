"""What a browser sent of a form, as answers that `forms.fill` judges. Nothing is believed: it only sorts texts by
field.

Names: a field's id; in a repeated group `group.n.field`; a position `field.latitude` …; a file that was kept before
`field.kept` (signed, so that nobody names another's file); what explains a query `explain.check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from qingmiao.forms import FieldFault, ReadyField, ReadyForm
from qingmiao.forms.kinds import PlaceField
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.files import api as files

FILES = ("photo", "file", "signature")
EXPLAIN = "explain."
MORE, LESS = "_more", "_less"
"""Buttons of a page without script: one row more or less of a repeated group."""
SALT = "qingmiao.forms.kept"


@dataclass(frozen=True)
class Given:
    """What was sent. `editing`: a row was asked for or taken away, so nothing is to be judged or stored yet."""

    answers: dict[str, Any] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    faults: tuple[FieldFault, ...] = ()
    """What is wrong with the files, in words."""
    editing: bool = False


def read(ready: ReadyForm, post: QueryDict, uploads: MultiValueDict[str, Any] | None = None) -> Given:
    """Sort what was sent by the form's fields; files are kept at once, so that a refused page loses none."""
    reader = _PostedReader(post, uploads or MultiValueDict())
    answers = reader.fields(ready.fields, "")
    told = {k.removeprefix(EXPLAIN): str(v).strip()[:500] for k, v in post.items() if k.startswith(EXPLAIN)}
    editing = MORE in post or LESS in post
    return Given(answers, {k: v for k, v in told.items() if v}, tuple(reader.faults), editing)


def kept_token(key: str) -> str:
    """The signed name of a kept file, for the page that is shown again."""
    return signing.dumps(key, salt=SALT)


class _PostedReader:
    def __init__(self, post: QueryDict, uploads: MultiValueDict[str, Any]) -> None:
        self.post, self.uploads = post, uploads
        self.faults: list[FieldFault] = []

    def fields(self, fields: tuple[ReadyField, ...], before: str, row: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in fields:
            if one.type == "group":
                found |= {one.id: self.rows(one)} if one.field.repeat else self.fields(one.fields, before)
            elif one.type not in ("computed", "note"):
                found[one.id] = self.answer(one, before + one.id, row)
        return found

    def rows(self, one: ReadyField) -> list[dict[str, Any]]:
        """Rows in the order of their numbers; a row in which nothing is answered is none, unless it was just asked
        for."""
        numbers = sorted({int(n) for n in (self._number(name, one.id) for name in (*self.post, *self.uploads)) if n})
        gone = self.post.get(LESS, "")
        rows = [
            self.fields(one.fields, f"{one.id}.{n}.", at)
            for at, n in enumerate((n for n in numbers[:500] if gone != f"{one.id}.{n}"), start=1)
        ]
        answered = [r for r in rows if any(_something(v) for v in r.values())]
        return [*answered, {}] if self.post.get(MORE) == one.id else answered

    def _number(self, name: str, group: str) -> str:
        """The number of a name's row: "carers.12.days" → "12"."""
        if not name.startswith(f"{group}."):
            return ""
        number = name[len(group) + 1 :].partition(".")[0]
        return number if number.isascii() and number.isdigit() and len(number) < 6 else ""

    def answer(self, one: ReadyField, name: str, row: int | None) -> Any:
        if one.type in FILES:
            return self.file(one, name, row)
        if one.type == "place":
            return {part: self.post.get(f"{name}.{part}", "") for part in PlaceField.names}
        if one.field.multiple:
            return [v for v in self.post.getlist(name) if v]
        return self.post.get(name, "")

    def file(self, one: ReadyField, name: str, row: int | None) -> str:
        upload = self.uploads.get(name)
        if upload is not None:
            try:
                only = () if one.type == "file" else files.IMAGES
                return files.keep(files.ANSWERS, upload, only=only).key
            except UserError as wrong:
                self.faults.append(FieldFault(one.id, str(wrong), row))
                return ""
        try:
            return str(signing.loads(self.post.get(f"{name}.kept", ""), salt=SALT, max_age=files.UNSENT_LASTS))
        except signing.BadSignature:
            return ""


def _something(value: Any) -> bool:
    return any(_something(v) for v in value.values()) if isinstance(value, Mapping) else bool(value)
