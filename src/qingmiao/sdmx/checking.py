"""A data file of SDMX checked against a structure: every row, every fault, with its line or number.

Apart from the writers on purpose: it reads the file again from its bytes, so that a writer that is wrong is found.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence

from qingmiao.kernel.errors import Fault, UserError
from qingmiao.sdmx.data import LEADING
from qingmiao.sdmx.model import SdmxComponent, SdmxStructure

FORMS = {
    "Integer": re.compile(r"-?\d+"),
    "Decimal": re.compile(r"-?\d+(\.\d+)?"),
    "ObservationalTimePeriod": re.compile(r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]|S[12]))?"),
}
ACTIONS = frozenset({"I", "A", "M", "R", "D"})
SHOWN = 200


class SdmxFileError(UserError):
    """A file that is no SDMX data at all."""


def check_csv(raw: bytes, structure: SdmxStructure) -> list[Fault]:
    """The faults of an SDMX-CSV 2.0 file. Raises `SdmxFileError` where it is none."""
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        names = list(reader.fieldnames or ())
        if tuple(names[:3]) != LEADING:
            raise SdmxFileError("不是 SDMX-CSV 2.0：前三列应当是 STRUCTURE、STRUCTURE_ID、ACTION")
        faults = list(_columns(names[3:], structure))
        wanted = f"{structure.agency}:{structure.flow}({structure.version})"
        rows = []
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                faults.append(Fault("", line, "cells", "这一行的格数和表头不同"))
                continue
            if (row["STRUCTURE"], row["STRUCTURE_ID"]) != ("dataflow", wanted):
                faults.append(Fault("", line, "other_structure", f"结构应当是 {wanted}，写的是 {row['STRUCTURE_ID']}"))
            if row["ACTION"] not in ACTIONS:
                faults.append(Fault("", line, "action", f"ACTION 不能是「{row['ACTION']}」"))
            rows.append((line, row))
    except (UnicodeDecodeError, csv.Error) as why:
        raise SdmxFileError(f"不是 UTF-8 的 CSV：{why}") from None
    return [*faults, *_rows(rows, structure)][:SHOWN]


def check_xml(raw: bytes, structure: SdmxStructure) -> list[Fault]:
    """The faults of an SDMX-ML 3.0 structure-specific flat file. Raises `SdmxFileError` where it is none."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise SdmxFileError("XML 里不能有 DOCTYPE 或实体声明")
    try:
        root = ET.fromstring(raw)
    except ET.ParseError as why:
        raise SdmxFileError(f"不是完整的 XML：{why}") from None
    if not root.tag.endswith("v3_0/message}StructureSpecificData"):
        raise SdmxFileError("不是 SDMX-ML 3.0 的数据消息（StructureSpecificData）")
    faults = []
    named = [e.text for e in root.iter() if e.tag.endswith("}StructureUsage")]
    if named != [structure.flow_urn]:
        faults.append(Fault("", 0, "other_structure", f"结构应当是 {structure.flow_urn}，写的是 {named}"))
    rows = []
    for dataset in (e for e in root if e.tag.endswith("}DataSet")):
        for n, row in enumerate((e for e in dataset.iter() if e.tag == "Obs"), 1):
            faults += [Fault("", n, "unknown_column", f"结构里没有「{x}」") for x in _unknown(row.attrib, structure)]
            rows.append((n, row.attrib))
    return [*faults, *_rows(rows, structure)][:SHOWN]


def _columns(names: list[str], structure: SdmxStructure) -> Iterator[Fault]:
    for name in _unknown(dict.fromkeys(names, ""), structure):
        yield Fault("", 1, "unknown_column", f"结构里没有列「{name}」")
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield Fault("", 1, "twice", f"列「{name}」重复")
    for c in structure.columns:
        if c.id not in names and (c.mandatory or c.id in structure.key):
            yield Fault("", 1, "missing_column", f"缺少列「{c.id}」")


def _unknown(names: Mapping[str, str], structure: SdmxStructure) -> list[str]:
    return [name for name in names if name not in {c.id for c in structure.components}]


def _rows(rows: Sequence[tuple[int, Mapping[str, str]]], structure: SdmxStructure) -> Iterator[Fault]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        for c in structure.columns:
            if why := _wrong(row.get(c.id, ""), c, structure):
                yield Fault("", line, "value", why, place=c.id)
        key = tuple(row.get(name, "") for name in structure.key)
        if key in seen:
            yield Fault("", line, "twice", f"和第 {seen[key]} 行是同一个观测值：{'、'.join(key)}")
        seen.setdefault(key, line)
        if row.get("OBS_VALUE", "") and row.get("OBS_STATUS") == "Q":
            yield Fault("", line, "status", "写着不显示（Q），却有数值")
        if not row.get("OBS_VALUE", "") and row.get("OBS_STATUS") in ("A", "B"):
            yield Fault("", line, "status", "没有数值，状态却是正常或可比性中断")


def _wrong(value: str, c: SdmxComponent, structure: SdmxStructure) -> str:
    if not value:
        return f"「{c.id}」不能空" if c.mandatory else ""
    if c.codelist:
        return "" if value in structure.codes(c.codelist) else f"代码表 {c.codelist} 里没有「{value}」"
    form = FORMS.get(c.type)
    return f"「{value}」不是 {c.type}" if form is not None and not form.fullmatch(value) else ""
