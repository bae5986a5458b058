"""What is quoted gives no money away: on quiet days and on reports' days, before, in and after a crash."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, chain_of, venue
from tests.unit.exchange.test_quotes import SYMBOLS

from sumppump.exchange.calendar.trading_days import session_of, to_datetime, to_ms, trading_day_on_or_after
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.reports import BookTop
from sumppump.exchange.venue import Venue

EXPIRIES = range(1, 12, 3)
ACROSS_EX_DATES = Decimal("0.20")
CRASHES = st.builds(
    lambda log_return, vol_factor: (log_return, vol_factor), st.floats(-0.12, 0.08), st.floats(1.0, 3.0)
)
Quotes = dict[tuple[str, Decimal], BookTop]


def shaken(seed: int, crash: tuple[float, float], days: int, minute: int) -> Venue:
    """A venue some days later, at a minute of the session, ten minutes after a crash began in it."""
    at = venue(seed)
    day = trading_day_on_or_after(at.today + timedelta(days))
    moment = to_datetime(session_of(day).open_ms) + timedelta(minutes=minute)
    at.advance(max(START, moment - timedelta(minutes=10)))
    log_return, vol_factor = crash
    begins = to_ms(at.now) + 1_000
    at.shock(Shock(at_ms=begins, duration_ms=300_000, log_return=log_return, vol_factor=vol_factor))
    at.advance(max(at.now, moment))
    return at


VENUES = st.builds(
    shaken, st.integers(0, 10**6), CRASHES, days=st.integers(0, 80), minute=st.integers(15, 200)
)


def quoted(at: Venue, symbol: str, expiry: int) -> Quotes:
    """The quotes of one expiry by right and strike."""
    return {(one.right, one.strike or Decimal(0)): quote for one, quote in chain_of(at, symbol, expiry)}


def pays_before(at: Venue, symbol: str, expiry: int) -> bool:
    """Whether the underlying goes ex before one of its expiries is over."""
    ends = max(one.expiry or at.today for one, _ in chain_of(at, symbol, expiry))
    return bool(at.market.corporate.dividends(symbol, at.today, ends))


@pytest.mark.behaviour("SIM-WORLD-34")
@settings(max_examples=12)
@example(at=shaken(0, (0.0, 1.0), days=15, minute=19), symbol="SPY")
@given(at=VENUES, symbol=st.sampled_from(SYMBOLS))
def test_more_time_is_never_cheaper_than_less(at: Venue, symbol: str) -> None:
    """Buying the later option at its ask and selling the earlier at its bid never earns money at once.

    Calls are looked at on shares that go ex within the later one's life no closer than 20 cents: the early
    exercise before the ex-date is priced with the later expiry's volatility (an approximation).
    """
    for_calls = ACROSS_EX_DATES if pays_before(at, symbol, EXPIRIES[-1]) else Decimal(0)
    for near, far in pairwise(quoted(at, symbol, expiry) for expiry in EXPIRIES):
        for key in near.keys() & far.keys():
            slack = for_calls if key[0] == "C" else Decimal(0)
            assert (far[key].ask or 0) + slack >= (near[key].bid or 0), key


@pytest.mark.behaviour("SIM-WORLD-34")
@settings(max_examples=12)
@given(at=VENUES, symbol=st.sampled_from(SYMBOLS), expiry=st.sampled_from(EXPIRIES))
def test_a_better_strike_is_never_cheaper_and_a_butterfly_never_pays(
    at: Venue, symbol: str, expiry: int
) -> None:
    quotes = quoted(at, symbol, expiry)
    for right in "CP":
        rows = sorted(
            ((key[1], quote) for key, quote in quotes.items() if key[0] == right), key=lambda r: r[0]
        )
        rows = rows if right == "C" else rows[::-1]
        for (_, better), (_, worse) in pairwise(rows):
            assert (better.ask or 0) >= (worse.bid or 0)
        for (low, one), (body, two), (high, three) in zip(rows, rows[1:], rows[2:], strict=False):
            if low - body == body - high:
                assert (one.ask or 0) + (three.ask or 0) >= 2 * (two.bid or 0)
