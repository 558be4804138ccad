"""A case can leave every state: what the steps that lead on need is asked on the way there, or there itself."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.content.programme_ends import stuck
from qingmiao.content.programmes import Programme


def a_programme(*more: dict[str, Any], needs: list[str]) -> Programme:
    """Seen, then returned or fined, then closed; closing needs what returning asks."""
    word = {"zh": "环节", "en": "step"}
    steps = [
        {"do": "seen", "label": word, "to": "seen", "roles": ["liaison"]},
        {"do": "returned", "label": word, "from": "seen", "to": "returned", "roles": ["liaison"], "asks": ["day"]},
        {"do": "fined", "label": word, "from": ["seen", "returned"], "to": "fined", "roles": ["liaison"]},
        {"do": "closed", "label": word, "from": "fined", "to": "closed", "roles": ["liaison"], "needs": needs},
        *({"label": word, "roles": ["liaison"]} | one for one in more),
    ]
    states = {s: {"label": word, "owners": ["liaison"]} for s in ("seen", "returned", "fined")}
    return Programme.model_validate(
        {
            "id": "small", "label": word, "subject": "event", "secrecy": "内部",
            "states": states | {"closed": {"label": word, "final": True}},
            "fields": [{"id": "day", "label": word, "type": "date"}], "steps": steps,
            "source": {"document": "演示", "evidence": "seen"},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "needs", "found"),
    [
        ([], ["day"], [("fined", ("day",))]),
        ([], [], []),
        ([{"do": "late", "from": "fined", "asks": ["day"]}], ["day"], []),
        ([{"do": "late", "from": "fined", "may": ["day"]}], ["day"], []),
        ([{"do": "given_up", "from": "fined", "to": "closed"}], ["day"], []),
        ([{"do": "back", "from": "fined", "to": "seen"}], ["day"], []),
    ],
    ids=["nothing asks", "nothing needed", "asked there", "may be filled in there", "another way out", "back"],
)
def test_a_state_that_a_case_cannot_leave_is_named(
    more: list[dict[str, Any]], needs: list[str], found: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert list(stuck(a_programme(*more, needs=needs), {})) == found
