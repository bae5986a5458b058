"""Surfaces from quotes that came over the wire, against what the embedded exchange's own model says."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from tests.protocol.gateway.bad_days import bad_day
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.vix import VixService
from sumppump.data.volatility import VolatilityService
from sumppump.domain.instruments import OptionContract
from sumppump.domain.quotes import Greeks
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import Sighted, surface_of
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.server.market.volatility_views import volatility_answer
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


@pytest.fixture
async def gateway() -> AsyncIterator[TwsGateway]:
    """A gateway on an exchange whose clock stands still on a Friday in November 2026, 10:00 in New York."""
    server = EmbeddedServer(SimSettings(seed=5, start=FRIDAY, frozen=True, rules=Rules(rate=100_000)))
    await server.start()
    found = TwsGateway(TwsSettings(port=server.port, backoff_min_s=0.05, messages_per_s=1000))
    pulse = Pulse()
    found.broker.subscribe(pulse.beat)
    await found.start()
    await pulse.until(lambda: found.broker.link().connected)
    yield found
    await found.stop()
    await server.close()


@pytest.mark.parametrize(("symbol", "is_american"), [("SPY", True), ("SPX", False)])
async def test_strikes_that_were_not_asked_are_what_the_broker_says_of_them(
    gateway: TwsGateway, symbol: str, is_american: bool
) -> None:
    """Claim: a smile through every third strike has the broker's volatility at the others."""
    underlying = await gateway.directory.underlying(symbol)
    chain = (await gateway.directory.option_classes(underlying))[-1]
    listed = await gateway.directory.options(underlying, chain.expiries[6], trading_class=chain.trading_class)
    (now,) = await gateway.market.quotes([underlying])
    spot = now.mid or now.last
    assert spot is not None
    near = [each for each in listed if abs(each.strike / spot.amount - 1) < Decimal("0.05")]
    third = set(sorted({each.strike for each in near})[::3])
    quotes = dict(zip(near, await gateway.market.quotes(near), strict=True))
    seen = surface_of(
        [quotes[each] for each in near if each.strike in third],
        spot=float(spot),
        now=gateway.clock.now(),
        assume=Assumptions(is_american=is_american),
    )
    others = [each for each in near if each.strike not in third]
    assert sum(_agrees(seen, each, quotes[each].greeks) for each in others) > 20


def _agrees(seen: Sighted, option: OptionContract, model: Greeks | None) -> bool:
    fit, strike = seen.surface.smile(option), float(option.strike)
    vol = None if fit is None else fit.vol(strike)
    if fit is None or model is None or vol is None:
        return False
    assert abs(vol - model.iv) * 100 < max(0.3, 3 * (fit.error(strike) or 0.0)), option.label
    return True


async def test_an_analysis_has_every_figure_from_the_wire(gateway: TwsGateway) -> None:
    """Claim: a year of implied bars, all volatilities, six smiles without arbitrage, nothing missing."""
    reading = await _service(gateway).analysis("SPY")
    assert reading.missing() == ()
    assert reading.samples >= 245
    assert isinstance(reading.sighted, Sighted)
    smiles = reading.sighted.surface.smiles
    assert len(smiles) == len(reading.term) >= 5
    assert all(fit.checks.is_free_of_butterflies for fit in smiles)


async def test_the_vix_curve_has_every_month_from_the_wire(gateway: TwsGateway) -> None:
    """Claim: the index and eight months, front first, each with a price; a regime follows."""
    service = VixService(directory=gateway.directory, market=gateway.market, clock=gateway.clock)
    curve = await service.curve()
    assert curve.missing() == ()
    assert [each.dte for each in curve.months] == sorted(each.dte for each in curve.months)
    assert len(curve.months) == 8
    assert curve.regime in ("contango", "flat", "backwardation")


def _service(gateway: TwsGateway) -> VolatilityService:
    shelf = BarShelf(market=gateway.market, clock=gateway.clock)
    return VolatilityService(
        directory=gateway.directory, market=gateway.market, shelf=shelf, clock=gateway.clock
    )


def _numbers(value: object) -> list[float]:
    """Every number in an answer, however deep."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in _numbers(each)]
    if isinstance(value, list):
        return [number for each in value for number in _numbers(each)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.mark.parametrize("value", ["nan", "-1", "0", "max"])
async def test_ticks_that_are_no_numbers_make_no_volatility(value: str) -> None:
    """F-39: with nonsense for prices the past stays, the surface has reasons, no number is made up."""
    async with bad_day() as day:
        day.cause("F-39", value=value, one_in=1)
        reading = await _service(day.gateway).analysis("SPY")
        answer = volatility_answer(reading, day.gateway.clock.monotonic()).payload()
        assert answer["expected_move"] is None or answer["expected_move"]["straddle"] is None
        assert all(row["atm_iv"] is None for row in answer["term_structure"])
        assert isinstance(answer["hv_30"], float)
        assert all(math.isfinite(number) and abs(number) < 1e9 for number in _numbers(answer))
        assert {"skew"} <= {row["name"] for row in answer["missing"]}
