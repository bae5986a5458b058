"""How far a series stands below its highest value so far."""

from __future__ import annotations

from sumppump.domain.drawdown import below_highest


def test_drawdown_is_the_way_down_from_the_highest_so_far() -> None:
    """100, 120, missing, 90, 130: nothing, nothing, not known, a quarter, nothing."""
    assert below_highest([100.0, 120.0, None, 90.0, 130.0]) == (0.0, 0.0, None, -25.0, 0.0)


def test_there_is_none_before_anything_was_worth_something() -> None:
    """Of nothing there is no part."""
    assert below_highest([0.0, -5.0, 10.0, 5.0]) == (None, None, 0.0, -50.0)
