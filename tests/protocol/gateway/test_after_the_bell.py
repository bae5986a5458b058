"""The day by cause when the session is over; on the embedded exchange a share's close is then today's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from tests.protocol.gateway.week import Account, Look

from sumppump.exchange.control import parse
from sumppump.kernel.clock import NEW_YORK
from sumppump.risk.day_pnl import DayPnl

BEFORE, AFTER, EVENING = MOMENTS = ("2026-12-15T15:55", "2026-12-15T16:05", "2026-12-15T19:00")
PLACES = range(len(MOMENTS))
HALF_A_CENT, ROUNDING = 0.005, 0.02

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["kept", "first seen"])
async def looks(request: pytest.FixtureRequest) -> AsyncIterator[Sequence[Look]]:
    """The second day of an account, seen all along or by a program that begins at each moment."""
    account = await Account.opened(7)
    try:
        await account.buy()
        found = []
        for moment in MOMENTS:
            account.server.run(parse(f"advance {moment}"))
            if request.param == "first seen":
                account.forget()
            found.append(await account.look())
        yield found
    finally:
        await account.close()


@pytest.mark.parametrize("place", PLACES)
async def test_the_day_agrees_with_the_broker_but_for_the_rounding_of_closes(
    looks: Sequence[Look], place: int
) -> None:
    """Half a cent of each close held, before the bell and after it: shares count from no other close."""
    look = looks[place]
    assert isinstance(look.told, DayPnl)
    assert f"{look.told.since.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == "2026-12-14 16:00"
    assert look.told.left_out == ()
    assert look.told.difference is not None
    shares = sum(abs(each.quantity) * each.instrument.multiplier for each in look.positions)
    assert abs(look.told.difference) <= HALF_A_CENT * shares + ROUNDING


async def test_what_prices_did_in_the_last_minutes_is_all_that_changes_at_the_bell(
    looks: Sequence[Look],
) -> None:
    """Of shares the day is their price now less the close before it, whatever the tick says."""
    before, after = looks[:2]
    assert isinstance(before.told, DayPnl)
    assert isinstance(after.told, DayPnl)
    words = [label.words for label in after.told.causes.labels]
    gained = [float(each.told.causes.total[words.index("SPY")]) for each in (before, after) if each.told]
    moved = float(after.spots["SPY"] - before.spots["SPY"]) * 300
    assert gained[1] - gained[0] == pytest.approx(moved, abs=300 * 0.05)
    assert (before.told.is_over, after.told.is_over) == (False, True)
