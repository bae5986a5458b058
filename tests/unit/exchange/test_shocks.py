"""Ordered shocks: nothing before their moment, all of it after, and part of what is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.unit.exchange.builders import START, option, stock, top, venue

from sumppump.exchange.calendar.trading_days import next_trading_day, session_of, to_ms
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.venue import Venue

DAY = date(2026, 11, 20)
AT = session_of(DAY).open_ms + 3_600_000
CRASH = Shock(at_ms=AT, duration_ms=300_000, log_return=-0.08, vol_factor=2.0)


def test_nothing_changes_before_a_shock_and_all_of_it_stays_after() -> None:
    plain, hit = Market(7, DAY), Market(7, DAY, (replace(CRASH, vol_factor=1.0),))
    before, after = plain.levels("NVDA", session_of(DAY)), hit.levels("NVDA", session_of(DAY))
    assert np.array_equal(before[:3601], after[:3601])
    beta = np.log(after[3900:] / before[3900:])
    assert beta == pytest.approx(1.75 * -0.08, abs=1e-9)
    later = next_trading_day(next_trading_day(DAY))
    moved = hit.log_open("NVDA", later) - plain.log_open("NVDA", later)
    assert moved == pytest.approx(1.75 * -0.08, abs=1e-9)
    assert hit.close("SPY", DAY) / plain.close("SPY", DAY) == pytest.approx(np.exp(-0.08))


@pytest.mark.behaviour("SIM-MKT-16")
def test_prices_are_as_restless_as_a_shock_makes_them_and_end_where_it_leads() -> None:
    """Of SPY, nearly all of whose moves are the market's, against the same day without the shock."""
    plain, hit = (Market(7, DAY, shocks).levels("SPY", session_of(DAY)) for shocks in ((), (CRASH,)))
    assert np.array_equal(plain[:3601], hit[:3601])
    moves, stirred = (np.diff(np.log(levels))[3900:].std() for levels in (plain, hit))
    assert stirred / moves == pytest.approx(CRASH.vol_factor, rel=0.05)
    assert np.log(hit[-1] / plain[-1]) == pytest.approx(CRASH.log_return)


def test_a_shock_to_one_symbol_leaves_the_others_alone() -> None:
    only = Shock(at_ms=AT, duration_ms=1000, log_return=-0.2, symbol="AMD")
    plain, hit = Market(7, DAY), Market(7, DAY, (only,))
    session = session_of(DAY)
    assert np.array_equal(plain.levels("NVDA", session), hit.levels("NVDA", session))
    assert np.log(hit.levels("AMD", session) / plain.levels("AMD", session))[-1] == pytest.approx(-0.2)


def test_volatility_jumps_with_a_shock_and_fades_by_half_in_its_days() -> None:
    plain, hit = Market(7, DAY), Market(7, DAY, (CRASH,))
    for days, left in ((0, 1.0), (4, 0.5)):
        session = session_of(next_trading_day(DAY + timedelta(days - 1)))
        step = np.array([min((AT + 300_000 - session_of(DAY).open_ms) // 250, session.last_step)])
        ratio = hit.vol_level("SPY", session, step) / plain.vol_level("SPY", session, step)
        assert np.log(ratio[0]) == pytest.approx(left * np.log(2.0), rel=0.05)


@pytest.mark.behaviour("SIM-MKT-03")
def test_a_venue_keeps_its_shocks_and_shows_the_same_quotes_after_a_restart() -> None:
    at = venue()
    put = option(at, 680, right="P")
    quiet = top(at, put)
    at.shock(Shock(at_ms=to_ms(START) + 60_000, duration_ms=60_000, log_return=-0.05, vol_factor=1.5))
    assert top(at, put) == quiet
    at.advance(START + timedelta(minutes=3))
    again = Venue.restore(at.snapshot())
    assert again.snapshot() == at.snapshot()
    assert top(again, put) == top(at, put)
    assert top(again, stock(again)) == top(at, stock(at))
    assert (top(at, put).bid or 0) > 2 * (quiet.bid or 0)


def test_a_shock_in_the_past_is_refused() -> None:
    at = venue()
    with pytest.raises(ValueError, match="past"):
        at.shock(Shock(at_ms=to_ms(START) - 1, duration_ms=1000))


@pytest.mark.parametrize("broken", [{"duration_ms": 0}, {"log_return": 3.0}, {"vol_factor": 0.0}])
def test_what_no_market_does_is_no_shock(broken: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no market"):
        Shock(**{"at_ms": AT, "duration_ms": 1000, **broken})  # type: ignore[arg-type]
