"""What an option would be worth."""

from __future__ import annotations

import pytest
from tests.protocol.exchange.lab import SPY, Lab, Speaker, near_option
from tests.protocol.exchange.streams import contract_of, errors

from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import TickOptionComputation
from sumppump.exchange.wire.market_requests import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
)


def implied(client: Speaker, contract: Contract, price: float | None, spot: float | None) -> list[object]:
    return client.say(
        CalculateImpliedVolatility(req_id=1, contract=contract, option_price=price, under_price=spot)
    )


def priced(client: Speaker, contract: Contract, vol: float | None, spot: float | None) -> list[object]:
    return client.say(CalculateOptionPrice(req_id=2, contract=contract, volatility=vol, under_price=spot))


@pytest.mark.behaviour("SIM-CALC-01")
@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("price", [6.0, 25.0, 90.0])
def test_an_implied_volatility_gives_its_price_back(right: str, price: float) -> None:
    lab = Lab()
    client, option = lab.connect(), contract_of(near_option(lab, right))
    (answer,) = implied(client, option, price, 680.0)
    assert isinstance(answer, TickOptionComputation)
    assert (answer.tick_type, answer.option_price, answer.under_price) == (53, price, 680.0)
    assert answer.implied_vol is not None
    (back,) = priced(client, option, answer.implied_vol, 680.0)
    assert isinstance(back, TickOptionComputation)
    assert back.option_price == pytest.approx(price, abs=1e-4)
    assert (back.delta, back.gamma, back.vega) == pytest.approx((answer.delta, answer.gamma, answer.vega))


@pytest.mark.behaviour("SIM-CALC-02")
def test_the_model_s_volatility_gives_the_model_s_price() -> None:
    lab = Lab()
    option = near_option(lab, "P")
    book = lab.venue.quote(option.con_id)
    assert book is not None
    assert book.model is not None
    (answer,) = priced(lab.connect(), contract_of(option), book.model.iv, book.model.und_price)
    assert isinstance(answer, TickOptionComputation)
    assert answer.option_price == pytest.approx(book.model.price)
    assert answer.theta == pytest.approx(book.model.theta)


@pytest.mark.behaviour("SIM-CALC-03")
@pytest.mark.parametrize("spot", [None, 0.0, -5.0, 1e300, 0.001])
@pytest.mark.parametrize("other", [None, 0.0, -1.0, 1e300])
def test_garbage_ends_with_an_error(spot: float | None, other: float | None) -> None:
    lab = Lab()
    client, option = lab.connect(), contract_of(near_option(lab, "C"))
    implied(client, option, other, spot)
    priced(client, option, other, spot)
    assert errors(client) == [(1, 322), (2, 322)]


@pytest.mark.behaviour("SIM-CALC-03")
def test_only_options_and_possible_prices_can_be_calculated() -> None:
    lab = Lab()
    client = lab.connect()
    implied(client, SPY, 5.0, 680.0)
    implied(client, contract_of(near_option(lab, "C")), 700.0, 680.0)
    implied(client, Contract(symbol="NOPE", sec_type="OPT", exchange="SMART"), 700.0, 680.0)
    assert errors(client) == [(1, 322), (1, 322), (1, 200)]


@pytest.mark.behaviour("SIM-CALC-04")
def test_cancelling_a_calculation_is_silent() -> None:
    client = Lab().connect()
    assert client.say(CancelCalculateImpliedVolatility(req_id=1), CancelCalculateOptionPrice(req_id=2)) == []
