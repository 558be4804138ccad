"""What is wrong with a resource or a request, as FHIR says it: severity, code, where, in words; the outcome to send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True)
class Issue:
    """One thing. `code`: one of FHIR's issue types; `where`: a path (`Patient.name[0].use`); `words`: Chinese prose."""

    code: str
    words: str
    where: str = ""
    severity: Severity = "error"


class NotTakenError(Exception):
    """A resource or request that is not taken; nothing was written."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("；".join(i.words for i in issues))
        self.issues = issues


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome that says them; one that says that all is well where there is none."""
    said: list[dict[str, Any]] = [
        {
            "severity": i.severity,
            "code": i.code,
            "diagnostics": i.words,
            **({"expression": [i.where]} if i.where else {}),
        }
        for i in issues
    ]
    fine = [{"severity": "information", "code": "informational", "diagnostics": "没有发现问题"}]
    return {"resourceType": "OperationOutcome", "issue": said or fine}
