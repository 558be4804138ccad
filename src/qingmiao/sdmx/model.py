"""What a table is in SDMX: code lists, the components of its structure, its rows. Checked when made.

Source: SDMX 3.0 Section 2 (information model) and Section 6 (technical notes): ids, versions and URNs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from qingmiao.kernel.errors import UserError

ID = re.compile(r"[A-Za-z0-9_@$\-]+")
NCNAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
VERSION = re.compile(r"\d+\.\d+\.\d+")
Role = Literal["dimension", "time", "measure", "attribute"]
TextType = Literal["String", "Integer", "Decimal", "ObservationalTimePeriod"]


class WrongSdmxError(UserError):
    """A structure or a row that the standard does not allow."""


@dataclass(frozen=True)
class CodeNote:
    """An annotation of a code: which framework, the code there, and what it says."""

    type: str
    title: str
    zh: str
    en: str = ""


@dataclass(frozen=True)
class SdmxCode:
    """A code and its names; `about`: its description in Chinese."""

    id: str
    zh: str
    en: str = ""
    about: str = ""
    notes: tuple[CodeNote, ...] = ()

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise WrongSdmxError(f"SDMX 的代码「{self.id}」只能用英文字母、数字和 _ @ $ -")


@dataclass(frozen=True)
class SdmxCodelist:
    """A list of codes, each once."""

    id: str
    zh: str
    en: str
    codes: tuple[SdmxCode, ...]

    def __post_init__(self) -> None:
        if not NCNAME.fullmatch(self.id):
            raise WrongSdmxError(f"SDMX 的代码表编号「{self.id}」要以英文字母开头")
        ids = [code.id for code in self.codes]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise WrongSdmxError(f"SDMX 的代码表「{self.id}」里代码重复：{'、'.join(twice)}")

    @cached_property
    def ids(self) -> frozenset[str]:
        """Its codes."""
        return frozenset(code.id for code in self.codes)


@dataclass(frozen=True)
class SdmxComponent:
    """A column: a dimension, the time, a measure or an attribute; coded by a list or of a text type.

    Attributes are all of the observation: a reader in use (sdmx1 2.28) fails at attributes of the whole data set.
    """

    id: str
    zh: str
    en: str
    role: Role
    codelist: str = ""
    type: TextType = "String"
    mandatory: bool = True


@dataclass(frozen=True)
class SdmxStructure:
    """A structure and its dataflow under one agency and version; every list that a component names is there."""

    agency: str
    version: str
    id: str
    zh: str
    en: str
    codelists: tuple[SdmxCodelist, ...]
    components: tuple[SdmxComponent, ...]

    def __post_init__(self) -> None:
        if not NCNAME.fullmatch(self.agency) or not VERSION.fullmatch(self.version):
            raise WrongSdmxError(f"SDMX 的机构「{self.agency}」或版本「{self.version}」写法不对")
        lists = {codelist.id for codelist in self.codelists}
        if missing := sorted({c.codelist for c in self.components if c.codelist} - lists):
            raise WrongSdmxError(f"SDMX 的结构缺少代码表 {'、'.join(missing)}")

    def of(self, *roles: Role) -> tuple[SdmxComponent, ...]:
        """The components of some roles, in their order."""
        return tuple(c for c in self.components if c.role in roles)

    @cached_property
    def columns(self) -> tuple[SdmxComponent, ...]:
        """As they stand in a file: dimensions and time, measures, attributes."""
        return (*self.of("dimension"), *self.of("time"), *self.of("measure"), *self.of("attribute"))

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What tells observations apart."""
        return tuple(c.id for c in self.of("dimension", "time"))

    @property
    def flow(self) -> str:
        """The id of the dataflow."""
        return f"DF_{self.id}"

    @property
    def dsd(self) -> str:
        """The id of the data structure."""
        return f"DSD_{self.id}"

    @property
    def concepts(self) -> str:
        """The id of the concept scheme."""
        return f"CS_{self.id}"

    def codes(self, codelist: str) -> frozenset[str]:
        """The codes of one of its lists."""
        return next(c.ids for c in self.codelists if c.id == codelist)

    def urn(self, kind: str, name: str, item: str = "") -> str:
        """The URN of one of its artefacts ("codelist.Codelist", "CL_AREA"), or of an item of it."""
        tail = f".{item}" if item else ""
        return f"urn:sdmx:org.sdmx.infomodel.{kind}={self.agency}:{name}({self.version}){tail}"

    @property
    def flow_urn(self) -> str:
        """The URN of its dataflow, which every data file names."""
        return self.urn("datastructure.Dataflow", self.flow)


@dataclass(frozen=True)
class SdmxData:
    """Rows of a structure (column → text, "" where there is nothing), when they were made, and whether made up."""

    structure: SdmxStructure
    rows: tuple[Mapping[str, str], ...]
    prepared: datetime
    is_test: bool
