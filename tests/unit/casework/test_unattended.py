"""Who counts as an orphan or as de facto unattended: every combination of both parents' situations, as 民发〔2019〕62号,
民发〔2020〕125号 and 国办发〔2010〕54号 say, and the six months that some of them must have lasted."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product

import pytest
from programme_scripts import ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, take

# Rows: the father; columns: the mother; Q0 able to care, Q1 dead, Q2 missing, Q3 severely disabled, Q4 seriously ill,
# Q5 in prison, Q6 compulsory drug treatment, Q7 other measure, Q8 out of contact, Q9 guardianship revoked,
# Q10 expelled, Q11 cannot be found. O: orphan (W04); U: unattended (W05); -: neither.
TABLE = """
      Q0 Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q8 Q9 Q10 Q11
Q0    -  -  -  -  -  -  -  -  -  -  -   -
Q1    -  O  O  U  U  U  U  U  U  U  U   -
Q2    -  O  O  U  U  U  U  U  U  U  U   -
Q3    -  U  U  U  U  U  U  U  U  U  U   -
Q4    -  U  U  U  U  U  U  U  U  U  U   -
Q5    -  U  U  U  U  U  U  U  U  U  U   -
Q6    -  U  U  U  U  U  U  U  U  U  U   -
Q7    -  U  U  U  U  U  U  U  U  U  U   -
Q8    -  U  U  U  U  U  U  U  U  U  U   -
Q9    -  U  U  U  U  U  U  U  U  U  U   -
Q10   -  U  U  U  U  U  U  U  U  U  U   -
Q11   -  -  -  -  -  -  -  -  -  -  -   O
"""
SIX_MONTHS = ("Q5", "Q6", "Q7", "Q8")
"""服刑在押、强制隔离戒毒、被执行其他限制人身自由的措施、失联 count from six months on."""
ON = datetime(2026, 9, 1, 9)


def table() -> dict[tuple[str, str], str]:
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {(row[0], mother): cell for row in rows for mother, cell in zip(head, row[1:], strict=True)}


def accepted(programme: str, father: str, mother: str, *, father_since: date, mother_since: date) -> bool:
    """Whether an application with these situations is accepted; refused for nothing but who is eligible."""
    answers = {
        "child_name": "演示儿童", "child_sex": "M", "child_birth_date": "2016-05-01", "applicant": "演示祖母",
        "applicant_relation": "paternal_grandparent", "father_situation": father, "mother_situation": mother,
    }  # fmt: skip
    if programme == "orphan":
        answers["proof_number"] = "演示"
    else:
        since = {"father_since": (father, father_since), "mother_since": (mother, mother_since)}
        answers |= {k: day.isoformat() for k, (situation, day) in since.items() if situation != "Q0"}
    one = ready(programme)
    doer = Doer(roles=frozenset({"supervisor"}), any_relation=True)
    outcome = take(one, CaseFile(programme), "applied", doer, ON, answers)
    told = one.programme.eligible_words
    assert told is not None
    if programme == "orphan" and not outcome.allowed and told.zh not in outcome.reason:
        assert {f.field for f in outcome.faults} <= {"father_situation", "mother_situation"}  # the form has fewer codes
    elif not outcome.allowed:
        assert told.zh in outcome.reason
    return outcome.allowed


def test_the_table_has_every_combination_and_is_the_same_for_both_parents() -> None:
    every = [f"Q{n}" for n in range(12)]
    cells = table()
    assert set(cells) == set(product(every, every))
    assert all(cells[f, m] == cells[m, f] for f, m in cells)


@pytest.mark.parametrize(("programme", "sign"), [("orphan", "O"), ("defacto_unattended", "U")])
def test_every_combination_is_judged_as_the_document_says(programme: str, sign: str) -> None:
    long_ago = date(2024, 1, 1)
    judged = {
        pair: accepted(programme, *pair, father_since=long_ago, mother_since=long_ago) for pair in table()
    }  # fmt: skip
    assert judged == {pair: cell == sign for pair, cell in table().items()}


@pytest.mark.parametrize("situation", [f"Q{n}" for n in range(3, 11)])
def test_what_must_have_lasted_six_months_does_not_count_a_day_earlier(situation: str) -> None:
    for since, long_enough in ((date(2026, 3, 1), True), (date(2026, 3, 2), False)):
        counts = long_enough or situation not in SIX_MONTHS
        for other in ("Q1", "Q4"):
            old = date(2024, 1, 1)
            assert accepted("defacto_unattended", situation, other, father_since=since, mother_since=old) is counts
            assert accepted("defacto_unattended", other, situation, father_since=old, mother_since=since) is counts
