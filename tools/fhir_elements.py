"""Write `src/qingmiao/fhir/data/elements.csv`: what the resources of FHIR R4 that Qingmiao speaks are made of.

The facts (names, types, cardinality, required codes) are those of HL7's FHIR R4 4.0.1 definitions as the package
fhir.resources (BSD licence, module R4B, equal to R4 for these resources) carries them.
"""

from __future__ import annotations

import csv
import importlib
import re
import typing
from pathlib import Path
from typing import Any

RESOURCES = (
    "Patient", "RelatedPerson", "Practitioner", "Organization", "Encounter", "Observation", "Immunization", "Condition",
    "ServiceRequest", "Questionnaire", "QuestionnaireResponse", "CodeSystem", "ValueSet", "Bundle", "OperationOutcome",
    "CapabilityStatement", "Parameters",
)  # fmt: skip
OUT = Path(__file__).parent.parent / "src/qingmiao/fhir/data/elements.csv"
WHOLE = {
    "Observation.status": "registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown",
    "Encounter.status": "planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error|unknown",
    "Encounter.statusHistory.status": "planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error"
    "|unknown",
    "Questionnaire.item.type": "group|display|boolean|decimal|integer|date|dateTime|time|string|text|url|choice"
    "|open-choice|attachment|reference|quantity",
    "Quantity.comparator": "<|<=|>=|>",
    "OperationOutcome.issue.code": "invalid|structure|required|value|invariant|security|login|unknown|expired|forbidden"
    "|suppressed|processing|not-supported|duplicate|multiple-matches|not-found|deleted|too-long|code-invalid|extension"
    "|too-costly|business-rule|conflict|transient|lock-error|no-store|exception|timeout|incomplete|throttled"
    "|informational",
    "CapabilityStatement.rest.resource.interaction.code": "read|vread|update|patch|delete|history-instance|history-type"
    "|create|search-type",
}
"""Required code lists that the package cuts short; from the same definitions' value sets."""
OPEN = {"CapabilityStatement.format", "Expression.language"}
"""Elements whose codes the package only gives as examples."""
LATER = ("CodeableReference", "RatioRange")
"""Types that R4B has and R4 has not."""


def main() -> None:
    """Write the table."""
    rows: list[list[str]] = []
    waiting, seen = [*RESOURCES], set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for row, of in elements(name):
            rows.append(row)
            if of[:1].isupper() and of not in ("Resource", "Element"):
                waiting.append(of)
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["type", "element", "of", "many", "required", "choice", "codes", "targets", "summary"])
        writer.writerows(rows)


def elements(name: str) -> typing.Iterator[tuple[list[str], str]]:
    """Each element of a type, as a row, with its own type's name."""
    model = model_of(name)
    for alias, field in model.model_fields.items():
        extra = field.json_schema_extra or {}
        if not extra.get("element_property") or alias.endswith("__ext"):
            continue
        element = field.alias or alias
        of, many = type_of(field.annotation)
        if of in LATER:
            continue
        required = bool(extra.get("element_required")) or field.is_required()
        choice = str(extra.get("one_of_many") or "")
        if choice and extra.get("one_of_many_required"):
            choice += "!"
        codes = "|".join(extra.get("enum_values") or ())
        codes = WHOLE.get(f"{dotted(name)}.{element}", codes)
        if codes.endswith("+"):
            print("cut short:", dotted(name), element, codes)
        if of != "code" or f"{dotted(name)}.{element}" in OPEN:
            codes = ""
        targets = "|".join(extra.get("enum_reference_types") or ())
        flags = ["1" if x else "" for x in (many, required)]
        yield (
            [name, element, of, *flags, choice, codes, targets, "1" if extra.get("summary_element_property") else ""],
            of,
        )


def dotted(name: str) -> str:
    """BundleEntryRequest → Bundle.entry.request, for the table of whole code lists."""
    for resource in sorted(RESOURCES, key=len, reverse=True):
        if name.startswith(resource) and name != resource:
            rest = re.findall(r"[A-Z][a-z]*", name[len(resource) :])
            return (
                ".".join([resource, *(r.lower() for r in rest)])
                if resource != "Encounter"
                else (resource + "." + name[len(resource)].lower() + name[len(resource) + 1 :])
            )
    return name


def model_of(name: str) -> Any:
    """The package's model of a type."""
    from fhir.resources import R4B

    for module in (
        name.lower(),
        *(
            r.lower()
            for r in (*RESOURCES, "Timing", "DataRequirement", "ElementDefinition", "SubstanceAmount", "Dosage")
            if name.startswith(r)
        ),
    ):
        try:
            found = importlib.import_module(f"fhir.resources.R4B.{module}")
        except ModuleNotFoundError:
            continue
        if hasattr(found, name):
            return getattr(found, name)
    raise LookupError(f"{name} is not in {R4B.__name__}")


def type_of(annotation: Any) -> tuple[str, bool]:
    """(the FHIR name of an element's type, whether it is a list)."""
    text = str(annotation)
    many = "List[" in text
    if found := re.search(r"abc\.(\w+?)Type\b", text):
        return found[1], many
    if found := re.search(
        r", (Base64Binary|DateTime|Date|Instant|Time|Code|Id|Uri|Url|Canonical|Oid|Uuid|Markdown|"
        r"Xhtml|PositiveInt|UnsignedInt|Integer|Decimal|String)\(",
        text,
    ):
        return found[1][0].lower() + found[1][1:], many
    for sign, plain in (
        ("bool", "boolean"),
        ("Xhtml", "xhtml"),
        ("UUID", "uuid"),
        ("decimal.Decimal", "decimal"),
        ("bytes", "base64Binary"),
        ("AnyUrl", "url"),
        ("datetime.date", "date"),
    ):
        if sign in text:
            return plain, many
    raise LookupError(text)


if __name__ == "__main__":
    main()
