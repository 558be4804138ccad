"""Health records: as Encounters, with their answers as QuestionnaireResponses, what they measured as Observations, and
vaccinations as Immunizations."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from qingmiao.content.records import RecordKind
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import Filter, Search, Token
from qingmiao.forms.fill import Filled
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyField
from qingmiao.forms.response import answers_of, response_items
from qingmiao.site.apps.directory.api import AbsentError, Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.records.api import RecordSaid
from qingmiao.site.web.api.fhir.parts import (
    LOINC,
    WST,
    concept,
    instant,
    meta,
    number_of,
    quantity,
    reference,
    referred,
    said_reason,
)
from qingmiao.site.web.api.fhir.served import Json, Kept, ResourcePage, register

KIND = "urn:qingmiao:record"
"""The system of the kinds of health records."""
FORM = "urn:qingmiao:form:"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITAL = frozenset(
    {"29463-7", "8302-2", "8306-3", "9843-4", "39156-5", "8310-5", "8867-4", "9279-1", "8480-6", "8462-4", "59408-5"}
)
"""LOINC codes of the vital signs (HL7 FHIR R4, Vital Signs)."""


def encounter(r: RecordSaid) -> Json:
    """The visit, or whatever made the record."""
    day = r.on_date.isoformat()
    return {
        "resourceType": "Encounter", "id": str(r.number), "meta": meta(r.version, r.at),
        "status": "entered-in-error" if r.state == "withdrawn" else "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [concept(KIND, r.kind.id, r.kind.label)], "subject": reference("Patient", r.child),
        "period": {"start": day, "end": day}, "serviceProvider": reference("Organization", r.unit, r.unit_label),
    }  # fmt: skip


def response(r: RecordSaid) -> Json:
    """The answers on the form."""
    status = {"recorded": "completed", "corrected": "amended", "withdrawn": "entered-in-error"}[r.state]
    items = response_items(r.ready, r.filled)
    return {
        "resourceType": "QuestionnaireResponse", "id": str(r.number), "meta": meta(r.version, r.at),
        "questionnaire": f"{FORM}{r.form}|{r.form_version}", "status": status,
        "subject": reference("Patient", r.child), "encounter": reference("Encounter", r.number),
        "authored": instant(r.at), "author": reference("Organization", r.unit, r.unit_label),
        **({"item": items} if items else {}),
    }  # fmt: skip


def observed(kind: RecordKind, r: RecordSaid) -> Iterator[tuple[ReadyField, Any]]:
    """The fields of a record that measure something: with a code of LOINC or WS 363, or a measure of the kind."""
    measures = set(kind.measures.values()) - {kind.on}
    for one in r.ready.every():
        value = r.filled.values.get(one.id)
        named = bool({"loinc", "wst"} & set(one.field.concept)) or one.id in measures
        if value is None or not named or one.field.given is not None or one.fields or one.id == kind.on:
            continue
        if KINDS[one.type].answered or one.compute is not None:
            yield one, value


def observation(r: RecordSaid, one: ReadyField, value: Any) -> Json:
    """One measured thing."""
    codes = codings(r, one)
    vital = any(c["code"] in VITAL for c in codes)
    name, words = ("vital-signs", "Vital Signs") if vital else ("exam", "Exam")
    corrected = {"recorded": "final", "corrected": "corrected", "withdrawn": "entered-in-error"}[r.state]
    return {
        "resourceType": "Observation", "id": f"{r.number}.{one.id.replace('_', '-')}", "meta": meta(r.version, r.at),
        "status": corrected, "category": [{"coding": [{"system": CATEGORY, "code": name, "display": words}]}],
        "code": {"coding": codes, "text": one.field.words}, "subject": reference("Patient", r.child),
        "encounter": reference("Encounter", r.number), "effectiveDateTime": r.on_date.isoformat(),
        "performer": [reference("Organization", r.unit, r.unit_label)], **valued(r.form, one, value),
    }  # fmt: skip


HEIGHT, LENGTH = "8302-2", "8306-3"
"""LOINC: standing height, lying length."""


def codings(r: RecordSaid, one: ReadyField) -> list[Json]:
    """The codes of a field: LOINC and WS 363 where they are known, and always its own."""
    known = dict(one.field.concept)
    if known.get("loinc") == HEIGHT and r.filled.values.get(r.kind.measures.get("measured", "")) == "L":
        known["loinc"] = LENGTH
    found: list[Json] = [{"system": s, "code": known[n]} for n, s in (("loinc", LOINC), ("wst", WST)) if n in known]
    return [*found, {"system": FORM + r.form, "code": one.id, "display": one.field.words}]


def valued(form: str, one: ReadyField, value: Any) -> Json:
    """`value[x]` of an observation."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, tuple):
        codes = [{"system": f"{FORM}{form}:{one.id}", "code": c, "display": one.choices.get(c, c)} for c in value]
        return {"valueCodeableConcept": {"coding": codes, "text": KINDS[one.type].show(one, value)}}
    if one.choices:
        code = {
            "system": f"{FORM}{form}:{one.id}",
            "code": str(value),
            "display": one.choices.get(str(value), str(value)),
        }
        return {"valueCodeableConcept": {"coding": [code], "text": code["display"]}}
    if isinstance(value, int | Decimal):
        return {"valueQuantity": quantity(value, one.field.unit)}
    if isinstance(value, date):
        return {"valueDateTime": value.isoformat()}
    return {"valueString": str(value)}


def immunization(r: RecordSaid) -> Json:
    """A dose that was given."""
    said = {word: r.filled.values.get(field) for word, field in r.kind.measures.items()}
    field = next(f for f in r.ready.every() if f.id == r.kind.measures["vaccine"])
    code = str(said["vaccine"])
    words = field.choices.get(code, code)
    coding = {"system": f"{FORM}{r.form}:{field.id}", "code": code, "display": words}
    found: Json = {
        "resourceType": "Immunization", "id": str(r.number), "meta": meta(r.version, r.at),
        "status": "entered-in-error" if r.state == "withdrawn" else "completed",
        "vaccineCode": {"coding": [coding], "text": words}, "patient": reference("Patient", r.child),
        "encounter": reference("Encounter", r.number), "occurrenceDateTime": r.on_date.isoformat(),
        "primarySource": True,
        "performer": [{"actor": reference("Organization", r.unit, r.unit_label)}],
    }  # fmt: skip
    dose = said.get("dose")
    if dose is not None:
        found["protocolApplied"] = [{"doseNumberPositiveInt": int(dose)}]
    return found


def vaccinates(kind: RecordKind) -> bool:
    """Whether records of a kind are doses."""
    return "vaccine" in kind.measures


class _Reading:
    """What is read and searched, and written by QuestionnaireResponses alone."""

    kind = ""
    versioned = True
    writes: tuple[str, ...] = ()

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Not here."""
        raise NotTakenError(
            Issue("not-supported", f"{self.kind} 由健康记录生成；请写入 QuestionnaireResponse（表单见 Questionnaire）")
        )

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Not here."""
        return self.create(reach, resource, operation)


class Encounters(_Reading):
    """The records themselves."""

    kind = "Encounter"

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        return encounter(records.exchange.record(reach, number_of(id)))

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """Every version of the record."""
        return _kept(reach, id, encounter)

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page."""
        said, mark = records.exchange.records(reach, asked)
        return ResourcePage([encounter(r) for r in said], mark)


def _kept(reach: Reach, id: str, make: Any) -> list[Kept]:
    said = records.exchange.record_versions(reach, number_of(id))
    return [Kept(make(r), "PUT" if n < len(said) - 1 else "POST", instant(r.at)) for n, r in enumerate(said)]


class Responses(_Reading):
    """The answers; a new one is a new health record, a changed one its correction."""

    kind = "QuestionnaireResponse"
    writes: tuple[str, ...] = ("create", "update")

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        return response(records.exchange.record(reach, number_of(id)))

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """Every version of the record."""
        return _kept(reach, id, response)

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page."""
        said, mark = records.exchange.records(reach, asked)
        return ResourcePage([response(r) for r in said], mark)

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Make a health record by its form."""
        if resource["status"] != "completed":
            raise NotTakenError(
                Issue("business-rule", "只接受填完的（status: completed）", "QuestionnaireResponse.status")
            )
        number = referred(resource.get("subject"), "Patient", "QuestionnaireResponse.subject")
        kind = _kind(resource)
        entry = records.entry(reach, number, kind)
        answers = _answers(entry.ready, resource)
        key = (operation or secrets.token_hex(20))[:40]
        made, filled = records.write(
            reach, number, kind, operation=key, answers=answers, explanations=_explained(resource)
        )
        if not made:
            raise _refused(filled, resource)
        return self.read(reach, str(made))

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Correct a record, or withdraw it (status: entered-in-error); the reason stands in an extension."""
        number, reason = number_of(id), said_reason(resource) or "由接口更正"
        if resource["status"] == "entered-in-error":
            records.withdraw(reach, number, version=number_of(version), reason=reason)
            return self.read(reach, id)
        entry = records.entry_of(reach, number)
        stored, filled = records.correct(
            reach, number, version=number_of(version), answers=_answers(entry.ready, resource), reason=reason,
            explanations=_explained(resource),
        )  # fmt: skip
        if not stored:
            raise _refused(filled, resource)
        return self.read(reach, id)


EXPLANATION = "urn:qingmiao:explanation"
"""The extension in which a caller explains what a form asks back: the parts `key` and `words`."""


def _kind(resource: Json) -> str:
    """The kind of record that a form is of. Raises NotTakenError."""
    form = str(resource.get("questionnaire", "")).partition("|")[0].removeprefix(FORM)
    form = form.rpartition("/")[2] if "/" in form else form
    found = [k for k in records.record_kinds().values() if form in (k.form, k.form.replace("_", "-"))]
    if len(found) != 1:
        words = f"questionnaire 要写一种健康记录的表单，例如 {FORM}record.newborn_visit|1"
        raise NotTakenError(Issue("value", words, "QuestionnaireResponse.questionnaire"))
    return found[0].id


def _answers(ready: Any, resource: Json) -> dict[str, Any]:
    answers, unknown = answers_of(ready, resource.get("item", ()))
    if unknown:
        named = "、".join(unknown[:5])
        raise NotTakenError(Issue("value", f"表单没有这些 linkId：{named}", "QuestionnaireResponse.item"))
    return answers


def _explained(resource: Json) -> dict[str, str]:
    found = {}
    for one in resource.get("extension", ()):
        if one.get("url") == EXPLANATION:
            parts = {p.get("url"): str(p.get("valueString", "")) for p in one.get("extension", ())}
            found[parts.get("key", "")] = parts.get("words", "")
    return found


def _refused(filled: Filled, resource: Json) -> NotTakenError:
    """Everything that the form finds wrong or asks back, by linkId."""
    explained = _explained(resource)
    wrong = [Issue("business-rule", f.message, f"linkId {f.field}") for f in filled.faults]
    asked = [
        Issue("business-rule", f"{q.message}（请在扩展 {EXPLANATION} 里说明，key：{q.key}）", f"linkId {q.field}")
        for q in filled.unexplained(explained)
    ]
    return NotTakenError(*(wrong + asked or [Issue("business-rule", "没有填完")]))


class Observations(_Reading):
    """What records measured; each is found by its record and field."""

    kind = "Observation"

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        number, _, field = id.partition(".")
        said = records.exchange.record(reach, number_of(number))
        return self._one(said, field)

    def _one(self, said: RecordSaid, field: str) -> Json:
        for one, value in observed(said.kind, said):
            if one.id.replace("_", "-") == field:
                return observation(said, one, value)
        raise AbsentError("没有这个资源")

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """The field in every version of its record."""
        number, _, field = id.partition(".")
        said = records.exchange.record_versions(reach, number_of(number))
        found = []
        for n, r in enumerate(said):
            for one, value in observed(r.kind, r):
                if one.id.replace("_", "-") == field:
                    method = "PUT" if n < len(said) - 1 else "POST"
                    found.append(Kept(observation(r, one, value), method, instant(r.at)))
        if not found:
            raise AbsentError("没有这个资源")
        return found

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page: through the records in order, as many measured things as the page holds.

        The mark is that of the last record that was read whole, `~`, and how many of the next one's were given.
        """
        outer, inner = _parted(asked)
        last, _, given = asked.after.partition("~")
        done = number_of(given)
        found: list[Json] = []
        for said in records.exchange.each_record(reach, replace(outer, after=last), _measuring):
            fields = [(one, v) for one, v in observed(said.kind, said) if all(_fits(f, said, one) for f in inner)]
            for one, value in fields[done:]:
                if len(found) == max(asked.count, 1):
                    return ResourcePage(found, f"{last}~{done}")
                found.append(observation(said, one, value))
                done += 1
            last = f"{said.on_date.isoformat()}_{said.number}" if asked.sort else str(said.number)
            done = 0
        return ResourcePage(found, "")


def _measuring(kind: RecordKind) -> bool:
    """Kinds of records that may measure something: all but those that only keep papers."""
    return kind.subject == "child"


def _parted(asked: Search) -> tuple[Search, tuple[Filter, ...]]:
    """What records are found by, and what is looked for inside them."""
    inner = tuple(f for f in asked.filters if f.name in ("code", "category", "_id"))
    outer = []
    for f in asked.filters:
        if f.name == "_id":
            numbers = [(t.code or "").partition(".")[0] for t in f.tokens]
            outer.append(replace(f, modifier="", tokens=tuple(Token(None, n) for n in numbers)))
        elif f not in inner:
            outer.append(f)
    return replace(asked, filters=tuple(outer)), inner


def _fits(f: Filter, said: RecordSaid, one: ReadyField) -> bool:
    if f.missing is not None:
        return not f.missing
    codes = codings(said, one)
    if f.name == "_id":
        found = any(t.code == f"{said.number}.{one.id.replace('_', '-')}" for t in f.tokens)
    elif f.name == "category":
        vital = any(c["code"] in VITAL for c in codes)
        found = any(t.code == ("vital-signs" if vital else "exam") for t in f.tokens)
    else:
        found = any(t.system in (None, c["system"]) and t.code in (None, c["code"]) for t in f.tokens for c in codes)
    return found != (f.modifier == "not")


class Immunizations(_Reading):
    """Doses given."""

    kind = "Immunization"

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        said = records.exchange.record(reach, number_of(id))
        if not vaccinates(said.kind):
            raise AbsentError("没有这个资源")
        return immunization(said)

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """Every version of the record."""
        self.read(reach, id)
        return _kept(reach, id, immunization)

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page of doses."""
        inner = [f for f in asked.filters if f.name == "vaccine-code"]
        outer = replace(asked, filters=tuple(_dose_filter(f) for f in asked.filters if f not in inner))
        if not inner:
            said, mark = records.exchange.records(reach, outer, vaccinates)
            return ResourcePage([immunization(r) for r in said], mark)
        found: list[Json] = []
        last = asked.after
        for one in records.exchange.each_record(reach, outer, vaccinates):
            resource = immunization(one)
            coding = resource["vaccineCode"]["coding"][0]
            if all(_coded(f, coding) for f in inner):
                if len(found) == max(asked.count, 1):
                    return ResourcePage(found, last)
                found.append(resource)
            last = f"{one.on_date.isoformat()}_{one.number}" if asked.sort else str(one.number)
        return ResourcePage(found, "")


def _dose_filter(f: Filter) -> Filter:
    """`completed` holds of corrected doses too."""
    if f.name == "status" and any(t.code == "completed" for t in f.tokens):
        return replace(f, tokens=(*f.tokens, Token(None, "amended")))
    return f


def _coded(f: Filter, coding: Json) -> bool:
    if f.missing is not None:
        return not f.missing
    found = any(t.system in (None, coding["system"]) and t.code in (None, coding["code"]) for t in f.tokens)
    return found != (f.modifier == "not")


register(Encounters())
register(Responses())
register(Observations())
register(Immunizations())
