"""Counts as ADX (IHE Quality, Research and Public Health: Aggregate Data Exchange), which DHIS2 imports.

One group for an organisation unit and a period; a period is its first day and an ISO 8601 duration; what is not known
is left out, for a blank would be read as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import quoteattr

from qingmiao.sdmx.structures import BEGIN


@dataclass(frozen=True)
class AdxGroup:
    """The values of a unit and a year: data element → count."""

    unit: str
    begins: date
    values: Mapping[str, int]


def as_adx(data_set: str, groups: Iterable[AdxGroup], exported: datetime) -> bytes:
    """The message, UTF-8; groups without a value are left out."""
    at = exported.isoformat(timespec="seconds")
    parts = [BEGIN, f'<adx xmlns="urn:ihe:qrph:adx:2015" exported="{at}">\n']
    for group in groups:
        if not group.values:
            continue
        period = f"{group.begins.isoformat()}/P1Y"
        parts.append(f'<group orgUnit={quoteattr(group.unit)} period="{period}" dataSet={quoteattr(data_set)}>\n')
        parts += [f'<dataValue dataElement={quoteattr(e)} value="{n}"/>\n' for e, n in sorted(group.values.items())]
        parts.append("</group>\n")
    return "".join([*parts, "</adx>\n"]).encode()
