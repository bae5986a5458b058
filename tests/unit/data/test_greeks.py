"""Greeks from a live mid: checked against values of the independent vollib, and absent with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import MONTH, NOW, SPX, SPY, make_option
from vollib.black_scholes_merton.greeks import analytical

from sumppump.data.greeks import with_greeks
from sumppump.domain.instruments import Right, Underlying
from sumppump.domain.quotes import Feed, Greeks, GreeksSource, Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.money import Premium

ASSUME = Assumptions(rate=0.04, dividend_yield=0.01)


def _quote(bid: str | None, ask: str | None, strike: int = 600, right: Right = Right.CALL) -> Quote:
    option = make_option(SPX, MONTH, strike, right, "SPXW")
    return Quote(
        instrument=option,
        as_of=NOW,
        taken=0.0,
        bid=None if bid is None else Premium.of(bid),
        ask=None if ask is None else Premium.of(ask),
    )


def _filled(quote: Quote, *, spot: float | None = 600.0, underlying: Underlying = SPX) -> Quote:
    return with_greeks(quote, underlying=underlying, spot=spot, now=NOW, assume=ASSUME)


@pytest.mark.parametrize(("strike", "right", "bid"), [(600, Right.CALL, "13.60"), (580, Right.PUT, "5.10")])
def test_index_greeks_are_those_of_black_scholes_merton(strike: int, right: Right, bid: str) -> None:
    """European: delta, gamma, vega per point, theta per day, rho per 1 %, by vollib's analytical formulas."""
    quote = _quote(bid, str(Decimal(bid) + Decimal("0.20")), strike, right)
    greeks = _filled(quote).greeks
    assert greeks is not None
    years = make_option(SPX, MONTH, strike, right, "SPXW").years(NOW)
    arguments = (right.lower(), 600.0, strike, years, 0.04, greeks.iv, 0.01)
    for name in ("delta", "gamma", "theta", "vega", "rho"):
        assert getattr(greeks, name) == pytest.approx(getattr(analytical, name)(*arguments), rel=1e-6)
    assert greeks.source is GreeksSource.COMPUTED


def test_an_american_put_is_worth_more_so_its_volatility_is_less() -> None:
    """Shares and ETFs may be exercised early; the same price then needs less volatility."""
    quote = _quote("41.40", "41.60", 640, Right.PUT)
    european = _filled(quote).greeks
    american = _filled(quote, underlying=SPY).greeks
    assert european is not None
    assert american is not None
    assert american.iv < european.iv


def test_the_brokers_greeks_are_never_replaced() -> None:
    """Theirs first."""
    theirs = Greeks(iv=0.2, delta=0.5, gamma=0, theta=0, vega=0, source=GreeksSource.IBKR_MODEL)
    assert _filled(replace(_quote("1", "2"), greeks=theirs)).greeks is theirs


@pytest.mark.parametrize(
    ("quote", "spot", "reason"),
    [
        (_quote(None, "1.00"), 600.0, "no bid and ask to compute them from"),
        (_quote("1.00", None), 600.0, "no bid and ask to compute them from"),
        (_quote("2.00", "1.00"), 600.0, "the bid is above the ask"),
        (_quote("1.00", "1.10"), None, "the underlying has no price"),
        (_quote("19.00", "19.50", 580), 600.0, "the price is the intrinsic value: it holds no volatility"),
        (replace(_quote(None, None), greeks_missing="TWS said no"), 600.0, "TWS said no"),
    ],
)
def test_where_no_volatility_can_be_found_the_reason_is_given(
    quote: Quote, spot: float | None, reason: str
) -> None:
    """None and a sentence, never 0."""
    full = _filled(quote, spot=spot)
    assert full.greeks is None
    assert full.greeks_missing == reason


def test_an_expired_option_has_no_greeks() -> None:
    """Time to expiry goes by the exchange's clock."""
    after = NOW + timedelta(days=31)
    full = with_greeks(_quote("1", "1.1"), underlying=SPX, spot=600.0, now=after, assume=ASSUME)
    assert (full.greeks, full.greeks_missing) == (None, "the option has expired")


def test_a_share_is_passed_through() -> None:
    """Only options have Greeks."""
    share = Quote(instrument=SPY, as_of=NOW, taken=0.0, feed=Feed.LIVE)
    assert with_greeks(share, underlying=SPY, spot=600.0, now=NOW, assume=ASSUME) is share
