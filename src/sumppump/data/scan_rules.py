"""The scans as a table: what the broker's scanner is asked, and which figures a row has to have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sumppump.data.scan_facts import Candidate
from sumppump.domain.scans import ScanFilter

LEAST_RATIO, LEAST_CHANGE_PCT = 2.0, 3.0
LEAST_OPTION_VOLUME, WIDEST_PCT, LEAST_IV_OVER_HV = 10_000, 0.1, 1.2
MOST_CANDIDATES, MOST_RANKED = 12, 8

Figure = Callable[[Candidate], float | None]


class ScanType(StrEnum):
    """What a person can look for."""

    HIGH_IV = "high_iv"
    UNUSUAL_OPTIONS = "unusual_options"
    MOMENTUM = "momentum"
    OPPORTUNITIES = "opportunities"
    OVERVIEW = "overview"


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure that a row has to reach.

    Attributes:
        name: the figure's name, with its unit. value: how it is read, None where it is not known.
        least: the lowest that qualifies, None for any; most: the highest, None for any.
    """

    name: str
    value: Figure
    least: float | None = None
    most: float | None = None

    def words(self) -> str:
        """The bound, for people."""
        if self.least is not None:
            return f"{self.name} ≥ {self.least:g}"
        return f"{self.name} known" if self.most is None else f"{self.name} ≤ {self.most:g}"

    def fault(self, candidate: Candidate) -> str:
        """Why a candidate fails it, "" where it does not."""
        value = self.value(candidate)
        if value is None:
            return f"{self.name} is not known"
        is_low = self.least is not None and value < self.least
        is_high = self.most is not None and value > self.most
        return f"{self.name} {value:.3g}" if is_low or is_high else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One scan.

    Attributes:
        codes: the broker's scan codes that find candidates. filters: bounds that the scanner itself applies.
        bounds: what a row has to reach; the first is the figure that rows are ranked by, highest first.
        needs_statistics: whether the broker's statistics are fetched; needs_rank: whether the year of implied
            volatility is, for every candidate.
    """

    codes: tuple[str, ...]
    bounds: tuple[Bound, ...]
    filters: tuple[ScanFilter, ...] = field(default=())
    needs_statistics: bool = True
    needs_rank: bool = False

    @property
    def most(self) -> int:
        """How many candidates are looked at; a year of history for each takes its time."""
        return MOST_RANKED if self.needs_rank else MOST_CANDIDATES

    @property
    def figure(self) -> Bound:
        """What qualifies a row and ranks it."""
        return self.bounds[0]

    def words(self) -> str:
        """The rule in one line."""
        return " and ".join(bound.words() for bound in self.bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a person set; None leaves the scan's own figure."""

    min_iv_rank: float | None = None
    min_volume_ratio: float | None = None
    min_change_pct: float | None = None


NO_WISHES = Thresholds()


def rule_of(kind: ScanType, wanted: Thresholds) -> Rule:
    """The rule of a scan; OVERVIEW has none, it lists what it is given."""
    rank = _rank_bounds(wanted.min_iv_rank)
    return _RULES[kind](wanted, rank)


def _rank_bounds(least: float | None) -> tuple[Bound, ...]:
    return () if least is None else (Bound("IV rank", lambda one: one.rank_value, least),)


def _high_iv(_: Thresholds, rank: tuple[Bound, ...]) -> Rule:
    return Rule(
        codes=("HIGH_OPT_IMP_VOLAT",),
        bounds=rank or (Bound("implied volatility %", lambda one: one.iv_pct),),
        needs_rank=bool(rank),
    )


def _unusual(wanted: Thresholds, rank: tuple[Bound, ...]) -> Rule:
    least = LEAST_RATIO if wanted.min_volume_ratio is None else wanted.min_volume_ratio
    ratio = Bound("option volume so far today ÷ an average day", lambda one: one.option_volume_ratio, least)
    return Rule(codes=("HOT_BY_OPT_VOLUME",), bounds=(ratio, *rank), needs_rank=bool(rank))


def _momentum(wanted: Thresholds, rank: tuple[Bound, ...]) -> Rule:
    least = LEAST_CHANGE_PCT if wanted.min_change_pct is None else wanted.min_change_pct
    move = Bound("move % since the close, up or down", _move, least)
    return Rule(
        codes=("TOP_PERC_GAIN", "TOP_PERC_LOSE"),
        bounds=(move, *rank),
        needs_statistics=bool(rank),
        needs_rank=bool(rank),
    )


def _opportunities(wanted: Thresholds, rank: tuple[Bound, ...]) -> Rule:
    del wanted
    return Rule(
        codes=("HIGH_OPT_IMP_VOLAT_OVER_HIST",),
        filters=(ScanFilter(tag="avgOptVolumeAbove", value=LEAST_OPTION_VOLUME),),
        bounds=(
            Bound("implied ÷ historical volatility", lambda one: one.iv_over_hv, LEAST_IV_OVER_HV),
            Bound(
                "option contracts on an average day", lambda one: one.statistics.average_option_volume,
                LEAST_OPTION_VOLUME,
            ),
            Bound("bid to ask of the share %", lambda one: one.width_pct, most=WIDEST_PCT),
            *rank,
        ),
        needs_rank=bool(rank),
    )  # fmt: skip


def _overview(*_: object) -> Rule:
    change = Bound("change %", lambda one: one.change_pct)
    return Rule(codes=(), bounds=(change,), needs_statistics=False)


def _move(candidate: Candidate) -> float | None:
    return None if candidate.change_pct is None else abs(candidate.change_pct)


_RULES: dict[ScanType, Callable[[Thresholds, tuple[Bound, ...]], Rule]] = {
    ScanType.HIGH_IV: _high_iv,
    ScanType.UNUSUAL_OPTIONS: _unusual,
    ScanType.MOMENTUM: _momentum,
    ScanType.OPPORTUNITIES: _opportunities,
    ScanType.OVERVIEW: _overview,
}
