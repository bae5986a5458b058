"""When an option's worth is fixed, and how far that is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.fake_market import MONTH, SPX, make_option

from sumppump.domain.instruments import Right

MORNING = make_option(SPX, MONTH, 600, Right.CALL, "SPX")
EVENING = make_option(SPX, MONTH, 600, Right.CALL, "SPXW")
OPENS, CLOSES = datetime(2026, 12, 18, 14, 30, tzinfo=UTC), datetime(2026, 12, 18, 21, 0, tzinfo=UTC)


def test_what_the_opening_prints_settle_lives_on_after_its_last_trade() -> None:
    """Cboe: the SPX class stops trading on Thursday and is settled from Friday's opening prices."""
    assert MORNING.last_trade < OPENS == MORNING.settles
    assert EVENING.last_trade == CLOSES == EVENING.settles


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=20)])
def test_time_to_expiry_is_measured_to_the_settlement(ahead: timedelta) -> None:
    """A night is most of an option's life on the eve of its settlement."""
    for option in (MORNING, EVENING):
        assert option.years(option.settles - ahead) == pytest.approx(ahead / timedelta(days=365))
        assert option.years(option.settles + ahead) == 0.0
