"""Cases under kill -9: opened, stepped, referred and moved by people who send each operation until it is answered, and
then once more; at the end everything acknowledged is there, whole and once.

The county of the drill has one step more than the shipped ones: it moves a case (`transfers`) at once, by one person.
"""

from __future__ import annotations

import http.client
import re
import shutil
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
import yaml

from website.small_county import ROOT

if TYPE_CHECKING:
    from website.killing import Drill

PROGRAMME, CASES = "child_case", "programme_cases"
"""The programme, and the table of facts in which each case has one row."""
OWNER, NEXT, OFFICE = "supervisor-141029100", "supervisor-141029101", "child-protection-officer"
PEOPLE = (OWNER, NEXT, OFFICE)
MOVED_TO = "township.141029101"
FULL_ROUND = ("open", "emergency", "refer", "accept", "hand_over", "accept_transfer", "assessing")
"""What happens to a case, in order, under these names."""
SAID: dict[str, dict[str, Any]] = {
    "open": {
        "child_name": "演示甲", "child_sex": "F", "child_birth_date": "2016-05-01", "child_place": "141029100",
        "channel": "school", "danger_now": "no", "risk": "yellow",
    },
    "emergency": {"danger_now": "no", "risk": "yellow"},
    "refer": {"refer_to": "P08"},
    "accept": {"do": "accept_referral", "referral": 1},
    "hand_over": {"moves_to": MOVED_TO},
    "accept_transfer": {"do": "accept_referral", "referral": 2},
    "assessing": {"safety_plan": "由祖母看护"},
}  # fmt: skip
TAKERS = {"accept": OFFICE, "accept_transfer": NEXT, "assessing": NEXT}
"""Who does what the first owner does not."""
CHANGE: dict[str, Any] = {
    "id": PROGRAMME,
    "source": {"document": "演示办法", "place": "第三条", "evidence": "seen"},
    "fields": [{"id": "moves_to", "label": {"zh": "移交给", "en": "moves to"}, "type": "organisation"}],
    "steps": [
        {
            "do": "hand_over", "label": {"zh": "移交", "en": "hand over"}, "from": ["emergency"],
            "roles": ["supervisor"], "asks": ["moves_to"],
            "refers": [
                {
                    "to": PROGRAMME, "fields": ["child_name", "child_sex", "child_birth_date", "child_place"],
                    "unit": "moves_to", "transfers": True, "purpose": {"zh": "随居住地移交", "en": "the child moved"},
                    "ground": {"document": "演示办法", "place": "第三条", "evidence": "seen"},
                }
            ],
        }
    ],
}  # fmt: skip


def pack_with_a_transfer(folder: Path) -> Path:
    """The county's pack as it is, and a step of one programme by which a case moves to another township."""
    shutil.copytree(ROOT / "content" / "xiangning", folder)
    head = folder / "pack.toml"
    head.write_text(head.read_text("utf-8").replace("../china", (ROOT / "content" / "china").as_posix()), "utf-8")
    (folder / "programme_changes").mkdir(exist_ok=True)
    told = yaml.safe_dump(CHANGE, allow_unicode=True)
    (folder / "programme_changes" / f"{PROGRAMME}.yaml").write_text(told, "utf-8")
    return folder


class CaseLoad:
    """The people of a case and their operations. `tried`: operation → what it is; `acknowledged`: operation → case."""

    def __init__(self, drill: Drill, seed: int) -> None:
        self.drill, self.random = drill, Random(seed)
        self.tried: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}

    def go(self) -> None:
        """One case from its opening until another township works on it."""
        number = 0
        for version, what in enumerate(FULL_ROUND):
            said = dict(SAID[what])
            if what == "open":
                path = f"/cases/new/{PROGRAMME}?step=open_reported"
            else:
                path = f"/cases/{number}" if "referral" in said else f"/cases/{number}/steps/{what}"
                said["version"] = version
            answered = self._done(what, path, said)
            if answered is None:
                return
            number = answered

    def _done(self, what: str, path: str, said: dict[str, Any]) -> int | None:
        """The case of an operation, sent until it is acknowledged; None where the drill ended or it was refused. It
        counts as unknown once where it was sent to a process that died or lost its database before it answered."""
        outcome, name = self.drill.outcome, f"case.{what}"
        operation = f"kill-{self.random.getrandbits(80):020x}"
        self.tried[operation] = what
        body, met = {**said, "operation": operation}, False
        while not self.drill.stop.is_set():
            try:
                status, where, text = self._sent(what, path, body)
            except (OSError, http.client.HTTPException) as e:
                met |= not isinstance(e, ConnectionRefusedError)  # whoever was not there did nothing
                time.sleep(0.05)
                continue
            outcome.unknown[name] += met
            if status != 302:
                outcome.problems.append(f"{name} {status} {re.sub('<[^>]+>', ' ', text)[-600:]}")
                return None
            self.acknowledged[operation] = number = _case_of(where)
            outcome.acknowledged[name] += 1
            self._again(what, path, body, number)
            return number
        return None

    def _sent(self, what: str, path: str, body: dict[str, Any]) -> tuple[int, str, str]:
        who = self.drill.people[TAKERS.get(what, OWNER)]
        with self.drill.posted("case"):
            return who.form(path, **body)

    def _again(self, what: str, path: str, body: dict[str, Any], number: int) -> None:
        """The same operation arrives again: as it was, and in a form that is another one to the page. It leads to the
        same case, or is not there any more; what the tables say of it is compared at the end."""
        for more in ({}, {"sent_again": "yes"}):
            try:
                status, where, _ = self._sent(what, path, body | more)
            except (OSError, http.client.HTTPException):
                continue  # what was killed did not answer; the operation counts once all the same
            if not (status == 404 and more) and (status != 302 or _case_of(where) != number):
                self.drill.outcome.problems.append(f"case.{what} again: {status} {where}, it was case {number}")

    def check(self, connection: psycopg.Connection[Any]) -> list[str]:
        """What was acknowledged and is not there; what is there half or twice."""
        rows = connection.execute(
            "SELECT operation, case_id, number, step, target FROM cases_step ORDER BY case_id, number"
        ).fetchall()
        there = {operation: case for operation, case, *_ in rows}
        wrong = [
            f"case.{self.tried[o]} of case {case} was acknowledged; kept: {there.get(o)}"
            for o, case in self.acknowledged.items()
            if there.get(o) != case
        ]
        ours = {case for operation, case in there.items() if operation in self.tried}
        steps: dict[int, list[tuple[int, str, str]]] = {number: [] for number in ours}
        for operation, case, number, step, target in rows:
            if case in ours:
                steps[case].append((number, step, target))
                if operation not in self.tried:
                    wrong.append(f"case {case}: nobody asked for its step {number} {step}")
        made = connection.execute("SELECT count(*) FROM cases_case WHERE programme = %s", [PROGRAMME]).fetchone()
        opened = connection.execute(
            "SELECT count(*) FROM cases_step s JOIN cases_case c ON c.id = s.case_id"
            " WHERE c.programme = %s AND s.number = 1",
            [PROGRAMME],
        ).fetchone()
        if made != opened:
            wrong.append(f"{made} cases of {PROGRAMME}, {opened} openings")
        for number, taken in steps.items():
            wrong += [f"case {number}: {told}" for told in _halves(connection, number, taken)]
        return wrong


def _case_of(where: str) -> int:
    found = re.match(r"/cases/(\d+)", where)
    return int(found.group(1)) if found else 0


def _halves(connection: psycopg.Connection[Any], number: int, steps: list[tuple[int, str, str]]) -> list[str]:
    """Where the row of a case, its steps, its trail, its units, its referrals and its facts do not say the same."""
    told, of = [], [number]
    ((stage, version, owner, facts),) = connection.execute(
        "SELECT stage, version, owner_id, facts_version FROM cases_case WHERE id = %s", of
    ).fetchall()
    if [n for n, *_ in steps] != list(range(1, version + 1)) or steps[-1][2] != stage:
        told.append(f"stands in {stage}, version {version}; its steps {steps}")
    trail = connection.execute(
        "SELECT detail ->> 'step', detail ->> 'stage' FROM audit_event"
        " WHERE object_type = 'case' AND object_id = %s AND detail ->> 'stage' IS NOT NULL ORDER BY id",
        [str(number)],
    ).fetchall()  # beside them stands who looked
    if trail != [(step, target) for _, step, target in steps]:
        told.append(f"its trail says {trail}, its steps {steps}")
    owners = connection.execute("SELECT unit_id FROM cases_party WHERE case_id = %s AND owner", of).fetchall()
    moved = len(steps) >= 1 + FULL_ROUND.index("accept_transfer")
    if owners != [(owner,)] or (owner == MOVED_TO) != moved:
        told.append(f"is {owner}'s, its units say {owners}; moved: {moved}")
    referrals = connection.execute(
        "SELECT state FROM cases_referral WHERE case_id = %s ORDER BY number", of
    ).fetchall()  # fmt: skip
    reached = FULL_ROUND[: len(steps)]
    wanted = [("accepted" if a in reached else "sent",) for s, a in _REFERRALS if s in reached]
    if referrals != wanted:
        told.append(f"its referrals are {referrals}, its steps say {wanted}")
    return [*told, *_facts(connection, number, facts, stage)]


_REFERRALS = (("refer", "accept"), ("hand_over", "accept_transfer"))


def _facts(connection: psycopg.Connection[Any], number: int, version: int, stage: str) -> list[str]:
    """The facts that count of a case are its newest, and say where it stands."""
    found = connection.execute(
        "SELECT p.version, b.data FROM facts_publication p LEFT JOIN facts_batch b ON b.publication_id = p.id"
        ' WHERE p."table" = %s AND p.source = %s AND p.superseded_by_id IS NULL',
        [CASES, f"case:{number}"],
    ).fetchall()
    said = [(v, pa.ipc.open_stream(data).read_all().to_pylist() if data is not None else []) for v, data in found]
    if len(said) != 1 or said[0][0] != version or [r["stage"] for r in said[0][1]] != [stage]:
        return [f"stands in {stage}, facts version {version}; what counts of it: {said}"]
    return []
