"""From holdings to a book: volatility, carry and dividends of each row; what is left out has a reason."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.unit.domain.builders import NEAR, NOW, STOCK, option

from sumppump.domain.book import Book, Holding, Scenario, UnderlyingMarket, book_of_holdings, reprice
from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.parity import Carry
from sumppump.domain.quotes import Greeks, GreeksSource
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Term

CALL = option(100, "C")
MARKET = UnderlyingMarket(symbol="XYZ", spot=101.0, assume=Assumptions(rate=0.05, dividend_yield=0.01))


def greeks(vol: float) -> Greeks:
    return Greeks(iv=vol, delta=0.5, gamma=0.01, theta=-0.02, vega=0.1, source=GreeksSource.IBKR_MODEL)


def built(*holdings: Holding, market: UnderlyingMarket = MARKET) -> Book:
    return book_of_holdings(holdings, {"XYZ": market}, now=NOW)


def term(rate: float, dividend_yield: float) -> Term:
    years = CALL.years(NOW)
    forward = 101.0 * math.exp((rate - dividend_yield) * years)
    carry = Carry(
        years=years,
        spot=101.0,
        forward=forward,
        forward_error=0.01,
        rate=rate,
        rate_error=0.001,
        dividend_yield=dividend_yield,
        pairs=9,
    )
    return Term(carry, is_implied=True)


def test_options_come_first_with_their_own_volatility_and_signed_units() -> None:
    book = built(
        Holding(instrument=STOCK, quantity=50, strategy="covered"),
        Holding(instrument=CALL, quantity=-2, strategy="covered", greeks=greeks(0.31)),
    )
    assert [label.words for label in book.labels] == ["XYZ 2026-12-18 100C", "XYZ"]
    assert book.units.tolist() == [-200.0, 50.0]
    assert book.options.vol.tolist() == [0.31]
    assert book.options.rate.tolist() == [0.05]
    assert book.options.american.tolist() == [True]
    assert book.strategies == ("covered",)


@pytest.mark.parametrize(
    ("holding", "market", "code"),
    [
        (Holding(instrument=CALL, quantity=1), MARKET, "no_volatility"),
        (Holding(instrument=CALL, quantity=1, greeks=greeks(0.2)), replace(MARKET, spot=None), "no_spot"),
        (
            Holding(instrument=replace(CALL, currency="EUR"), quantity=1, greeks=greeks(0.2)),
            MARKET,
            "other_currency",
        ),
        (
            Holding(
                instrument=Underlying(con_id=5, symbol="XYZ", sec_type=SecType.CRYPTO),
                quantity=1,
            ),
            MARKET,
            "not_valued",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_cannot_be_valued_is_left_out_with_a_reason(
    holding: Holding, market: UnderlyingMarket, code: str
) -> None:
    book = built(holding, market=market)
    assert len(book) == 0
    assert [each.why.code for each in book.left_out] == [code]
    assert reprice(book, [Scenario(move_pct=-5.0)]).total.tolist() == [0.0]


def test_an_option_after_its_last_moment_needs_no_volatility() -> None:
    gone = replace(CALL, last_trade=NOW - timedelta(hours=1), expiry=NOW.date())
    book = built(Holding(instrument=gone, quantity=1))
    assert reprice(book, [Scenario(move_pct=10.0)]).total[0] == pytest.approx(100 * 10.1)


def test_cash_dividends_and_the_rest_of_the_yield_give_the_forward_that_parity_tells() -> None:
    years, paid = CALL.years(NOW), 0.7
    market = replace(
        MARKET, dividends=((0.02, paid), (1.5, 0.9)), terms={(NEAR, CALL.trading_class): term(0.045, 0.12)}
    )
    book = built(Holding(instrument=CALL, quantity=1, greeks=greeks(0.2)), market=market)
    rows = book.options
    escrow = 101.0 - paid * math.exp(-0.045 * 0.02)
    forward = escrow * math.exp((rows.rate[0] - rows.carry[0]) * years)
    assert forward == pytest.approx(101.0 * math.exp((0.045 - 0.12) * years))
    assert rows.cash[:, 0].tolist() == [0.7, 0.9]


def test_rows_of_different_underlyings_have_their_own_dividends() -> None:
    other = Underlying(con_id=9, symbol="ABC")
    markets = {
        "XYZ": replace(MARKET, dividends=((0.3, 1.0),)),
        "ABC": UnderlyingMarket(symbol="ABC", spot=20.0),
    }
    holdings = [Holding(instrument=STOCK, quantity=1), Holding(instrument=other, quantity=-3)]
    book = book_of_holdings(holdings, markets, now=NOW)
    assert np.array_equal(book.shares.cash, [[1.0, 0.0]])
    assert book.units.tolist() == [1.0, -3.0]
