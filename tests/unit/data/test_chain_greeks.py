"""Where the broker gave no Greeks: ours from the mid, else the smile's, else none with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.fake_market import MONTH, NOW, RATE, SPX, SPY, FakeClock, FakeMarket, make_option, smile
from vollib.black_scholes_merton.greeks import analytical

from sumppump.data.chain_greeks import Completed, Sight, completed
from sumppump.domain.instruments import OptionContract, Right, Underlying
from sumppump.domain.quotes import Feed, Greeks, GreeksSource, Quote
from sumppump.domain.revaluation import Assumptions

STRIKES = range(520, 681, 5)
WRONG = Assumptions(rate=0.01, dividend_yield=0.0)
"""What is assumed must not matter where parity speaks."""


def _board(underlying: Underlying, trading_class: str, feed: Feed = Feed.LIVE) -> list[Quote]:
    """Quotes of one series at the model's prices, without the broker's Greeks."""
    market = FakeMarket(FakeClock(), feed=feed)
    options = [
        make_option(underlying, MONTH, strike, right, trading_class) for strike in STRIKES for right in Right
    ]
    return [market.quote(option, greeks=False) for option in options]


def _without_sides(quotes: Iterable[Quote], strike: int, right: Right) -> list[Quote]:
    return [replace(each, bid=None) if _is(each, strike, right) else each for each in quotes]


def _is(quote: Quote, strike: int, right: Right) -> bool:
    option = quote.instrument
    return isinstance(option, OptionContract) and (option.strike, option.right) == (strike, right)


def _found(done: Completed, strike: int, right: Right) -> Quote:
    return next(each for each in done.quotes if _is(each, strike, right))


def _done(quotes: list[Quote], underlying: Underlying = SPX, **also: list[Quote]) -> Completed:
    return completed(quotes, Sight(underlying=underlying, spot=600.0, now=NOW, assume=WRONG), **also)


@pytest.fixture(scope="module")
def index() -> list[Quote]:
    return _board(SPX, "SPXW")


@pytest.mark.parametrize(("strike", "right"), [(600, Right.CALL), (560, Right.PUT), (640, Right.CALL)])
def test_index_greeks_come_from_the_mid_with_the_rate_that_parity_implies(
    index: list[Quote], strike: int, right: Right
) -> None:
    """The model's own volatility and the formulas of vollib at its rate; the assumed 1 % is not used."""
    done = _done(index)
    greeks = _found(done, strike, right).greeks
    assert greeks is not None
    assert greeks.source is GreeksSource.COMPUTED
    assert greeks.iv == pytest.approx(smile(strike, 600), abs=0.002)
    years = make_option(SPX, MONTH, strike, right, "SPXW").years(NOW)
    arguments = (right.lower(), 600.0, strike, years, RATE, smile(strike, 600), 0.0)
    for name in ("delta", "gamma", "theta", "vega", "rho"):
        assert getattr(greeks, name) == pytest.approx(getattr(analytical, name)(*arguments), rel=0.02)
    assert "implied by parity" in done.remarks[0]


def test_a_contract_without_a_sound_mid_gets_the_smile_s_greeks_with_their_error(index: list[Quote]) -> None:
    """Fitted inside the quoted strikes; bid and ask stay as the market has them."""
    done = _done(_without_sides(index, 560, Right.PUT))
    quote = _found(done, 560, Right.PUT)
    assert quote.greeks is not None
    assert quote.greeks.source is GreeksSource.FITTED
    assert quote.greeks.iv == pytest.approx(smile(560, 600), abs=0.003)
    assert quote.greeks.fit_error is not None
    assert 0 < quote.greeks.fit_error < 1
    assert (quote.bid, quote.greeks_missing) == (None, "")


def test_beyond_the_quoted_strikes_there_are_no_greeks_but_a_reason(index: list[Quote]) -> None:
    """Nothing is extrapolated."""
    lowest = _without_sides(_without_sides(index, 520, Right.PUT), 520, Right.CALL)
    quote = _found(_done(lowest), 520, Right.PUT)
    assert quote.greeks is None
    assert "outside the quoted strikes 525 to" in quote.greeks_missing


def test_what_was_quoted_before_serves_the_smile(index: list[Quote]) -> None:
    """A lone contract of the next page is fitted through the pages before."""
    lone = _without_sides(index, 560, Right.PUT)
    rest = [each for each in lone if not _is(each, 560, Right.PUT)]
    alone = [_found(Completed(quotes=tuple(lone)), 560, Right.PUT)]
    with_others = _done(alone, also=rest).quotes[0]
    assert with_others.greeks is not None
    without = _done(alone).quotes[0]
    assert without.greeks is None
    assert without.greeks_missing


def test_the_brokers_greeks_are_never_replaced(index: list[Quote]) -> None:
    """Theirs first, also when others are filled in."""
    theirs = Greeks(iv=0.5, delta=0.5, gamma=0, theta=0, vega=0, source=GreeksSource.IBKR_MODEL)
    quotes = [replace(each, greeks=theirs) if _is(each, 600, Right.CALL) else each for each in index]
    assert _found(_done(quotes), 600, Right.CALL).greeks is theirs


def test_delayed_mids_give_delayed_greeks() -> None:
    """The source says so."""
    found = _found(_done(_board(SPX, "SPXW", Feed.DELAYED)), 600, Right.CALL).greeks
    assert found is not None
    assert found.source is GreeksSource.DELAYED_COMPUTED


def test_shares_are_exercised_early_so_their_puts_hold_less_volatility(index: list[Quote]) -> None:
    """The same price of a put in the money, American and European."""
    american = _found(_done(_board(SPY, "SPY"), SPY), 640, Right.PUT).greeks
    european = _found(_done(index), 640, Right.PUT).greeks
    assert american is not None
    assert european is not None
    assert abs(american.delta) > abs(european.delta)


def test_an_expired_series_has_no_greeks(index: list[Quote]) -> None:
    """Time goes by the exchange's clock."""
    late = Sight(underlying=SPX, spot=600.0, now=NOW + timedelta(days=31), assume=WRONG)
    done = completed(index[:4], late)
    assert {each.greeks_missing for each in done.quotes} == {"the option has expired"}
