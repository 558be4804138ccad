"""What changed between two states of a sender: figure by figure, with the reason that came with it."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.exchange.state import CountyState, ExchangedFigure


@dataclass(frozen=True)
class ExchangeDifference:
    """A figure before and after; None where it was not there. `reason`: why, as the sender told it."""

    before: ExchangedFigure | None
    after: ExchangedFigure | None

    @property
    def figure(self) -> ExchangedFigure:
        """Which figure it is."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def reason(self) -> str:
        """Why it changed: another definition, or what the sender says; "" where nothing was said."""
        if self.before and self.after and self.before.version != self.after.version:
            return f"指标定义由第 {self.before.version} 版改为第 {self.after.version} 版"
        return self.after.reason if self.after else "对方不再报送"


def differences(before: CountyState | None, after: CountyState) -> tuple[ExchangeDifference, ...]:
    """The figures whose numbers differ, in their order; none for the first state (all of it is new)."""
    if before is None:
        return ()
    was, now = ({f.key: f for f in s.figures} for s in (before, after))
    return tuple(
        ExchangeDifference(was.get(key), now.get(key))
        for key in sorted(was.keys() | now.keys())
        if _numbers(was.get(key)) != _numbers(now.get(key))
    )


def _numbers(f: ExchangedFigure | None) -> object:
    return None if f is None else (f.value, f.numerator, f.denominator, f.version)
