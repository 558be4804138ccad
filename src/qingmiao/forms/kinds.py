"""One class per field type: it reads what people type, checks, shows, stores, describes and exports. `KINDS` is the
registry.

A new type is one class here, its word in `content.forms.FieldType` and what expressions see of it in
`content.form_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar
from unicodedata import category

from qingmiao.content.facts import ColumnType
from qingmiao.content.faults import near
from qingmiao.content.words import truth
from qingmiao.forms.ready import ReadyField
from qingmiao.forms.values import Position, Value, decimal_text
from qingmiao.kernel.day_texts import read_day, read_moment
from qingmiao.kernel.identifiers import read_identifier
from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.kernel.number_texts import read_decimal
from qingmiao.kernel.time_texts import read_time

Schema = dict[str, Any]
TEXT_MAX, LONG_TEXT_MAX = 500, 20_000
HIDDEN = ("Cc", "Cs", "Co")
"""Unicode categories that no text holds: controls, halves of pairs, private use. A full-width space is a space."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows: a text would read otherwise than it is stored."""
DIGITS_MAX = 15
"""Digits before the point, so that no other program loses any."""


class FieldKind:
    """How one type of field behaves. Answers come as text or as the stored value; None and blank text are missing."""

    name: ClassVar[str]
    """The word in a form's `type`."""
    answered: ClassVar[bool] = True
    """Whether a person answers it."""
    column: ClassVar[ColumnType | None] = "text"
    """The type of the fact column that holds it; None where no column can."""
    xlsform: ClassVar[str]
    appearance: ClassVar[str] = ""
    fhir: ClassVar[str]

    def parse(self, one: ReadyField, given: object) -> Value | None:
        """The answer that was given; None for a blank one. Raises MisreadError with the nearest right answer."""
        text = _text(given)
        return text or None

    def check(self, one: ReadyField, value: Value) -> str:
        """Why a read answer is out of its range, in Chinese; empty where it is not."""
        return ""

    def show(self, one: ReadyField, value: Value) -> str:
        """The answer as people read it."""
        return str(value)

    def stored(self, value: Value) -> Any:
        """The answer as JSON holds it (numbers with a fraction as text, so that no digit is lost)."""
        return value

    def json_schema(self, one: ReadyField) -> Schema:
        """What `stored` gives, as JSON Schema."""
        return {"type": "string", "minLength": 1}

    def export(self, one: ReadyField, value: Value) -> dict[str, str]:
        """Column header → cell of a flat file."""
        return {one.id: str(self.stored(value))}


class _Text(FieldKind):
    limit: ClassVar[int] = TEXT_MAX

    def parse(self, one: ReadyField, given: object) -> Value | None:
        text = _text(given).strip()
        if any(category(c) in HIDDEN or c in TURNING for c in text if c not in "\n\t\r"):
            raise MisreadError("control", "文字里有看不见的控制字符，请重新输入")
        return text.replace("\r\n", "\n") or None

    def check(self, one: ReadyField, value: Value) -> str:
        size = len(str(value))
        return f"有 {size} 个字，最多 {self.limit} 个字" if size > self.limit else ""

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.limit}


class TextField(_Text):
    """One line of text."""

    name, xlsform, fhir = "text", "text", "string"

    def check(self, one: ReadyField, value: Value) -> str:
        return "只能写一行" if "\n" in str(value) else super().check(one, value)


class LongTextField(_Text):
    """Several lines of text."""

    name, xlsform, fhir, appearance, limit = "long_text", "text", "text", "multiline", LONG_TEXT_MAX


class NumberField(FieldKind):
    """A number, kept digit for digit."""

    name: ClassVar[str] = "number"
    column: ClassVar[ColumnType | None] = "number"
    xlsform: ClassVar[str] = "decimal"
    fhir: ClassVar[str] = "decimal"
    pattern: ClassVar[str] = r"^-?(0|[1-9]\d*)(\.\d*[1-9])?$"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        if isinstance(given, bool):
            raise MisreadError("not_a_number", f"「{given}」不是数")
        number = given if isinstance(given, Decimal) else read_decimal(_text(given))
        if number is None:
            return None
        if not number.is_finite() or number.adjusted() >= DIGITS_MAX or number.adjusted() < -DIGITS_MAX:
            if number.is_finite() and number == 0:
                return Decimal(0)
            raise MisreadError("too_many_digits", f"「{given}」的位数太多，不是可以填报的数")
        return number

    def check(self, one: ReadyField, value: Value) -> str:
        assert isinstance(value, int | Decimal)
        low, high = one.field.min, one.field.max
        unit = one.field.unit
        if low is not None and value < Decimal(repr(low)):
            return f"{decimal_text(value)}{unit} 小于允许的 {low:.15g}{unit}"
        if high is not None and value > Decimal(repr(high)):
            return f"{decimal_text(value)}{unit} 大于允许的 {high:.15g}{unit}"
        return ""

    def show(self, one: ReadyField, value: Value) -> str:
        assert isinstance(value, int | Decimal)
        return decimal_text(value) + (f" {one.field.unit}" if one.field.unit else "")

    def stored(self, value: Value) -> Any:
        assert isinstance(value, int | Decimal)
        return decimal_text(value)

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "string", "pattern": self.pattern} | _said(one, "minimum", "maximum", prefix="x-")


class IntegerField(NumberField):
    """A whole number."""

    name, column, xlsform, fhir = "integer", "integer", "integer", "integer"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        number = super().parse(one, given)
        if number is None:
            return None
        assert isinstance(number, int | Decimal)
        if number != int(number):
            raise MisreadError("not_whole", f"「{decimal_text(number)}」不是整数")
        return int(number)

    def stored(self, value: Value) -> Any:
        return value

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "integer"} | _said(one, "minimum", "maximum")


class BooleanField(FieldKind):
    """Yes or no."""

    name, column, xlsform, fhir = "boolean", "boolean", "select_one yes_no", "boolean"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        if isinstance(given, bool):
            return given
        text = _text(given).strip()
        if not text:
            return None
        value = truth(text)
        if value is None:
            raise MisreadError("not_a_truth", f"「{text}」不是“是”或“否”", "是 或 否")
        return value

    def show(self, one: ReadyField, value: Value) -> str:
        return "是" if value else "否"

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "boolean"}

    def export(self, one: ReadyField, value: Value) -> dict[str, str]:
        return {one.id: "true" if value else "false"}


class DateField(FieldKind):
    """A day of China."""

    name, column, xlsform, fhir = "date", "date", "date", "date"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        return given if type(given) is date else read_day(_text(given))

    def show(self, one: ReadyField, value: Value) -> str:
        assert isinstance(value, date)
        return f"{value.year}年{value.month}月{value.day}日"

    def stored(self, value: Value) -> Any:
        assert isinstance(value, date)
        return value.isoformat()

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "string", "format": "date"}


class TimeField(FieldKind):
    """An hour and minute of the day; expressions read it as text, "08:30"."""

    name, xlsform, fhir = "time", "time", "time"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        read = given if isinstance(given, time) else read_time(_text(given))
        return None if read is None else f"{read:%H:%M}"

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}


class MomentField(FieldKind):
    """A day with an hour and minute, China's clock; expressions read it as text, "2026-03-02T08:30", which sorts by
    time."""

    name, xlsform, fhir = "datetime", "dateTime", "dateTime"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        read = read_moment(_text(given))
        return None if read is None else read.isoformat(timespec="minutes")

    def show(self, one: ReadyField, value: Value) -> str:
        return str(value).replace("T", " ")

    def json_schema(self, one: ReadyField) -> Schema:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$"}


class CodeField(FieldKind):
    """One code of a list, or several."""

    name, column, xlsform, fhir = "code", "code", "select_one", "choice"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        if not one.field.multiple:
            if isinstance(given, list | tuple):
                if len(given) > 1:
                    raise MisreadError("many_codes", "只能选一项")
                given = given[0] if given else None
            text = half_width(_text(given))
            return _chosen(text, one.choices, "选项") if text else None
        parts = list(given) if isinstance(given, list | tuple) else _parts(_text(given), one.choices)
        found = {_chosen(half_width(_text(p)), one.choices, "选项") for p in parts if _text(p).strip()}
        return tuple(c for c in one.choices if c in found) or None

    def show(self, one: ReadyField, value: Value) -> str:
        codes = value if isinstance(value, tuple) else (str(value),)
        return "、".join(one.choices.get(c, c) for c in codes)

    def stored(self, value: Value) -> Any:
        return list(value) if isinstance(value, tuple) else value

    def json_schema(self, one: ReadyField) -> Schema:
        single = {"oneOf": [{"const": c, "title": t} for c, t in one.choices.items()]}
        if one.field.multiple:
            return {
                "type": "array",
                "items": {"type": "string", **single},
                "minItems": 1,
                "uniqueItems": True,
            }
        return {"type": "string", **single}

    def export(self, one: ReadyField, value: Value) -> dict[str, str]:
        """Several codes are one column of 0 and 1 for each."""
        if isinstance(value, tuple):
            return {f"{one.id}.{c}": "1" if c in value else "0" for c in one.choices}
        return {one.id: str(value)}


class _Known(FieldKind):
    """A code of the pack's own things."""

    xlsform, fhir = "select_one", "choice"
    word: ClassVar[str]

    def parse(self, one: ReadyField, given: object) -> Value | None:
        text = half_width(_text(given))
        if not text:
            return None
        return _chosen(text, one.choices, self.word) if one.choices else text

    def show(self, one: ReadyField, value: Value) -> str:
        return one.choices.get(str(value), str(value))


class AreaField(_Known):
    """An area, by its code or its name."""

    name, column, word = "area", "area", "行政区划"


class OrganisationField(_Known):
    """A unit, by its id or its name."""

    name, word = "organisation", "单位"


class PersonField(FieldKind):
    """A person of the site, by identifier."""

    name, xlsform, fhir = "person", "text", "string"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        read = read_identifier(_text(given))
        return None if read is None else read.text


class ChildField(PersonField):
    """A child's file, by identifier."""

    name = "child"


class FileField(FieldKind):
    """A stored file, by the key under which it was kept."""

    name, xlsform, fhir = "file", "file", "attachment"

    def parse(self, one: ReadyField, given: object) -> Value | None:
        text = _text(given).strip()
        if not text:
            return None
        if len(text) > 200 or not text.isprintable() or set(text) & set("/\\:") or text.startswith("."):
            raise MisreadError("not_a_file", "附件的名字不对，请重新上传")
        return text


class PhotoField(FileField):
    """A photograph."""

    name, xlsform = "photo", "image"


class SignatureField(FileField):
    """A signature drawn by hand."""

    name, xlsform, appearance = "signature", "image", "signature"


class PlaceField(FieldKind):
    """A position on WGS-84: ``36.1, 110.8`` or ``36.1, 110.8, 15`` (the last is the precision in metres)."""

    name, column, xlsform, fhir = "place", None, "geopoint", "group"
    names: ClassVar[tuple[str, ...]] = ("latitude", "longitude", "precision")

    def parse(self, one: ReadyField, given: object) -> Value | None:
        if isinstance(given, Position):
            return given
        if isinstance(given, Mapping):
            if unknown := sorted(set(map(str, given)) - set(self.names)):
                raise MisreadError("not_a_place", f"位置里不认识「{unknown[0]}」")
            parts = [_text(given.get(n)) for n in self.names]
        else:
            text = half_width(_text(given)).replace("，", ",").replace("、", ",")
            if not text:
                return None
            parts = [p.strip() for p in (text.split(",") if "," in text else text.split())]
        numbers = [read_decimal(p) for p in parts]
        if not any(n is not None for n in numbers):
            return None
        if not 2 <= len(numbers) <= 3 or None in numbers[:2]:
            raise MisreadError("not_a_place", "位置要写纬度和经度", "36.1234, 110.8345")
        latitude, longitude = numbers[0] or Decimal(0), numbers[1] or Decimal(0)
        return Position(latitude, longitude, numbers[2] if len(numbers) == 3 else None)

    def check(self, one: ReadyField, value: Value) -> str:
        assert isinstance(value, Position)
        if abs(value.latitude) > 90:
            swapped = abs(value.longitude) <= 90 and abs(value.latitude) <= 180
            return "纬度应在 -90 到 90 之间" + ("；是不是把经度写在了前面" if swapped else "")
        if abs(value.longitude) > 180:
            return "经度应在 -180 到 180 之间"
        return "精度应是不小于 0 的米数" if value.precision is not None and value.precision < 0 else ""

    def show(self, one: ReadyField, value: Value) -> str:
        assert isinstance(value, Position)
        shown = f"北纬 {decimal_text(value.latitude)}°，东经 {decimal_text(value.longitude)}°"
        return shown + (f"（±{decimal_text(value.precision)} 米）" if value.precision is not None else "")

    def stored(self, value: Value) -> Any:
        assert isinstance(value, Position)
        parts = {n: getattr(value, n) for n in self.names}
        return {n: decimal_text(v) for n, v in parts.items() if v is not None}

    def json_schema(self, one: ReadyField) -> Schema:
        number = {"type": "string", "pattern": NumberField.pattern}
        required = list(self.names[:2])
        properties = dict.fromkeys(self.names, number)
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def export(self, one: ReadyField, value: Value) -> dict[str, str]:
        return {f"{one.id}.{n}": v for n, v in self.stored(value).items()}


class ComputedField(FieldKind):
    """A value that the form computes; nobody types it."""

    name, answered, xlsform, fhir = "computed", False, "calculate", "string"
    by_type: ClassVar[dict[str, type[FieldKind]]] = {
        "number": NumberField, "boolean": BooleanField, "date": DateField, "text": _Text,
    }  # fmt: skip

    def _as(self, one: ReadyField) -> FieldKind:
        return self.by_type.get(str(one.reads_as), _Text)()

    def parse(self, one: ReadyField, given: object) -> Value | None:
        """What was computed before and kept, read again."""
        return self._as(one).parse(one, given)

    def show(self, one: ReadyField, value: Value) -> str:
        return one.choices.get(str(value)) or self._as(one).show(one, value)

    def stored(self, value: Value) -> Any:
        if isinstance(value, bool | str):
            return value
        return value.isoformat() if isinstance(value, date) else NumberField().stored(value)

    def json_schema(self, one: ReadyField) -> Schema:
        return self._as(one).json_schema(one) | {"readOnly": True}

    def export(self, one: ReadyField, value: Value) -> dict[str, str]:
        return self._as(one).export(one, value)


class GroupField(FieldKind):
    """Fields that belong together; repeated, a list of rows (see `fill`)."""

    name, answered, column, xlsform, fhir = "group", False, None, "group", "group"


class NoteField(FieldKind):
    """Words to read; nothing is answered."""

    name, answered, column, xlsform, fhir = "note", False, None, "note", "display"


KINDS: dict[str, FieldKind] = {
    kind.name: kind()
    for kind in (
        TextField, LongTextField, IntegerField, NumberField, BooleanField, DateField, TimeField, MomentField, CodeField,
        AreaField, OrganisationField, PersonField, ChildField, PhotoField, FileField, SignatureField, PlaceField,
        ComputedField,
        GroupField, NoteField,
    )
}  # fmt: skip
"""Field type → its class."""


def _text(given: object) -> str:
    """What a browser or a file gives, as text; None is blank. Raises MisreadError for what no field takes."""
    if given is None:
        return ""
    if isinstance(given, str):
        return given
    if isinstance(given, bool):
        return "是" if given else "否"
    if isinstance(given, int | Decimal):
        return str(given)
    if isinstance(given, float):
        return repr(given)
    if isinstance(given, date | time):
        return given.isoformat()
    raise MisreadError("wrong_shape", "这里只填一个值")


def _chosen(text: str, choices: Mapping[str, str], word: str) -> str:
    """The code that a text names by itself or by its label."""
    if text in choices:
        return text
    named = [c for c, label in choices.items() if half_width(label) == text]
    if len(named) == 1:
        return named[0]
    if named:
        raise MisreadError("many_codes", f"有 {len(named)} 个{word}叫「{text}」，请写代码", "、".join(named))
    close = near(text, list(choices))
    labels = near(text, list(map(half_width, choices.values())))
    hint = close if close.startswith("是不是") else labels
    raise MisreadError("unknown_code", f"没有{word}「{text}」（{hint}）")


def _parts(text: str, choices: Mapping[str, str]) -> list[str]:
    """Several codes in one text: parted by ; 、 , or blanks, unless the whole is one label that holds such a mark."""
    plain = half_width(text)
    if plain in choices or any(half_width(label) == plain for label in choices.values()):
        return [plain]
    for marks in ("；;\n", "、,，", " "):
        if any(m in plain for m in marks):
            for m in marks[1:]:
                plain = plain.replace(m, marks[0])
            return [p.strip() for p in plain.split(marks[0])]
    return [plain]


def _said(one: ReadyField, low: str, high: str, prefix: str = "") -> Schema:
    limits = ((low, one.field.min), (high, one.field.max))
    return {prefix + k: int(v) if v == int(v) else v for k, v in limits if v is not None}
