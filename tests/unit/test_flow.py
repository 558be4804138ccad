"""What a flow is, how it decides, and what is printed from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from qingmiao.flow import NOTHING, Ask, Flow, FlowError, Refusal, State, Step, Who, decide
from qingmiao.flow.pages import diagram, table
from qingmiao.flow.paths import Try, tries
from qingmiao.kernel.decisions import YES, no

AT = datetime(2026, 3, 2, 9)
OPEN, SHUT = State("open", "开着", "open"), State("shut", "关了", "shut", final=True)
CLOSE = Step("close", "关上", "close", "open", "shut", frozenset({"porter"}), (Ask("reason", "原因"),), ("dry",))
TEND = Step("tend", "擦拭", "tend", "open", "open", frozenset({"porter", "guest"}))
RUST = Step("rust", "生锈", "rust", "open", "shut")
GATE = Flow("gate", "门", (OPEN, SHUT), (CLOSE, TEND, RUST))
GUARDS = {"dry": lambda thing, answers, who, at: no("门还是湿的") if thing.wet else YES}


@dataclass
class Gate:
    state: str = "open"
    wet: bool = False


def ruled(step: str, gate: Gate, who: Who, **answers: str):
    return decide(GATE, gate, step, answers, who, AT, guards=GUARDS, least=4)


PORTER = Who("ann", frozenset({"porter"}))


def test_a_step_is_allowed_and_says_which() -> None:
    found = ruled("close", Gate(), PORTER, reason="天黑了要关门")
    assert (bool(found), found.step, found.refusal) == (True, CLOSE, None)


@pytest.mark.parametrize(
    ("step", "gate", "who", "reason", "refusal", "word"),
    [
        ("fly", Gate(), PORTER, "", Refusal.ABSENT, "没有这一步"),
        ("close", Gate(), Who("bob", frozenset({"guest"})), "天黑了要关门", Refusal.ABSENT, "没有这一步"),
        ("close", Gate("shut"), PORTER, "天黑了要关门", Refusal.ELSEWHERE, "现在是“关了”，不能关上"),
        ("close", Gate(), PORTER, " 天黑了 ", Refusal.UNSAID, "至少 4 个字，现在 3 个"),
        ("close", Gate(wet=True), PORTER, "天黑了要关门", Refusal.GUARDED, "门还是湿的"),
        ("rust", Gate(), PORTER, "", Refusal.ABSENT, "没有这一步"),
        ("close", Gate(), Who("cron", frozenset({"porter"}), job=True), "天黑了要关门", Refusal.ABSENT, "没有这一步"),
    ],
)  # fmt: skip
def test_a_refusal_has_its_kind_and_its_words(step, gate, who, reason, refusal, word) -> None:
    found = ruled(step, gate, who, reason=reason)
    assert not found
    assert found.refusal is refusal
    assert word in found.reason


def test_a_job_takes_what_no_person_does() -> None:
    assert ruled("rust", Gate(), Who("weather", job=True))


def test_an_unregistered_guard_is_a_bug() -> None:
    with pytest.raises(KeyError):
        decide(GATE, Gate(), "close", {"reason": "天黑了要关门"}, PORTER, AT, guards={}, least=4)


def test_every_try_made_from_the_table_comes_out_as_it_says() -> None:
    made = list(tries(GATE, {"porter", "guest", "king"}, least=4))
    for one in made:
        found = decide(GATE, Gate(one.state), one.step, dict(one.answers), one.who, AT, guards=GUARDS, least=4)
        assert found.refusal is one.expected, str(one)
        assert (found.step.target if found and found.step else "") == one.target
    kinds = {one.expected for one in made}
    assert kinds == {None, Refusal.ABSENT, Refusal.ELSEWHERE, Refusal.UNSAID}
    assert sum(one.expected is None for one in made) == 4  # close, tend by two, rust by a job


def test_a_role_taken_from_a_step_is_noticed() -> None:
    """The tries of the right table against a table without one role: some try must come out otherwise."""
    for line in GATE.steps:
        for role in line.roles:
            weaker = Flow("gate", "门", GATE.states, tuple(
                Step(s.name, s.label, s.label_en, s.source, s.target, s.roles - {role} if s is line else s.roles,
                    s.asks, s.guards)
                for s in GATE.steps
            ))  # fmt: skip
            wrong = [
                one
                for one in tries(GATE, {"porter", "guest", "king"}, least=4)
                if decide(weaker, Gate(one.state), one.step, dict(one.answers), one.who, AT, guards=GUARDS,
                    least=4).refusal
                is not one.expected
            ]  # fmt: skip
            assert wrong, (line.name, role)


@pytest.mark.parametrize(
    ("states", "steps", "word"),
    [
        ((), (), "没有写"),
        ((OPEN, OPEN, SHUT), (CLOSE,), "重复"),
        ((OPEN, SHUT), (Step("go", "走", "go", "open", "moon"), CLOSE), "moon"),
        ((OPEN, SHUT), (CLOSE, CLOSE), "同名"),
        ((OPEN, State("stuck", "卡住", "stuck"), SHUT), (CLOSE, Step("jam", "卡", "jam", "open", "stuck")), "stuck 没有出路"),
        ((OPEN, SHUT, State("lost", "丢了", "lost", final=True)), (CLOSE,), "lost 到不了"),
    ],
)  # fmt: skip
def test_a_flow_that_cannot_work_is_refused(states, steps, word) -> None:
    with pytest.raises(FlowError, match=word):
        Flow("gate", "门", states, steps)


def test_what_is_printed_names_every_step() -> None:
    words = {"porter": "门房", "guest": "客人"}
    printed = "\n".join([*diagram(GATE, words.__getitem__), *table(GATE, words.__getitem__)])
    assert "open --> shut: 关上（门房）" in printed
    assert "| 擦拭 `tend` | 开着 | 不变 | 客人、门房 |" in printed
    assert "后台任务" in printed
    assert "`dry`" in printed


class TestMakingAThing:
    """A step from nothing makes the thing; people may take steps by a relation to it; some steps are for people and
    jobs."""

    BUILD = Step("build", "建门", "build", NOTHING, "open", frozenset({"king"}), (Ask("reason", "原因"),), jobs=True)
    OPEN_OWN = Step("open", "开门", "open", "shut", "open", relations=frozenset({"self"}))
    FLOW = Flow("gate", "门", (SHUT, OPEN), (BUILD, CLOSE, OPEN_OWN))
    EVERYBODY = ("guest", "king", "porter")

    def outcome(self, flow: Flow, one: Try) -> tuple[Refusal | None, str]:
        found = decide(flow, Gate(), one.step, dict(one.answers), one.who, AT, guards=GUARDS, least=4, state=one.state)
        return found.refusal, found.step.target if found and found.step else ""

    def test_every_try_comes_out_as_the_table_says(self) -> None:
        made = list(tries(self.FLOW, self.EVERYBODY, least=4))
        assert [str(one) for one in made if self.outcome(self.FLOW, one) != (one.expected, one.target)] == []
        rightful = [one.why for one in made if one.expected is None]
        assert rightful == ["by king", "by a job", "by porter", "by self"]

    def test_what_is_there_is_not_made_again_and_what_is_not_there_is_not_worked_on(self) -> None:
        king, said = Who("ann", frozenset({"king"})), {"reason": "需要一扇门"}
        again = decide(self.FLOW, Gate("open"), "build", said, king, AT, guards=GUARDS, least=4)
        assert again.refusal is Refusal.ELSEWHERE
        gone = decide(self.FLOW, Gate(), "close", said, PORTER, AT, guards=GUARDS, least=4, state=NOTHING)
        assert "还没有" in gone.reason

    @pytest.mark.parametrize(
        ("step", "weaker"),
        [
            ("build", {"roles": frozenset()}),
            ("build", {"jobs": False}),
            ("open", {"relations": frozenset({"owner"})}),
        ],
    )
    def test_each_permission_taken_away_is_noticed(self, step: str, weaker: dict) -> None:
        lines = tuple(replace(s, **weaker) if s.name == step else s for s in self.FLOW.steps)
        flow = Flow("gate", "门", self.FLOW.states, lines)
        made = tries(self.FLOW, self.EVERYBODY, least=4)
        assert any(self.outcome(flow, one) != (one.expected, one.target) for one in made)

    def test_a_state_that_no_step_leads_to_from_the_beginning_is_told(self) -> None:
        with pytest.raises(FlowError, match="到不了"):
            Flow("gate", "门", (OPEN, SHUT), (replace(self.BUILD, target="shut"), CLOSE))

    def test_the_page_begins_with_the_step_that_makes_it(self) -> None:
        drawn = "\n".join(diagram(self.FLOW, str))
        assert "[*] --> open: 建门（king、后台任务）" in drawn
        assert "[*] --> shut" not in drawn
        assert "| 建门 `build` | — | 开着 | king、后台任务 |" in "\n".join(table(self.FLOW, str))
        assert "| 开门 `open` | 关了 | 开着 | 本人 |" in "\n".join(table(self.FLOW, str))
