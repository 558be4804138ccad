"""What resources and data types are made of: one table (`data/elements.csv`, made by `tools/fhir_elements.py`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

RESOURCES = frozenset(
    {
        "Patient", "RelatedPerson", "Practitioner", "Organization", "Encounter", "Observation", "Immunization",
        "Condition", "ServiceRequest", "Questionnaire", "QuestionnaireResponse", "CodeSystem", "ValueSet", "Bundle",
        "OperationOutcome", "CapabilityStatement", "Parameters",
    }
)  # fmt: skip
"""The types of resources that are spoken here."""


@dataclass(frozen=True)
class Element:
    """One element of a type. `choice`: the group of which one may be there (value[x]); `targets`: of a reference."""

    name: str
    of: str
    many: bool
    required: bool
    choice: str
    choice_required: bool
    codes: frozenset[str]
    targets: frozenset[str]
    summary: bool

    @property
    def primitive(self) -> bool:
        """Whether it is a text, a number or a truth: its type's name begins small."""
        return self.of[0].islower()


@cache
def types() -> Mapping[str, Mapping[str, Element]]:
    """Type → name of element → element, in the order of the definitions."""
    found: dict[str, dict[str, Element]] = {}
    with resources.files("qingmiao.fhir").joinpath("data/elements.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group = row["choice"]
            found.setdefault(row["type"], {})[row["element"]] = Element(
                row["element"],
                row["of"],
                row["many"] == "1",
                row["required"] == "1",
                group.rstrip("!"),
                group.endswith("!"),
                frozenset(filter(None, row["codes"].split("|"))),
                frozenset(filter(None, row["targets"].split("|"))),
                row["summary"] == "1",
            )
    return found
