"""What must hold for any numbers: order is kept, probabilities are probabilities, nothing raises."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.assess.attainment import attain
from qingmiao.assess.chance import break_probability
from qingmiao.assess.international import Case, statcan_class, unsd_class
from qingmiao.assess.likelihood import likelihood
from qingmiao.assess.rare import (
    GammaRate,
    Prior,
    YearCount,
    allowed_events,
    discounted,
    garwood,
    ratio_at_most,
)
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.verdict import Grounds, Verdict
from qingmiao.content.plan import Target

rates = st.floats(0, 100, allow_nan=False).map(lambda x: round(x, 4))
anything = st.one_of(st.none(), st.floats())
events = st.integers(0, 60)
births = st.integers(100, 20000)


def evidence(t: dict[str, object], values: dict[int, float | None], **more: object) -> Grounds:
    target = Target.model_validate({"id": "T", "label": {"zh": "目标"}, **t})
    known = Series.of(values)
    grounds = partial(Grounds, target=target, year=2024, plan_start=2021, plan_end=2025, series=known)
    return grounds(**more)  # type: ignore[arg-type]


@given(rates, rates, rates, st.integers(0, 3))
def test_a_lower_mortality_never_turns_met_into_not_met(bar: float, a: float, b: float, decimals: int) -> None:
    low, high = sorted((a, b))
    worse = attain(evidence({"kind": "at_most", "value": bar}, {2024: high}, decimals=decimals))
    better = attain(evidence({"kind": "at_most", "value": bar}, {2024: low}, decimals=decimals))
    assert not (worse.verdict is Verdict.MET and better.verdict is Verdict.NOT_MET)


@given(rates, rates, rates, st.floats(0, 1))
def test_slack_only_helps(bar: float, value: float, slack: float, share: float) -> None:
    bare = attain(evidence({"kind": "at_least", "value": bar}, {2024: value}))
    tolerance = {"kind": "absolute", "value": round(slack, 3), "source": {"document": "演示"}}
    soft = attain(
        evidence({"kind": "at_least", "value": bar, "qualifiers": ["about"], "tolerance": tolerance}, {2024: value})
    )
    assert not (bare.verdict is Verdict.MET and soft.verdict is not Verdict.MET)


KINDS: list[dict[str, object]] = [
    {"kind": "at_most", "value": 3.2},
    {"kind": "within", "low": 1, "high": 5},
    {"kind": "reduce_by", "cut": "1/3"},
    {"kind": "increase_by", "cut": "20%", "baseline": {"year": 2020, "value": 3}},
    {"kind": "falling", "qualifiers": ["sustained"]},
    {"kind": "rising"},
    {"kind": "contained"},
    {"kind": "every_area", "level": "township", "bound": "at_most", "value": 3},
    {"kind": "qualitative"},
    {"kind": "assigned"},
    {"kind": "relative_to", "relative_to": {"area": "1", "relation": "below"}},
]


@settings(max_examples=150)
@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(anything, anything, anything, st.sampled_from("AMOLE")), min_size=0, max_size=9),
    st.sampled_from([(), (2022,), (2024,)]),
    st.booleans(),
)
def test_nothing_raises_and_every_open_verdict_has_a_reason(
    kind: dict[str, object],
    rows: list[tuple[float | None, float | None, float | None, str]],
    breaks: tuple[int, ...],
    small: bool,
) -> None:
    points = tuple(YearPoint(2024 - i, v, n, d, s) for i, (v, n, d, s) in enumerate(rows))
    e = evidence(kind, {}, small=small)
    e = Grounds(**{**e.__dict__, "series": Series(points, breaks, 1000.0), "reference": Series.of({2024: 3.0})})
    answer = attain(e)
    assert answer.reason
    chance = likelihood(e)
    assert chance.reason
    assert chance.probability is None or 0.05 <= chance.probability <= 0.90


@given(events, births, st.floats(0.0, 0.05))
def test_probabilities_are_probabilities_and_grow_with_the_limit(n: int, size: int, limit: float) -> None:
    rate = discounted([YearCount(2024, n, size)], prior=Prior(1.0, 500.0), discount=0.85)
    assert 0 <= rate.at_most(limit) <= rate.at_most(limit + 0.001) <= 1
    assert 0 <= rate.count_at_most(3, size) <= rate.count_at_most(4, size) <= 1


@given(events, st.floats(0.6, 0.999))
def test_garwood_holds_the_count_and_widens_with_the_level(n: int, level: float) -> None:
    low, high = garwood(n, level)
    wider = garwood(n, (1 + level) / 2)
    assert wider[0] <= low <= n <= high <= wider[1]


@given(events, events, births, st.floats(0.1, 1.0))
def test_fewer_deaths_make_a_reduction_likelier(a: int, b: int, size: int, share: float) -> None:
    low, high = sorted((a, b))
    base = GammaRate(10.0, 4000.0)
    assert (
        ratio_at_most(GammaRate(low + 1, size), base, share)
        >= ratio_at_most(GammaRate(high + 1, size), base, share) - 1e-12
    )


@given(st.integers(0, 400), births, st.integers(0, 2))
def test_allowed_events_is_the_edge(tenths: int, size: int, decimals: int) -> None:
    limit = Fraction(tenths, 10)
    allowed = allowed_events(limit, size, factor=1000, decimals=decimals)
    t = {"kind": "at_most", "value": tenths / 10, "decimals": decimals}

    def met(n: int) -> bool:
        series = Series((YearPoint(2024, n / size * 1000, n, size),), factor=1000)
        e = evidence(t, {})
        return attain(Grounds(**{**e.__dict__, "series": series})).verdict is Verdict.MET

    assert allowed >= 0
    assert met(allowed)
    assert not met(allowed + 1)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 30), births), min_size=2, max_size=6))
def test_the_chance_of_a_broken_run_is_a_probability(pairs: list[tuple[int, int]]) -> None:
    chance, yearly = break_probability([n for n, _ in pairs], [d for _, d in pairs])
    assert 0 <= chance <= 1
    assert -1 <= yearly <= 0


years = st.one_of(st.none(), st.integers(1990, 2040))


cases = st.builds(
    Case, st.sampled_from(["up", "down", None]), years, anything, years, anything, anything, years, anything
)


@settings(max_examples=300)
@given(cases)
def test_published_classes_never_raise(case: Case) -> None:
    for method in (statcan_class, unsd_class):
        made = method(case)
        assert made.name
        assert made.score is None or -5 <= made.score <= 5
        if made.name == "not_available":
            assert made.reason


@given(st.floats(1, 100), st.floats(1, 100), st.floats(1, 100), st.floats(1, 200))
def test_a_better_value_never_scores_worse(base: float, a: float, b: float, target: float) -> None:
    low, high = sorted((a, b))
    worse = statcan_class(Case("up", 2015, base, 2020, low, target, 2030))
    better = statcan_class(Case("up", 2015, base, 2020, high, target, 2030))
    if worse.score is not None and better.score is not None:
        assert better.score >= worse.score - 1e-9
