"""What a guardian's copy of a file holds, as types: from them comes the published JSON Schema
(docs/reference/child-copy.schema.json)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CopyPart(BaseModel):
    """Base of all parts of a copy: nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CopiedAnswer(CopyPart):
    """One answer of a record in words: the field's label and what was answered."""

    label: str
    value: str


class CopiedVersion(CopyPart):
    """What a record said from a moment on, and who recorded it; a withdrawal says nothing."""

    number: int
    at: datetime
    by: str = Field(description="the person who recorded it")
    reason: str = Field(description="why it was corrected or withdrawn")
    withdrawn: bool
    form: str = Field(description="the form and its version")
    answers: tuple[CopiedAnswer, ...]


class CopiedRecord(CopyPart):
    """One health record with all its versions, the oldest first."""

    number: int
    kind: str
    label: str
    label_en: str
    on: date
    unit: str = Field(description="the unit that recorded it")
    state: str
    versions: tuple[CopiedVersion, ...]


class CopiedIdentity(CopyPart):
    """Who the child was said to be at a version of the file."""

    version: int
    at: datetime
    by: str
    name: str
    former_names: tuple[str, ...]
    sex: str
    birth_date: date
    birth_certainty: str
    papers: str
    number: str = Field(description="the identity number in full")
    certificate: str = Field(description="the number of the birth certificate in full")


class CopiedStay(CopyPart):
    """Where the child lived or was registered."""

    kind: str
    area: str
    village: str
    address: str
    from_date: date
    to_date: date | None


class CopiedClass(CopyPart):
    """A class that the child went to."""

    school: str
    school_class: str
    grade: str
    from_date: date
    to_date: date | None


class CopiedRelative(CopyPart):
    """A relative. Protected relations are in no copy."""

    name: str
    relation: str
    guardian: bool
    carer: bool
    phone: str
    from_date: date
    to_date: date | None


class CopiedConsent(CopyPart):
    """A guardian's consent to a purpose."""

    purpose: str
    guardian: str
    given: date
    form: str
    withdrawn_at: datetime | None


class CopiedLook(CopyPart):
    """Somebody looked at the file, or had a number shown in full: which unit, what, for which purpose."""

    at: datetime
    unit: str
    what: str
    purpose: str


class ChildCopy(CopyPart):
    """A child's whole file as it was given to a guardian."""

    format: Literal["qingmiao-child-copy/1"] = "qingmiao-child-copy/1"
    file: int = Field(description="the number of the file")
    request: int = Field(description="the number of the request that it answers")
    made_at: datetime
    made_by: str = Field(description="the unit that gave it")
    identities: tuple[CopiedIdentity, ...]
    stays: tuple[CopiedStay, ...]
    classes: tuple[CopiedClass, ...]
    relatives: tuple[CopiedRelative, ...]
    records: tuple[CopiedRecord, ...]
    consents: tuple[CopiedConsent, ...]
    looks: tuple[CopiedLook, ...]
