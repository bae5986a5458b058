"""The volatility index's curve: contango, slope and regime from quoted months, with months missing."""

from __future__ import annotations

import pytest
from tests.support.fake_market import VX_MONTHS, FakeClock
from tests.support.fake_volatility import VIX, VixDirectory, VolatileMarket

from sumppump.data.vix import VixCurve, VixService
from sumppump.domain.missing import Missing

FIRST, SECOND = (month.con_id for month in VX_MONTHS)


async def curve(spot: str, first: str, second: str, missing: set[int] | None = None) -> VixCurve:
    clock = FakeClock()
    levels = {VIX.con_id: spot, FIRST: first, SECOND: second}
    market = VolatileMarket(clock, levels=levels, missing=missing or set())
    return await VixService(directory=VixDirectory(), market=market, clock=clock).curve()


async def test_a_rising_curve_is_contango_with_its_percentages() -> None:
    """Claim: 18, 20 and 21: the second month 5 % over the first, the first 11.1 % over spot."""
    found = await curve("18", "20", "21")
    assert found.regime == "contango"
    assert found.contango_pct == pytest.approx(5.0)
    assert found.spot_basis_pct == pytest.approx(100 * 2 / 18)
    assert found.slope == pytest.approx(1.0 / (35 / 30.4375))
    assert [month.dte for month in found.months] == [28, 63]
    assert [month.on_previous_pct for month in found.months] == pytest.approx([100 * 2 / 18, 5.0])


@pytest.mark.parametrize(
    ("second", "regime"),
    [("20.21", "contango"), ("20.10", "flat"), ("19.90", "flat"), ("19.7", "backwardation")],
)
async def test_a_percent_each_way_is_flat(second: str, regime: str) -> None:
    """Claim: the thresholds that the answer states."""
    assert (await curve("25", "20", second)).regime == regime


async def test_a_month_that_is_not_quoted_is_null_and_no_regime_is_made_up() -> None:
    """Claim: reasons where numbers would stand; the others stay."""
    found = await curve("18", "20", "21", missing={SECOND})
    assert isinstance(found.regime, Missing)
    assert isinstance(found.slope, Missing)
    assert found.spot_basis_pct == pytest.approx(100 * 2 / 18)
    names = [name for name, _ in found.missing()]
    assert names == ["contango_pct", "slope_per_month", "regime", "price of VXF7"]


async def test_without_the_index_the_curve_stays() -> None:
    """Claim: no subscription to the index hides no future."""
    found = await curve("18", "20", "21", missing={VIX.con_id})
    assert isinstance(found.spot, Missing)
    assert isinstance(found.spot_basis_pct, Missing)
    assert found.regime == "contango"
