"""Which market data the login has: live, delayed only, or none, by kind of instrument, exchange and symbol.

A value; whoever takes permissions away while the exchange runs puts another value in its place. What TWS
says to a request that is not covered is decided here too, in one place for streams, snapshots, bars and
single ticks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from sumppump.exchange.listing.instruments import Bag, Instrument, Listing
from sumppump.exchange.reports import Refusal

DELAYED_KINDS = (3, 4)
"""Market data types under which a client takes delayed data where there are no live ones."""
DELAY_MS = 15 * 60_000

COMPETING = Refusal(10197, "No market data during competing live session")
DISPLAYING_DELAYED = Refusal(
    10167, "Requested market data is not subscribed. Displaying delayed market data."
)
_NOT_ENABLED = Refusal(10168, "Requested market data is not subscribed. Delayed market data is not enabled.")
_NOTHING = Refusal(10186, "Requested market data is not subscribed. Delayed market data is not enabled")
_NEEDS_MORE = (
    "requires additional subscription for API. See link in 'Market Data Connections' dialog for more details."
)
_AVAILABLE = "Delayed market data is available."
_STILL_ACTIVE = "Subscription-independent ticks are still active."


class Feed(IntEnum):
    """How much of a feed the login has; more is greater."""

    NONE = 0
    DELAYED = 1
    LIVE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """What is subscribed; the first of symbol, primary exchange and kind that is named decides.

    Attributes:
        default: what is not named.
        by_kind: by security type, `STK`, `OPT`, ...
        by_exchange: by primary exchange.
        by_symbol: by local symbol, which for a stock is its symbol.
        is_competing: whether the same user is logged in elsewhere and gets the live data there.
    """

    default: Feed = Feed.LIVE
    by_kind: Mapping[str, Feed] = field(default_factory=dict)
    by_exchange: Mapping[str, Feed] = field(default_factory=dict)
    by_symbol: Mapping[str, Feed] = field(default_factory=dict)
    is_competing: bool = False

    def feed(self, instrument: Instrument) -> Feed:
        """How much of an instrument's data there is; a combo has what its poorest leg has."""
        if isinstance(instrument, Bag):
            return min(self.feed(leg.listing) for leg in instrument.legs)
        names = (
            (self.by_symbol, instrument.local_symbol),
            (self.by_exchange, instrument.primary_exchange),
            (self.by_kind, instrument.sec_type),
        )
        return next((feeds[name] for feeds, name in names if name in feeds), self.default)


EVERYTHING = Entitlements()


@dataclass(frozen=True, slots=True)
class Access:
    """What a request for market data gets.

    Attributes:
        feed: what is sent, NONE for nothing.
        notice: what is said first, as an error of the request; None for nothing.
    """

    feed: Feed
    notice: Refusal | None = None


_ALL = Access(Feed.LIVE)


def access(entitlements: Entitlements, instrument: Instrument, kind: int, *, code: int = 354) -> Access:
    """What a subscription under a market data type gets; `code` refuses it: 354, 10089 or 10168."""
    feed = entitlements.feed(instrument)
    if feed is Feed.LIVE:
        return Access(Feed.NONE, COMPETING) if entitlements.is_competing else _ALL
    if kind in DELAYED_KINDS:
        return Access(feed, DISPLAYING_DELAYED) if feed is Feed.DELAYED else Access(feed, _NOTHING)
    return Access(Feed.NONE, _unsubscribed(instrument, feed, code))


def partial(entitlements: Entitlements, under: Listing | None, *, code: int = 354) -> Refusal | None:
    """What is said of an option whose underlying is not subscribed: ticks come, the model's greeks do not."""
    if under is None or (feed := entitlements.feed(under)) is Feed.LIVE:
        return None
    tail = f"{_AVAILABLE}{_top_of(under)}" if feed is Feed.DELAYED else ""
    if code == 10089:
        return Refusal(10091, f"Part of requested market data {_NEEDS_MORE}{tail}")
    return Refusal(10090, f"Part of requested market data is not subscribed. {_STILL_ACTIVE}{tail}")


def _unsubscribed(instrument: Instrument, feed: Feed, code: int) -> Refusal:
    if code == 10168:
        return _NOT_ENABLED
    if code == 10089:
        tail = f"{_AVAILABLE}{_top_of(instrument)}" if feed is Feed.DELAYED else ""
        return Refusal(10089, f"Requested market data {_NEEDS_MORE}{tail}")
    tail = _AVAILABLE if feed is Feed.DELAYED else ""
    place = f"BEST/{instrument.sec_type}/Top"
    return Refusal(354, f"Requested market data is not subscribed.{tail}Error&{place}&{place}")


def _top_of(instrument: Instrument) -> str:
    """How TWS names the top of one book."""
    place = "SMART" if isinstance(instrument, Bag) else instrument.primary_exchange or instrument.exchange
    return f"{instrument.symbol} {place}/TOP/ALL"
