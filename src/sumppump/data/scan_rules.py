"""The scans as a table: what the broker's scanner is asked, and which figures a row has to have.

A threshold of the person holds in every scan: it replaces the scan's own bound on that figure, or joins it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sumppump.data.arguments import within
from sumppump.data.scan_facts import Candidate
from sumppump.domain.scans import ScanFilter
from sumppump.domain.statistics import Figure

LEAST_RATIO, LEAST_CHANGE_PCT = 2.0, 3.0
LEAST_OPTION_VOLUME, WIDEST_PCT, LEAST_IV_OVER_HV = 10_000, 0.1, 1.2
MOST_CANDIDATES, MOST_RANKED = 12, 8
STATISTICS_S = 10.0
LATE = f"it did not come in {STATISTICS_S:g} s"


class ScanType(StrEnum):
    """What a person can look for."""

    HIGH_IV = "high_iv"
    UNUSUAL_OPTIONS = "unusual_options"
    MOMENTUM = "momentum"
    OPPORTUNITIES = "opportunities"
    OVERVIEW = "overview"


def _no_reason(_: Candidate) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure that a row must have, and how much of it.

    Attributes:
        name: the figure's name, with its unit. value: how it is read, None where it is not known; why: the
            reason then, "" for none.
        figures: which of the broker's statistics it is made of; none of a quote's own.
        of_history: whether it takes a year of implied volatility as well.
        least: the lowest that qualifies, None for any; most: the highest, None for any.
    """

    name: str
    value: Callable[[Candidate], float | None]
    figures: frozenset[Figure] = frozenset()
    of_history: bool = False
    least: float | None = None
    most: float | None = None
    why: Callable[[Candidate], str] = _no_reason

    @property
    def is_open(self) -> bool:
        """Whether any value will do."""
        return self.least is None and self.most is None

    def words(self) -> str:
        """The bound, for people."""
        if self.least is not None:
            return f"{self.name} ≥ {self.least:g}"
        return f"{self.name} known" if self.most is None else f"{self.name} ≤ {self.most:g}"

    def fault(self, candidate: Candidate) -> str:
        """Why a candidate fails it, "" where it does not."""
        value = self.value(candidate)
        if value is None:
            reason = self.why(candidate) or (LATE if self.figures else "")
            return f"{self.name} is not known{f': {reason}' if reason else ''}"
        is_low = self.least is not None and value < self.least
        is_high = self.most is not None and value > self.most
        return f"{self.name} {value:.3g}" if is_low or is_high else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One scan.

    Attributes:
        codes: the broker's scan codes that find candidates. filters: bounds that the scanner itself applies.
        bounds: what a row has to have.
    """

    codes: tuple[str, ...]
    bounds: tuple[Bound, ...]
    filters: tuple[ScanFilter, ...] = ()

    @property
    def figure(self) -> Bound:
        """What qualifies a row and ranks it, highest first: the first figure with a bound, else the first."""
        return next((bound for bound in self.bounds if not bound.is_open), self.bounds[0])

    @property
    def figures(self) -> frozenset[Figure]:
        """The broker's statistics that are fetched; a rank compares one with its past."""
        return frozenset[Figure]().union(*(bound.figures for bound in self.bounds))

    @property
    def needs_rank(self) -> bool:
        """Whether a year of implied volatility is fetched for every candidate."""
        return any(bound.of_history for bound in self.bounds)

    @property
    def most(self) -> int:
        """How many candidates are looked at; a year of history for each takes its time."""
        return MOST_RANKED if self.needs_rank else MOST_CANDIDATES

    def fault(self, candidate: Candidate, *, before_history: bool = False) -> str:
        """Why a candidate fails the first bound that it fails, "" where it fails none."""
        bounds = (bound for bound in self.bounds if not (before_history and bound.of_history))
        return next((fault for bound in bounds if (fault := bound.fault(candidate))), "")

    def words(self) -> str:
        """The rule in one line."""
        return " and ".join(bound.words() for bound in self.bounds)

    def with_bounds(self, asked: Sequence[Bound]) -> Rule:
        """This rule with further bounds; one on a figure that it has already takes its place."""
        by_name = {bound.name: bound for bound in (*self.bounds, *asked)}
        return replace(self, bounds=tuple(by_name.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a person set; None leaves the scan's own figure."""

    min_iv_rank: float | None = None
    min_volume_ratio: float | None = None
    min_change_pct: float | None = None

    def check(self) -> None:
        """Nothing, unless one is out of range.

        Raises:
            InvalidRequest: it is named with its range.
        """
        within("min_iv_rank", self.min_iv_rank, 0, 100, "(0 the year's low, 100 its high)")
        within("min_volume_ratio", self.min_volume_ratio, 0, 1000, "times the average day")
        within("min_change_pct", self.min_change_pct, 0, 100, "percent")


NO_WISHES = Thresholds()


def rule_of(kind: ScanType, wanted: Thresholds) -> Rule:
    """The rule of a scan with the person's thresholds."""
    asked = (
        (_RANK, wanted.min_iv_rank),
        (_OPTION_VOLUME, wanted.min_volume_ratio),
        (_MOVE, wanted.min_change_pct),
    )
    return _RULES[kind].with_bounds(
        [replace(bound, least=least) for bound, least in asked if least is not None]
    )


def _move(candidate: Candidate) -> float | None:
    return None if candidate.change_pct is None else abs(candidate.change_pct)


_VOLS = frozenset({Figure.IMPLIED_VOL, Figure.HISTORICAL_VOL})
_RANK = Bound(
    "IV rank", lambda one: one.rank_value, frozenset({Figure.IMPLIED_VOL}), of_history=True,
    why=lambda one: one.rank_missing,
)  # fmt: skip
_OPTION_VOLUME = Bound(
    "option volume so far today ÷ an average day", lambda one: one.option_volume_ratio,
    frozenset({Figure.OPTION_VOLUME, Figure.AVERAGE_OPTION_VOLUME}), least=LEAST_RATIO,
)  # fmt: skip
_MOVE = Bound("move % since the close, up or down", _move, least=LEAST_CHANGE_PCT)
_RICH = (
    Bound("implied ÷ historical volatility", lambda one: one.iv_over_hv, _VOLS,
          least=LEAST_IV_OVER_HV),
    Bound("option contracts on an average day", lambda one: one.statistics.average_option_volume,
          frozenset({Figure.AVERAGE_OPTION_VOLUME}), least=LEAST_OPTION_VOLUME),
    Bound("bid to ask of the share %", lambda one: one.width_pct, most=WIDEST_PCT),
)  # fmt: skip
_RULES = {
    ScanType.HIGH_IV: Rule(
        codes=("HIGH_OPT_IMP_VOLAT",),
        bounds=(Bound("implied volatility %", lambda one: one.iv_pct, _VOLS),),
    ),
    ScanType.UNUSUAL_OPTIONS: Rule(codes=("HOT_BY_OPT_VOLUME",), bounds=(_OPTION_VOLUME,)),
    ScanType.MOMENTUM: Rule(codes=("TOP_PERC_GAIN", "TOP_PERC_LOSE"), bounds=(_MOVE,)),
    ScanType.OPPORTUNITIES: Rule(
        codes=("HIGH_OPT_IMP_VOLAT_OVER_HIST",),
        bounds=_RICH,
        filters=(ScanFilter(tag="avgOptVolumeAbove", value=LEAST_OPTION_VOLUME),),
    ),
    ScanType.OVERVIEW: Rule(codes=(), bounds=(Bound("change %", lambda one: one.change_pct),)),
}
