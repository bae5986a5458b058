"""Every strategy of the catalogue from days alone, through the real socket, on shares and on an index."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.domain.instruments import Right
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.strategies.catalogue import CATALOGUE, Shape
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService
from sumppump.strategies.shape import Vega
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

# What SPX's own options and its members' dividends say at the exchange's start (seed 5), per year.
_INDEX_YIELD = 0.013


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[StrategyService]:
    """On an exchange at 10:00 of a Friday that takes messages as fast as they come."""
    server = EmbeddedServer(SimSettings(seed=5, start=FRIDAY, frozen=True, rules=Rules(rate=10**9)))
    await server.start()
    gateway = TwsGateway(TwsSettings(port=server.port, messages_per_s=1000, linger_s=0.01))
    pulse = Pulse()
    gateway.broker.subscribe(pulse.beat)
    await gateway.start()
    await pulse.until(lambda: gateway.broker.link().connected)
    drafts = DraftBook(gateway.clock.monotonic)
    yield StrategyService(
        directory=gateway.directory, market=gateway.market, clock=gateway.clock, drafts=drafts
    )
    await gateway.stop()
    await server.close()


async def _built(service: StrategyService, shape: Shape, symbol: str) -> Draft:
    return await service.build(StrategyRequest.read(strategy_type=shape.type.value, symbol=symbol, dte=30))


ON_SHARES = [(shape, "SPY") for shape in CATALOGUE]
ON_AN_INDEX = [(shape, "SPX") for shape in CATALOGUE if all(leg.right for leg in shape.legs)]
IDS = [f"{symbol}-{shape.type}" for shape, symbol in ON_SHARES + ON_AN_INDEX]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("shape", "symbol"), ON_SHARES + ON_AN_INDEX, ids=IDS)
async def test_every_strategy_is_built_from_days_alone(
    service: StrategyService, shape: Shape, symbol: str
) -> None:
    """Listed legs in the row's order, the row's level, its vega's sign, a chance of profit, and a source."""
    draft = await _built(service, shape, symbol)
    rights = [leg.right for leg in shape.legs if leg.right]
    assert [option.right for option in draft.combo.options] == [Right(each) for each in rights]
    strikes = sorted({option.strike for option in draft.combo.options})
    assert shape.fits(strikes)
    analysis = draft.analysis
    assert analysis.permission_level == shape.level
    assert analysis.probability_of_profit is not None
    assert "parity" in analysis.assumed
    vega = analysis.greeks.vega
    assert vega is not None
    if shape.vega is not Vega.NEUTRAL:
        assert (vega > 0) is (shape.vega is Vega.LONG)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_index_is_priced_with_the_dividends_that_its_options_imply(
    service: StrategyService,
) -> None:
    """No dividend is announced for an index; parity tells the yield that an assumed 0 would leave out."""
    draft = await _built(service, CATALOGUE[0], "SPX")
    assert draft.analysis.dividend_yield == pytest.approx(_INDEX_YIELD, abs=0.004)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("dte", [7, 90, 365])
async def test_options_that_settle_in_the_morning_and_long_ones_tell_their_carry_too(
    service: StrategyService, dte: int
) -> None:
    """Within a year rate less yield is that of the exchange, 3.85 % less 1.15 %, to a tenth of a point."""
    request = StrategyRequest.read(strategy_type="iron_condor", symbol="SPX", dte=dte)
    analysis = (await service.build(request)).analysis
    assert analysis.rate - analysis.dividend_yield == pytest.approx(0.027, abs=0.001)
