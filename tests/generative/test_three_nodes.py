"""Two counties, a city, a province: whatever the lines do to messages, all end in the same state.

A model: what each node would hold if nothing were ever lost. Real code: sealing, opening, taking, adding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.exchange import (
    CountyState,
    ExchangedFigure,
    ExchangePackage,
    HeldState,
    PackageError,
    RolledIndicator,
    SignedReceipt,
    new_private_key,
    next_number,
    open_package,
    open_receipt,
    public_key_of,
    roll_up,
    seal_package,
    seal_receipt,
    take,
)

COUNTIES, CITY, PROVINCE = ("790101", "790102"), "790100", "790000"
RATE = {"x": RolledIndicator(100, 1, True)}
PRIVATE = {code: new_private_key() for code in (*COUNTIES, CITY, PROVINCE)}
KEYS = {code: public_key_of(key) for code, key in PRIVATE.items()}
UP = {**dict.fromkeys(COUNTIES, CITY), CITY: PROVINCE}


@dataclass
class Node:
    """What a node has: its own counts by township and year, what it holds of others, what it sent and heard back."""

    code: str
    counts: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    held: dict[str, HeldState] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)
    receipts: list[SignedReceipt] = field(default_factory=list)

    def state(self) -> CountyState:
        if self.code == CITY:
            return roll_up(CITY, COUNTIES, {c: h.state for c, h in self.held.items()}, RATE)
        years = {year for _, year in self.counts}
        sums = {
            (self.code, y): tuple(sum(n[i] for (_, year), n in self.counts.items() if year == y) for i in (0, 1))
            for y in years
        }
        return CountyState.made(
            self.code, "p",
            (ExchangedFigure("x", area, y, f"{n[0]}/{n[1]}", n[0], n[1], 1) for (area, y), n in
             (self.counts | sums).items()),
        )  # fmt: skip

    def pack(self) -> bytes:
        number = next_number(self.sent, self.receipts)
        self.sent.append(number)
        return seal_package(ExchangePackage(self.code, UP[self.code], number, "t", self.state()), PRIVATE[self.code])

    def take(self, raw: bytes) -> bytes | None:
        try:
            package = open_package(raw, self.code, KEYS)
        except PackageError:
            return None
        before = self.held.get(package.sender)
        done = take(before, package, at="t")
        assert before is None or done.held.number >= before.number
        self.held[package.sender] = done.held
        return seal_receipt(done.receipt, PRIVATE[self.code])


county = st.sampled_from(COUNTIES)
step = st.one_of(
    st.tuples(st.just("count"), county, st.integers(1, 2), st.integers(2024, 2025), st.integers(0, 9),
              st.integers(10, 20)),
    st.tuples(st.just("send"), st.sampled_from([*COUNTIES, CITY])),
    st.tuples(st.just("deliver"), st.integers(0, 30), st.booleans(), st.booleans()),
    st.tuples(st.just("damage"), st.integers(0, 30), st.integers(0, 2000)),
    st.tuples(st.just("drop"), st.integers(0, 30)),
    st.tuples(st.just("restore"), county),
)  # fmt: skip


def post(nodes: dict[str, Node], line: list[tuple[str, bytes]], sender: str) -> None:
    line.append((UP[sender], nodes[sender].pack()))


def arrive(nodes: dict[str, Node], to: str, raw: bytes, *, answers: bool) -> None:
    receipt = nodes[to].take(raw)
    if receipt is not None and answers:
        sender = open_package(raw, to, KEYS).sender
        nodes[sender].receipts.append(open_receipt(receipt, sender, KEYS))


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=60))
def test_whatever_the_lines_do_all_end_in_the_same_state(steps: list[tuple]) -> None:
    nodes = {code: Node(code) for code in (*COUNTIES, CITY, PROVINCE)}
    line: list[tuple[str, bytes]] = []
    for kind, *given_ in steps:
        if kind == "count":
            code, town, year, numerator, denominator = given_
            nodes[code].counts[f"{code}10{town}", year] = (numerator, denominator)
        elif kind == "send":
            post(nodes, line, given_[0])
        elif kind == "restore":  # from a backup that knows nothing of what was sent and answered
            nodes[given_[0]].sent.clear()
            nodes[given_[0]].receipts.clear()
        elif line:
            at = given_[0] % len(line)
            to, raw = line[at]
            if kind == "deliver":
                arrive(nodes, to, raw, answers=given_[2])
                if not given_[1]:
                    del line[at]
            elif kind == "damage":
                n = given_[1] % len(raw)
                line[at] = (to, raw[:n] + bytes([raw[n] ^ 255]) + raw[n + 1 :])
            else:
                del line[at]
    for sender in (*COUNTIES, *COUNTIES, CITY, CITY):  # the lines are whole again; twice, for a node that was restored
        arrive(nodes, UP[sender], nodes[sender].pack(), answers=True)
    for to, raw in line:  # and the late ones come in after all
        arrive(nodes, to, raw, answers=True)
    for code in COUNTIES:
        assert nodes[CITY].held[code].state == nodes[code].state()
    expected = roll_up(CITY, COUNTIES, {code: nodes[code].state() for code in COUNTIES}, RATE)
    assert nodes[PROVINCE].held[CITY].state == expected
