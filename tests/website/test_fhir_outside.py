"""Health records to and from an outside FHIR server, a process of its own: pushed, pulled, failed and tried again,
changed on both sides and decided by a person."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import tokens
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.records.models import Child
from qingmiao.site.web.api.outside import partners, pulling, pushing, settling
from qingmiao.site.web.api.outside.caller import AwayError, OutsideError
from website.filed import HOME, KIND, a_child, a_number, answers, born, doctor
from website.outside_server import TOKEN
from website.role_ids import Role

pytestmark = pytest.mark.django_db
AT = datetime(2030, 1, 1, tzinfo=UTC)
LATER = timedelta(days=2)


class Outside:
    """The outside server: what stands there, and what somebody does there."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("outside_server.py")
        self.process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.at = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {TOKEN}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        with urllib.request.urlopen(urllib.request.Request(f"{self.at}{path}", data, given, method=method)) as answer:
            return json.loads(answer.read())

    def fails(self, *words: str) -> None:
        """What happens to the next requests."""
        self.ask("POST", "/told", list(words))

    def every(self, kind: str) -> list[dict[str, Any]]:
        page, found = self.ask("GET", f"/fhir/{kind}"), []
        while True:
            found += [e["resource"] for e in page["entry"]]
            following = [x["url"] for x in page["link"] if x["relation"] == "next"]
            if not following:
                return found
            page = self.ask("GET", following[0].removeprefix(self.at))

    def rename(self, id_: str, name: str) -> None:
        """The hospital corrects a name."""
        now = self.ask("GET", f"/fhir/Patient/{id_}")
        kept = [n for n in now["name"] if n.get("use") == "old"]
        self.ask("PUT", f"/fhir/Patient/{id_}", now | {"name": [{"use": "official", "text": name}, *kept]})


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    yield made
    made.end()


@pytest.fixture
def who(make_person: Any) -> Any:
    return doctor(make_person)


@pytest.fixture
def partner(outside: Outside, who: Any, tmp_path: Path, settings: Any) -> str:
    settings.HOME = tmp_path
    scopes = ["fhir.read", "fhir.write"]
    key = tokens.make(audit.SYSTEM, who.username, purpose="演示医院", scopes=scopes, days=9)[1]
    partners.add("hospital", f"{outside.at}/fhir", own_token=key, their_token=TOKEN)
    return "hospital"


def pushed(name: str, at: datetime = AT) -> pushing.Pushed:
    with partners.opened(name) as with_:
        return pushing.push(with_, at=at)


def pulled(name: str) -> pulling.Pulled:
    with partners.opened(name) as with_:
        return pulling.pull(with_, at=AT)


def conflicts(name: str) -> list[Any]:
    with partners.opened(name) as with_:
        return with_.kept.conflicts()


def a_record(who: Any, child: int) -> int:
    made, filled = records.write(Reach(who), child, KIND, operation=f"outside-{child}", answers=answers())
    assert made, filled.faults
    return made


def amended(who: Any, child: int, name: str) -> None:
    """A name is corrected here."""
    number = Child.objects.get(pk=child)
    own = records.typed_identity(Reach(who), child)
    assert own is not None
    records.amend(Reach(who), child, version=number.version, identity=_renamed(own, name), reason="核对户口本")


def _renamed(own: Any, name: str) -> Any:
    from dataclasses import replace

    return replace(own, name=name)


def test_what_changed_here_is_sent_once_and_refers_to_what_is_there(partner: str, outside: Outside, who: Any) -> None:
    child = a_child(who)
    record = a_record(who, child)
    first = pushed(partner)
    assert (first.waiting, first.conflicts) == (0, 0)
    (patient,) = outside.every("Patient")
    assert {"system": "urn:qingmiao:141029:Patient", "value": str(child)} in patient["identifier"]
    (visit,) = outside.every("Encounter")
    assert visit["subject"]["reference"] == f"Patient/{patient['id']}"
    assert "reference" not in visit["serviceProvider"]
    observed = outside.every("Observation")
    assert observed
    assert {o["encounter"]["reference"] for o in observed} == {f"Encounter/{visit['id']}"}
    assert outside.every("QuestionnaireResponse")[0]["identifier"]["value"] == str(record)
    assert first.sent == 3 + len(observed)
    event = Event.objects.get(action="records.outside")
    assert (event.object_id, event.detail) == ("hospital", {"sent": first.sent})
    assert pushed(partner).sent == 0
    amended(who, child, "演示改名")
    assert pushed(partner).sent == 1
    assert outside.every("Patient")[0]["name"][0]["text"] == "演示改名"
    assert pulled(partner).written == 0, "what came from here does not come back"


def test_what_fails_waits_longer_each_time_and_is_there_once(partner: str, outside: Outside, who: Any) -> None:
    """Busy, broken, away, done without an answer: nothing is lost, nothing is twice."""
    a_child(who)
    outside.fails("busy")
    assert pushed(partner).waiting == 1
    assert pushed(partner, AT + timedelta(seconds=89)).sent == 0, "the server asked for 90 seconds"
    with partners.opened(partner) as with_:
        (waits,) = with_.kept.waiting()
    assert (waits.tries, "稍后再试" in waits.problem) == (1, True)
    outside.fails("broken", "away", "lost")
    at = AT
    waited = []
    for _ in range(3):
        at += LATER
        assert pushed(partner, at).waiting == 1
        with partners.opened(partner) as with_:
            waited.append(datetime.fromisoformat(with_.kept.waiting()[0].next_at) - at)
    assert waited == [timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=240)]
    assert pushed(partner, at + LATER).sent == 1
    assert len(outside.every("Patient")) == 1


def test_what_was_sent_and_has_changed_before_it_was_confirmed_is_not_taken_for_sent(
    partner: str, outside: Outside, who: Any
) -> None:
    child = a_child(who)
    outside.fails("lost")
    assert pushed(partner).waiting == 1
    amended(who, child, "演示改名")
    assert pushed(partner, AT + LATER).conflicts == 1
    with partners.opened(partner) as with_:
        settling.settle_ours(with_, with_.kept.conflicts()[0].number, at=AT)
    assert pushed(partner, AT + 2 * LATER).sent == 1
    (patient,) = outside.every("Patient")
    assert patient["name"][0]["text"] == "演示改名"


def test_a_change_whose_answer_was_lost_is_no_conflict(partner: str, outside: Outside, who: Any) -> None:
    child = a_child(who)
    pushed(partner)
    amended(who, child, "演示改名")
    outside.fails("lost")
    assert pushed(partner).waiting == 1
    assert pushed(partner, AT + LATER).sent == 1
    assert conflicts(partner) == []
    assert outside.every("Patient")[0]["meta"]["versionId"] == "2"


def test_what_is_changed_there_is_written_here_and_numbers_stay(partner: str, outside: Outside, who: Any) -> None:
    number = a_number(born(), "F")
    child = a_child(who, number=number)
    pushed(partner)
    (patient,) = outside.every("Patient")
    ours = [i for i in patient["identifier"] if i["system"].startswith("urn:qingmiao:141029")]
    now = patient | {"identifier": ours, "name": [{"use": "official", "text": "演示医院改"}]}
    outside.ask("PUT", f"/fhir/Patient/{patient['id']}", now)
    assert pulled(partner) == pulling.Pulled(1, 0)
    own = records.typed_identity(Reach(who), child)
    assert own is not None
    assert (own.name, own.number) == ("演示医院改", number)
    assert pulled(partner).written == 0
    assert pushed(partner).sent == 0, "what came from there is not sent back"


def test_both_sides_changed_it_and_a_person_decides(partner: str, outside: Outside, who: Any) -> None:
    child = a_child(who)
    pushed(partner)
    (patient,) = outside.every("Patient")
    amended(who, child, "演示本站改")
    outside.rename(patient["id"], "演示医院改")
    assert pushed(partner).conflicts == 1
    assert pulled(partner) == pulling.Pulled(0, 1)
    assert Child.objects.get(pk=child).name == "演示本站改"
    assert outside.every("Patient")[0]["name"][0]["text"] == "演示医院改"
    (one,) = conflicts(partner)
    assert "两边都改过" in one.why
    assert pushed(partner, AT + LATER).sent == 0
    with partners.opened(partner) as with_:
        settling.settle_ours(with_, one.number, at=AT)
    assert pushed(partner, AT + LATER).sent == 1
    assert outside.every("Patient")[0]["name"][0]["text"] == "演示本站改"
    amended(who, child, "演示本站再改")
    outside.rename(patient["id"], "演示医院再改")
    assert pulled(partner) == pulling.Pulled(0, 1)
    with partners.opened(partner) as with_:
        assert settling.settle_theirs(with_, with_.kept.conflicts()[0].number, at=AT)
    assert Child.objects.get(pk=child).name == "演示医院再改"
    assert conflicts(partner) == []
    assert pushed(partner, AT + 2 * LATER).sent == 0


def test_answers_of_the_other_side_become_a_record_and_what_is_refused_waits(
    partner: str, outside: Outside, who: Any
) -> None:
    """The hospital fills in the county's form; a child who may be there already, and a form that is wrong, wait."""
    child = a_child(who)
    record = a_record(who, child)
    pushed(partner)
    (patient,) = outside.every("Patient")
    (form,) = outside.every("QuestionnaireResponse")
    born_there = {k: v for k, v in form.items() if k not in ("id", "meta", "identifier")}
    records.withdraw(Reach(who), record, version=1, reason="登记有误，重新填写")
    pushed(partner)
    outside.ask("POST", "/fhir/QuestionnaireResponse", born_there | {"status": "completed"})
    outside.ask("POST", "/fhir/QuestionnaireResponse", born_there | {"item": [{"linkId": "nothing-of-ours"}]})
    outside.ask("POST", "/fhir/Patient", {
        "resourceType": "Patient", "name": [{"text": Child.objects.get(pk=child).name}], "gender": "female",
        "birthDate": Child.objects.get(pk=child).birth_date.isoformat(),
        "address": [{"extension": [{"url": "urn:qingmiao:area", "valueCode": HOME}]}],
    })  # fmt: skip
    assert pulled(partner) == pulling.Pulled(1, 2)
    told = {c.kind: c.why for c in conflicts(partner)}
    assert "nothing-of-ours" in told["QuestionnaireResponse"]
    assert "同一名儿童" in told["Patient"]
    assert Child.objects.count() == 1
    twin = next(c for c in conflicts(partner) if c.kind == "Patient")
    with partners.opened(partner) as with_:
        settling.settle_ours(with_, twin.number, at=AT)
    assert [c.kind for c in conflicts(partner)] == ["QuestionnaireResponse"]
    assert patient["id"] != twin.there


def test_nothing_goes_without_a_token_that_counts_or_over_an_open_line(
    partner: str, outside: Outside, who: Any, make_person: Any
) -> None:
    a_child(who)
    with pytest.raises(OutsideError, match="不是 https"):
        partners.add("far", "http://hospital.example/fhir", own_token="x", their_token="y")
    other = make_person("education", Role.LIAISON)
    key = tokens.make(audit.SYSTEM, other.username, purpose="演示系统", scopes=["fhir.read"], days=9)[1]
    partners.add("school", f"{outside.at}/fhir", own_token=key, their_token=TOKEN)
    assert pushed("school").sent == 0, "an account that sees no child sends none"
    with pytest.raises(Exception, match="范围不含"):
        pulled("school")
    partners.add("hospital", f"{outside.at}/fhir", own_token=key, their_token="wrong")
    tokens.revoke(audit.SYSTEM, next(t.number for t in tokens.listed() if t.username == other.username))
    with pytest.raises(OutsideError, match="已作废"):
        pushed("hospital")
    assert outside.every("Patient") == []


def test_a_server_that_is_away_is_pulled_from_where_it_stopped(partner: str, outside: Outside, who: Any) -> None:
    for name in ("演示甲", "演示乙", "演示丙"):
        a_child(who, name)
    pushed(partner)
    for n, patient in enumerate(outside.every("Patient")):
        outside.rename(patient["id"], f"演示医院{'甲乙丙'[n]}")
    outside.fails("", "away")
    with pytest.raises(AwayError):
        pulled(partner)
    assert pulled(partner).written == 1
    assert sorted(Child.objects.values_list("name", flat=True)) == ["演示医院丙", "演示医院乙", "演示医院甲"]
