"""What is quoted gives no money away: on quiet days and on reports' days, before, in and after a crash."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, chain_of, venue
from tests.unit.exchange.test_quotes import SYMBOLS

from sumppump.exchange.calendar.trading_days import session_of, to_datetime, to_ms, trading_day_on_or_after
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.reports import BookTop
from sumppump.exchange.venue import Venue

EXPIRIES = range(1, 12, 3)
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


@pytest.mark.behaviour("SIM-WORLD-34")
@settings(max_examples=12)
@given(at=VENUES, symbol=st.sampled_from(SYMBOLS))
def test_more_time_is_never_cheaper_than_less(at: Venue, symbol: str) -> None:
    """Buying the later option at its ask and selling the earlier at its bid never earns money at once."""
    for near, far in pairwise(quoted(at, symbol, expiry) for expiry in EXPIRIES):
        for key in near.keys() & far.keys():
            assert (far[key].ask or 0) >= (near[key].bid or 0), key


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
