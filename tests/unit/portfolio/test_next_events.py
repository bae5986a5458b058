"""What comes next is the nearest of what is known, and what is not known is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.support.fake_market import FAR, MONTH, SPY, TODAY, WEEK, make_option

from sumppump.data.announced import NONE_ANNOUNCED
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, Right
from sumppump.domain.statistics import Dividends
from sumppump.portfolio.next_events import next_event


def alone(contract: Instrument) -> Combo:
    return Combo((Leg(contract=contract, ratio=1),))


CALL, LATER = (make_option(SPY, day, 600, Right.CALL) for day in (MONTH, FAR))
CALENDAR = Combo((Leg(contract=CALL, ratio=-1), Leg(contract=LATER, ratio=1)))


@pytest.mark.parametrize(
    ("combo", "ex_date", "kind", "day"),
    [
        (alone(CALL), None, "expiry", MONTH),
        (alone(CALL), WEEK, "ex_dividend", WEEK),
        (alone(CALL), FAR, "expiry", MONTH),  # after its life
        (alone(CALL), TODAY - timedelta(1), "expiry", MONTH),  # over
        (alone(CALL), TODAY, "ex_dividend", TODAY),
        (CALENDAR, MONTH + timedelta(7), "expiry", MONTH),
        (alone(SPY), FAR, "ex_dividend", FAR),  # shares have no expiry
    ],
)
def test_the_nearest_of_expiry_and_ex_date_comes_next(
    combo: Combo, ex_date: date | None, kind: str, day: date
) -> None:
    """An ex-date counts until the last expiry, today included."""
    event = next_event(combo, Dividends(next_date=ex_date, next_amount=1.96), TODAY)
    assert event is not None
    assert (event.kind, event.day, event.days) == (kind, day, (day - TODAY).days)
    assert event.amount == (1.96 if kind == "ex_dividend" else None)


def test_shares_without_an_announced_dividend_have_no_next_event() -> None:
    """Nothing is made up."""
    assert next_event(alone(SPY), NONE_ANNOUNCED, TODAY) is None
