"""Targets with parts: groups with bars of their own, and areas that must all keep to a bar.

Each part is judged by itself as a plain target; one failing part decides, a missing part never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from qingmiao.assess.change_targets import CHANGES, asked_change
from qingmiao.assess.limits import bar_in_force, limit_of, plain
from qingmiao.assess.series import Series
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.content.bars import share_of
from qingmiao.content.members import MemberWords
from qingmiao.content.plan import Course, Stratum, Target, TargetKind
from qingmiao.kernel.rounding import half_up

NAMED = 20
"""So many areas are named in a reason; all of them stand in the rows."""

Judge = Callable[[Grounds], Attainment]


def group_part(target: Target, stratum: Stratum) -> Target:
    """The target as it binds one group: the group's bars; its own baseline, else the measured one of the same years."""
    numbers = {name: getattr(stratum, name) for name in Course.model_fields}
    return target.model_copy(update={**numbers, "strata": (), "baseline": stratum.baseline or _measured(target)})


def area_part(target: Target, group: str) -> Target:
    """The target as it binds one area below the plan's own: a plain limit, by the area's group where bars differ.

    A baseline value that holds for the whole is replaced by the area's own, measured one.
    """
    own = next((s for s in target.strata if s.code == group), None)
    part = target if own is None else group_part(target, own)
    changed: dict[str, object] = {"strata": (), "baseline": _measured(part)}
    if target.kind is TargetKind.EVERY_AREA and target.bound is not None:
        changed |= {"kind": TargetKind(target.bound), "bound": None, "level": None, "of_areas": None}
    return part.model_copy(update=changed)


def by_group(e: Grounds, judge: Judge) -> Attainment:
    """Met only if every group keeps to its own bar, and the whole to the target's own where it has one."""
    answers: list[tuple[str, Attainment]] = []
    if e.target.bars:
        answers.append(("合计", judge(replace(e, target=e.target.model_copy(update={"strata": ()})))))
    for s in e.target.strata:
        series = e.strata.get((s.by, s.code), Series())
        answer = judge(replace(e, target=group_part(e.target, s), series=series, strata={}))
        answers.append((e.group_names.get((s.by, s.code), s.code), answer))
    failing = tuple(n for n, a in answers if a.verdict is Verdict.NOT_MET)
    missing = tuple(n for n, a in answers if a.verdict is Verdict.UNDETERMINED)
    each = "；".join(f"{n}：{a.reason}" for n, a in answers)
    if failing:
        verdict, code, head = Verdict.NOT_MET, "stratum_fails", f"{'、'.join(failing)}未达到"
    elif missing:
        lacking = all(a.reason_code == "no_value" for _, a in answers if a.verdict is Verdict.UNDETERMINED)
        head = f"缺 {'、'.join(missing)} 的数据" if lacking else f"{'、'.join(missing)}不能判定"
        verdict, code = Verdict.UNDETERMINED, "stratum_missing"
    else:
        verdict, code, head = Verdict.MET, "all_strata", "各组都达到各自的目标值"
    whole = answers[0][1] if e.target.bars else None
    return Attainment(
        verdict,
        code,
        f"{head}（{each}）",
        published=whole.published if whole else None,
        bar_text="；".join(f"{n} {a.bar_text}" for n, a in answers),
        bar_year=max((a.bar_year for _, a in answers if a.bar_year is not None), default=None),
        boundary=could_turn(verdict, [a for _, a in answers]),
        boundary_reason="；".join(f"{n}：{a.boundary_reason}" for n, a in answers if a.boundary),
        met_before=all(a.met_before for _, a in answers),
        failing=failing,
        missing=missing,
        years_below=tuple(sorted({y for _, a in answers for y in a.years_below})),
        years_unknown=tuple(sorted({y for _, a in answers for y in a.years_unknown})),
        limit=whole.limit if whole else None,
    )


def could_turn(verdict: Verdict, answers: Sequence[Attainment]) -> bool:
    """Whether the close parts, read otherwise, would turn the verdict of a whole that needs all of its parts.

    Met: one close part is enough. Not met: only if every failing part is close. Otherwise there is nothing to turn.
    """
    if verdict is Verdict.MET:
        return any(a.boundary for a in answers)
    return verdict is Verdict.NOT_MET and all(a.boundary for a in answers if a.verdict is Verdict.NOT_MET)


def every_area(e: Grounds, judge: Judge) -> Attainment:
    """Met only when each area of the level has a value and keeps to its bar; lists failing and missing areas.

    Any failing area → not met. No failing but a missing area → 无法判定, never met. Where a share of the areas is enough
    (90% 以上的乡镇), met when so many do, not met when they no longer can, 无法判定 when the missing ones decide.
    """
    words = e.area_words
    lead = f"{words.within}：" if words.within else ""
    plain_part = replace(e, target=area_part(e.target, ""), areas=())
    bar, bar_year = bar_in_force(plain_part.target, year=e.year, plan_end=e.plan_end)
    limit = limit_of(plain_part.target, bar)
    answer = Attainment(
        Verdict.UNDETERMINED,
        "no_areas",
        f"{lead}内容包没有列出{words.noun}，无法逐一判定",
        bar_text=f"{_which(e.target, words)} {_asked(e, plain_part)}",
        bar_year=bar_year,
        limit=None if limit.is_open else limit,
    )
    if not e.areas:
        return answer
    answers = [(a, judge(replace(plain_part, target=area_part(e.target, a.group), series=a.series))) for a in e.areas]
    failing = [f"{a.name}（{r.shown}{e.unit}{_own_bar(e, r)}）" for a, r in answers if r.verdict is Verdict.NOT_MET]
    open_ = [(a.name, r) for a, r in answers if r.verdict is Verdict.UNDETERMINED]
    lacking = [n if r.reason_code == "no_value" else f"{n}（{r.reason}）" for n, r in open_]
    close = [f"{a.name}：{r.boundary_reason}" for a, r in answers if r.boundary]
    gaps = [(g, i) for i, (_, r) in enumerate(answers) if (g := _gap(r)) is not None]
    worst = answers[min(gaps)[1]] if gaps else None
    answer = replace(
        answer,
        failing=tuple(failing),
        missing=tuple(n for n, _ in open_),
        met_before=all(r.met_before for _, r in answers),
        years_below=tuple(sorted({y for _, r in answers for y in r.years_below})),
        years_unknown=tuple(sorted({y for _, r in answers for y in r.years_unknown})),
        boundary_reason="；".join(close),
        published=worst[1].published if worst else None,
    )
    told = f"，最差的是{worst[0].name} {worst[1].shown}{e.unit}" if worst else ""
    count = len(e.areas)
    absent = f"；缺 {_listed(lacking)} 的数据" if lacking else ""
    if e.target.of_areas is not None:
        close_ = [r.verdict for _, r in answers if r.boundary]
        return _by_share(e, answer, count, len(failing), absent, close_)
    if failing:
        reason = f"{lead}{words.counted(count)}中 {len(failing)} {words.counter}未达到：{_listed(failing)}{absent}"
        turns = could_turn(Verdict.NOT_MET, [r for _, r in answers])
        return replace(answer, verdict=Verdict.NOT_MET, reason_code="area_fails", reason=reason, boundary=turns)
    if open_:
        reason = f"{lead}{words.counted(count)}中缺 {len(open_)} {words.counter}的数据（{_listed(lacking)}），不能说都达到{told}"
        return replace(answer, reason_code="area_missing", reason=reason)
    every = lead + (f"唯一的{words.noun}达到" if count == 1 else f"{words.counted(count)}都达到")
    return replace(answer, verdict=Verdict.MET, reason_code="all_areas", reason=every + told, boundary=bool(close))


def _by_share(
    e: Grounds, answer: Attainment, count: int, failing: int, absent: str, close: Sequence[Verdict]
) -> Attainment:
    """The share of the areas that keep to the bar, against the share that is asked; the missing ones may go either
    way."""
    asked, words = share_of(e.target.of_areas or "1"), e.area_words
    lead = f"{words.within}：" if words.within else ""
    passing = count - failing - len(answer.missing)
    share = half_up(Fraction(passing * 100, count), 1)
    reason = f"{lead}{words.counted(count)}中 {passing} {words.counter}达到，占 {share}%"
    if answer.failing:
        reason += f"；未达到：{_listed(answer.failing)}"
    if Fraction(passing, count) >= asked:
        turns = Fraction(passing - close.count(Verdict.MET), count) < asked
        return replace(
            answer,
            verdict=Verdict.MET,
            reason_code="enough_areas",
            reason=reason + absent,
            boundary=turns,
        )
    if Fraction(passing + len(answer.missing), count) < asked:
        turns = Fraction(passing + len(answer.missing) + close.count(Verdict.NOT_MET), count) >= asked
        return replace(
            answer,
            verdict=Verdict.NOT_MET,
            reason_code="area_fails",
            reason=reason + absent,
            boundary=turns,
        )
    reason += f"{absent}，这些{words.noun}决定是否达到 {plain(asked * 100)}%"
    return replace(answer, reason_code="area_missing", reason=reason)


def _which(target: Target, words: MemberWords) -> str:
    """每个乡镇, 沿河各镇中每个乡镇, 每所卫生院, or 90% 以上的乡镇."""
    within = f"{words.within}中" if words.within else ""
    if target.of_areas is None:
        return f"{within}每{words.counter}{words.noun}"
    return f"{within}{plain(share_of(target.of_areas) * 100)}% 以上的{words.noun}"


def _listed(names: Sequence[str]) -> str:
    """Names in a row; of very many the first ones and how many there are."""
    shown = "、".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown}等 {len(names)} 个"


def _measured(target: Target) -> object:
    """The target's baseline without the value, which holds for the whole only."""
    return target.baseline.model_copy(update={"value": None}) if target.baseline is not None else None


def _asked(e: Grounds, plain_part: Grounds) -> str:
    """What is asked of an area; by group where bars differ."""
    parts = [(e.group_names.get((s.by, s.code), s.code), area_part(e.target, s.code)) for s in e.target.strata]
    if plain_part.target.bars:
        parts.append(("其余" if parts else "", plain_part.target))
    told = [(name, _bar_text(replace(plain_part, target=t))) for name, t in parts]
    return "；".join(f"{name} {text}".strip() for name, text in told)


def _bar_text(e: Grounds) -> str:
    bar, _ = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    return asked_change(e, bar) if e.target.kind in CHANGES else limit_of(e.target, bar).text(e.unit)


def _own_bar(e: Grounds, answer: Attainment) -> str:
    """The area's own bar beside its value, where areas' bars differ."""
    differs = bool(e.target.strata) or e.target.bound in ("reduce_by", "increase_by")
    return f"，应{answer.limit.text(e.unit)}" if differs and answer.limit is not None else ""


def _gap(answer: Attainment) -> Fraction | None:
    """How far inside its limit an area is (below 0: outside); None where it was not compared."""
    if answer.published is None or answer.limit is None:
        return None
    value, limit = Fraction(answer.published), answer.limit
    sides = [value - limit.low] if limit.low is not None else []
    if limit.high is not None:
        sides.append(limit.high - value)
    return min(sides, default=None)
