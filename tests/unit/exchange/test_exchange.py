"""Packages between county, city and province: what is let through, what is held, what changed, what is added."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qingmiao.exchange import (
    CountyState,
    ExchangedFigure,
    ExchangedReturn,
    ExchangedWarning,
    ExchangeKeyError,
    ExchangePackage,
    HeldState,
    Outcome,
    PackageError,
    ReceiptError,
    RolledIndicator,
    SignedReceipt,
    differences,
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

A, B, CITY = "790101", "790102", "790100"
KEY = new_private_key()
KEYS = {A: public_key_of(KEY)}
RATES = {"health.imr": RolledIndicator(1000, 1, True), "plan.meetings": RolledIndicator(1, 0, False)}


def figure(area: str = A, n: float | None = 3, of: float | None = 1000, **more: object) -> ExchangedFigure:
    value = "" if n is None or not of else f"{n / of * 1000:.1f}"
    made = ExchangedFigure("health.imr", area, 2025, value, n, of, 1)
    return replace(made, **more)  # type: ignore[arg-type]


def state(*figures: ExchangedFigure, area: str = A) -> CountyState:
    returns = [ExchangedReturn("H101", area, 2025, "2026-01-20", "")]
    warnings = [ExchangedWarning("late|H101", "late", "high", "", area, 2025, "迟报", "2026-01-21")]
    return CountyState.made(area, "p", figures or (figure(area),), returns, warnings)


def package(number: int = 1, what: CountyState | None = None) -> ExchangePackage:
    return ExchangePackage(A, CITY, number, "2026-01-31T09:00:00+0800", what or state())


def opened(number: int = 1, what: CountyState | None = None) -> ExchangePackage:
    return open_package(seal_package(package(number, what), KEY), CITY, KEYS)


def test_a_package_comes_out_as_it_went_in() -> None:
    came = opened(7)
    assert (came.sender, came.number, came.state) == (A, 7, state())


def test_any_damaged_byte_is_refused() -> None:
    raw = seal_package(package(), KEY)
    for at in range(len(raw)):
        with pytest.raises(PackageError):
            open_package(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], CITY, KEYS)
    for cut in (0, 10, len(raw) // 2, len(raw) - 1):
        with pytest.raises(PackageError):
            open_package(raw[:cut], CITY, KEYS)


def test_strangers_and_what_is_for_others_are_refused() -> None:
    raw = seal_package(package(), KEY)
    with pytest.raises(PackageError, match="没有 790101 的公钥"):
        open_package(raw, CITY, {})
    with pytest.raises(PackageError, match="签名不是"):
        open_package(raw, CITY, {A: public_key_of(new_private_key())})
    with pytest.raises(PackageError, match="不是给本单位"):
        open_package(raw, "790200", KEYS)
    with pytest.raises(PackageError, match="不是发送的单位"):
        opened(what=state(area=B))


def test_a_package_as_large_as_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qingmiao.exchange.packages.UNPACKED", 100)
    with pytest.raises(PackageError):
        opened()


def test_a_receipt_is_the_receivers_word_and_no_package() -> None:
    told = SignedReceipt(A, CITY, "taken", 3, "ab", "2026-02-01T09:00:00+0800")
    raw = seal_receipt(told, KEY)
    assert open_receipt(raw, A, {CITY: KEYS[A]}) == told
    for wrong, sender, keys in ((raw, B, {CITY: KEYS[A]}), (raw, A, {}), (raw[:-20], A, {CITY: KEYS[A]})):
        with pytest.raises(ReceiptError):
            open_receipt(wrong, sender, keys)
    with pytest.raises(PackageError):
        open_package(raw, A, {CITY: KEYS[A]})


def test_the_newest_number_wins_and_an_older_or_doubled_one_does_nothing() -> None:
    first = take(None, opened(2), at="t")
    assert (first.outcome, first.receipt.number, first.changed) == (Outcome.TAKEN, 2, ())
    for came, outcome in ((opened(2), Outcome.HELD), (opened(1), Outcome.OLDER)):
        again = take(first.held, came, at="t")
        assert (again.outcome, again.held, again.receipt.number) == (outcome, first.held, 2)


def test_a_sender_restored_from_a_backup_is_told_and_goes_beyond() -> None:
    held = take(None, opened(5), at="t").held
    fork = take(held, opened(5, state(figure(n=4))), at="t")
    assert (fork.outcome, fork.held) == (Outcome.FORKED, held)
    assert next_number([1, 2, 3, 4, 5], [fork.receipt]) == 6
    assert next_number([1, 2], [fork.receipt]) == 6
    assert take(held, opened(6, state(figure(n=4))), at="t").outcome is Outcome.TAKEN


def test_what_changed_says_why() -> None:
    town, gone = figure("790101101", 1, 100), figure(n=9, year=2024)
    before = state(figure(), town, gone)
    why = "新数据 H101 2025 年填报 12（第 2 版）；更正的理由：漏报 1 例"
    after = state(figure(), replace(town, numerator=2, value="20.0", reason=why), figure(n=8, year=2023))
    told = [(d.figure.area, d.figure.year, d.reason) for d in differences(before, after)]
    assert told == [(A, 2023, ""), (A, 2024, "对方不再报送"), ("790101101", 2025, why)]
    other = state(figure(), replace(town, version=2), gone)
    assert [d.reason for d in differences(before, other)] == ["指标定义由第 1 版改为第 2 版"]
    assert differences(None, after) == ()
    assert differences(before, state(figure(reason="别的话"), town, gone)) == ()


def test_counts_are_added_and_rates_never_averaged() -> None:
    held = {A: state(figure(A, 3, 1000)), B: state(figure(B, 1, 100), area=B)}
    city = {f.area: f for f in roll_up(CITY, (A, B), held, RATES).figures}
    assert (city[CITY].numerator, city[CITY].denominator, city[CITY].value) == (4, 1100, "3.6")
    assert float(city[CITY].value) != (3.0 + 10.0) / 2
    assert {A, B} <= city.keys()


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (None, "缺 790102 的数"), (figure(B, None, 100), "缺 790102 的数"), (figure(B, 1, None), "缺 790102 的数"),
        (figure(B, 1, 100, version=2), "版本不同"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_has_no_value_and_says_why(there: ExchangedFigure | None, why: str) -> None:
    held = {A: state(figure(A, 3, 1000))} | ({} if there is None else {B: state(there, area=B)})
    made = next(f for f in roll_up(CITY, (A, B), held, RATES).figures if f.area == CITY)
    assert (made.value, made.numerator) == ("", None)
    assert why in made.reason


def test_a_count_without_denominator_is_added_and_nought_by_nought_is_no_value() -> None:
    meetings = [ExchangedFigure("plan.meetings", x, 2025, "2", 2, None, 1) for x in (A, B)]
    held = {A: state(meetings[0], figure(A, 0, 0)), B: state(meetings[1], figure(B, 0, 0), area=B)}
    made = {f.indicator: f for f in roll_up(CITY, (A, B), held, RATES).figures if f.area == CITY}
    assert (made["plan.meetings"].value, made["health.imr"].value, made["health.imr"].reason) == ("4", "", "分母是 0")


def test_what_is_no_key_is_no_key() -> None:
    for wrong in ("", "zz" * 32, "00" * 31):
        with pytest.raises(ExchangeKeyError):
            public_key_of(wrong)


def test_a_held_state_is_a_value() -> None:
    assert HeldState(1, "a", "t", state()) == HeldState(1, "a", "t", state())
