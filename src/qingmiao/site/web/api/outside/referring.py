"""A resource as the other side can use it: references to what it knows, an identifier by which it is found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qingmiao.kernel.errors import UserError
from qingmiao.site.web.api.fhir.served import Json

SENT = ("Patient", "Encounter", "QuestionnaireResponse", "Observation", "Immunization")
"""What is sent, in an order in which what is referred to comes first."""
TAKEN = ("Patient", "QuestionnaireResponse")
"""What is taken: who a child is, and answers on this county's forms. All else is made of those."""
PLAIN = frozenset({"Organization", "Practitioner", "PractitionerRole", "Location"})
"""Types to which a reference is sent as its words alone: units are each side's own."""


class NotThereYetError(UserError):
    """What a resource refers to is not known on the other side."""


VISITS = ("encounter", "basedOn", "partOf")
"""What answers refer to on the other side alone: here the visit is made of the answers."""


def system_of(area: str, kind: str) -> str:
    """The system of this site's numbers of a type; each county's numbers are its own."""
    return f"urn:qingmiao:{area}:{kind}"


def outward(resource: Json, area: str, known: Callable[[str, str], str | None], there: str) -> Json:
    """A resource of this site for the other: its id there (none yet: ""), references there, this site's identifier.

    `known`: the id there of a resource of this site. Raises `NotThereYetError`.
    """
    kind, number = str(resource["resourceType"]), str(resource["id"])
    mine = {"system": system_of(area, kind), "value": number}
    made = {k: _pointed(v, known) for k, v in resource.items() if k not in ("id", "meta")}
    if kind == "QuestionnaireResponse":
        made["identifier"] = mine  # of this type the standard allows one
    else:
        made["identifier"] = [*made.get("identifier", ()), mine]
    return made | ({"id": there} if there else {})


def inward(resource: Json, known: Callable[[str, str], str | None], here: str) -> Json:
    """A resource of the other side for this site: its id here (none yet: ""), references to what is here.

    `known`: the id here of a resource of the other side. Raises `NotThereYetError`.
    """
    left = {"id", "meta", "text", *(VISITS if resource["resourceType"] == "QuestionnaireResponse" else ())}
    made = {k: _pointed(v, known) for k, v in resource.items() if k not in left}
    return made | ({"id": here} if here else {})


def number_there(resource: Json, area: str) -> str:
    """This site's number that a resource of the other side carries; "" where it carries none."""
    given = resource.get("identifier", ())
    every = [given] if isinstance(given, dict) else given
    system = system_of(area, str(resource["resourceType"]))
    return next((str(i.get("value", "")) for i in every if i.get("system") == system), "")


def _pointed(value: Any, known: Callable[[str, str], str | None]) -> Any:
    if isinstance(value, list):
        return [_pointed(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    made = {k: _pointed(v, known) for k, v in value.items() if k != "reference"}
    if "reference" in value:
        kind, _, id_ = str(value["reference"]).rpartition("/")
        kind = kind.rpartition("/")[2]
        if kind in PLAIN:
            return made or {"display": kind}
        found = known(kind, id_)
        if found is None:
            raise NotThereYetError(f"所引用的 {kind}/{id_} 还没有交换")
        made["reference"] = f"{kind}/{found}"
    return made
