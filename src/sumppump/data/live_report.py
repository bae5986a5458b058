"""What is followed, as values: one follow, and all of them together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sumppump.data.live import Pulse
from sumppump.data.live_aim import Aim, ChainPart
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Feed, worst_feed
from sumppump.kernel.first_few import first_lines

MOST_NAMED = 10


@dataclass(slots=True, kw_only=True)
class Follow:
    """One wish to follow something, which everybody in this process shares.

    Attributes:
        key: the same wish has the same one. aim: what it wants now; held: con_ids that have a line.
        part: of a chain, None for a single quote.
        ended: reason by con_id of lines that went away by themselves.
    """

    live_id: str
    key: str
    label: str
    symbol: str
    aim: Aim
    part: ChainPart | None = None
    held: frozenset[int] = frozenset()
    ended: dict[int, str] = field(default_factory=dict)

    @property
    def wanted(self) -> dict[int, Instrument]:
        """By con_id."""
        return self.aim.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """How one follow stands.

    Attributes:
        contracts: wanted; followed: with a line; waiting: without any tick yet.
        stale: labels of those whose ticks may have been missed.
        oldest_s: seconds since the newest tick of the contract that has been quiet longest, None before any.
        feed: the worst among those that have figures, None before any.
        not_followed: labels with the reason.
    """

    live_id: str
    label: str
    symbol: str
    is_chain: bool
    expiries: tuple[date, ...]
    contracts: int
    followed: int
    waiting: int
    stale: tuple[str, ...]
    oldest_s: float | None
    feed: Feed | None
    not_followed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReport:
    """Everything that is followed.

    Attributes:
        updates_per_s: over the last full second. watched: quotes that resource subscribers hold.
        closed: what ended by itself lately, oldest first.
    """

    follows: tuple[FollowReport, ...]
    contracts: int
    lines_used: int
    lines_limit: int
    updates_per_s: float
    watched: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def oldest_s(self) -> float | None:
        """Seconds since the newest tick of the contract that has been quiet longest."""
        return max((each.oldest_s for each in self.follows if each.oldest_s is not None), default=None)

    @property
    def feed(self) -> Feed | None:
        """The worst of all, None before any figure."""
        return _worst(each.feed for each in self.follows)

    @property
    def is_stale(self) -> bool:
        """Whether any contract may have missed ticks."""
        return any(each.stale for each in self.follows)


def report_of(follow: Follow, pulse: Callable[[int], Pulse | None]) -> FollowReport:
    """How a follow stands by the pulses of its contracts."""
    found = {con_id: beat for con_id in follow.held if (beat := pulse(con_id)) is not None}
    ages = [beat.age_s for beat in found.values() if beat.age_s is not None]
    return FollowReport(
        live_id=follow.live_id,
        label=follow.label,
        symbol=follow.symbol,
        is_chain=follow.part is not None,
        expiries=() if follow.part is None else follow.part.expiries,
        contracts=len(follow.wanted),
        followed=len(found),
        waiting=len(found) - len(ages),
        stale=_labels(follow, [con_id for con_id, beat in found.items() if beat.is_stale]),
        oldest_s=max(ages, default=None),
        feed=_worst(beat.feed for beat in found.values()),
        not_followed=_left_out(follow),
    )


def _worst(feeds: Iterable[Feed | None]) -> Feed | None:
    known = [feed for feed in feeds if feed is not None]
    return worst_feed(known) if known else None


def _left_out(follow: Follow) -> tuple[str, ...]:
    ended = [
        f"{follow.wanted[con_id].label}: {why}" for con_id, why in list(follow.ended.items())[:MOST_NAMED]
    ]
    no_room = len([key for key in follow.wanted if key not in follow.held and key not in follow.ended])
    return (*ended, *((f"{no_room} contracts: no market data line is free for them",) if no_room else ()))


def _labels(follow: Follow, con_ids: Sequence[int]) -> tuple[str, ...]:
    names = sorted(follow.wanted[con_id].label for con_id in con_ids)
    return tuple(first_lines(names, MOST_NAMED))
