"""C-24: a close, stop or target never exceeds what is held and free; a child is its parent's mirror."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.risk.cases import (
    CALL_600,
    CALL_605,
    CALL_SPREAD,
    LONG_CALL,
    SPY,
    codes,
    combo,
    facts,
    held,
    option,
    order,
    recent,
    stop,
)

from sumppump.domain.account import Position
from sumppump.domain.instruments import Right
from sumppump.domain.orders import Order, OrderState, Purpose

CLOSING = CALL_SPREAD.reversed
PARENT = "SP1-00000000000000000000000001"


def _close(quantity: int = 1, limit: str = "-1.90") -> Order:
    return order(CLOSING, limit, quantity=quantity, purpose=Purpose.CLOSE, order_ref="SP1-CLOSE")


@pytest.mark.parametrize(
    ("positions", "quantity", "refused"),
    [
        (held((2, CALL_600), (-2, CALL_605)), 1, False),
        (held((2, CALL_600), (-2, CALL_605)), 2, False),
        (held((2, CALL_600), (-2, CALL_605)), 3, True),
        (held((2, CALL_600), (-1, CALL_605)), 2, True),  # one leg is not enough
        (held((-2, CALL_600), (2, CALL_605)), 1, True),  # the other way round would open
        ((), 1, True),
        (held((1, CALL_600), (1, CALL_600), (-2, CALL_605)), 2, False),  # two rows of one contract
    ],
)
def test_a_close_stays_within_what_is_held(
    positions: tuple[Position, ...], quantity: int, refused: bool
) -> None:
    """Every leg on its own, in its own direction."""
    assert ("more_than_held" in codes(_close(quantity), facts(positions=positions))) is refused


def test_closing_more_contracts_than_may_be_opened_is_allowed() -> None:
    """C-01 stops new risk only: forty held can be closed at once."""
    many = held((40, CALL_600), (-40, CALL_605))
    assert codes(_close(40), facts(positions=many)) == set()


def test_closing_is_allowed_whatever_the_account_and_the_level_say() -> None:
    """Design: closing is never blocked by the gates that stop new risk."""
    given = facts(
        positions=held((1, CALL_600), (-1, CALL_605)),
        figures=None,
        margin=None,
        max_loss=None,
        permission_level=None,
        session=None,
    )
    assert codes(_close(), given) == set()


def test_what_another_order_already_closes_cannot_be_closed_again() -> None:
    """A stop that works and a close beside it would sell twice what is held once."""
    positions = held((1, CALL_600), (-1, CALL_605))
    working = recent(stop(CLOSING, "-1.00", "-0.80", order_ref="SP1-STOP"), OrderState.LIVE, seconds_ago=900)
    assert "more_than_held" in codes(_close(), facts(positions=positions, recent=(working,)))


def test_a_stop_that_is_removed_first_does_not_stand_in_the_way() -> None:
    """The ticket of a close says which stop it cancels and confirms before it goes out."""
    positions = held((1, CALL_600), (-1, CALL_605))
    working = recent(stop(CLOSING, "-1.00", "-0.80", order_ref="SP1-STOP"), OrderState.LIVE, seconds_ago=900)
    given = facts(positions=positions, recent=(working,), to_be_cancelled=frozenset({"SP1-STOP"}))
    assert codes(_close(), given) == set()


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (OrderState.LIVE, True),
        (OrderState.SENDING, True),
        (OrderState.UNKNOWN, True),
        (OrderState.CANCEL_SENDING, True),
        (OrderState.CANCELLED, False),
        (OrderState.FILLED, False),
        (OrderState.REJECTED, False),
    ],
)
def test_an_order_counts_until_it_is_known_to_be_over(state: OrderState, refused: bool) -> None:
    """Anything that may still fill holds its contracts."""
    positions = held((1, CALL_600), (-1, CALL_605))
    other = recent(replace(_close(), order_ref="SP1-OTHER"), state, seconds_ago=900)
    assert ("more_than_held" in codes(_close(), facts(positions=positions, recent=(other,)))) is refused


@pytest.mark.parametrize(("side", "refused"), [(1, True), (-1, False)])
def test_only_an_order_in_the_same_direction_takes_from_what_can_be_closed(side: int, refused: bool) -> None:
    """A working sale of the long call stands in the way of another; buying it back does not."""
    other = order(combo((-side, CALL_600)), "-5.00", purpose=Purpose.CLOSE, order_ref="SP1-OTHER")
    sale = order(LONG_CALL.reversed, "-4.90", purpose=Purpose.CLOSE, order_ref="SP1-SALE")
    given = facts(positions=held((1, CALL_600)), recent=(recent(other, seconds_ago=900),))
    assert ("more_than_held" in codes(sale, given)) is refused


def test_only_the_open_part_of_another_close_counts() -> None:
    """Three of five closed already: five held at the start, two of that order are still to come."""
    positions = held((5, CALL_600), (-5, CALL_605))
    partly = recent(replace(_close(5), order_ref="SP1-OTHER"), OrderState.PARTIAL, seconds_ago=900, filled=3)
    given = facts(positions=positions, recent=(partly,))
    assert codes(_close(3), given) == set()
    assert "more_than_held" in codes(_close(4), given)


def test_target_and_stop_of_one_group_hold_the_same_contracts_once() -> None:
    """OCA: one cancels the other, so the second of the pair is no second sale."""
    positions = held((1, CALL_600), (-1, CALL_605))
    target = replace(_close(), order_ref="SP1-TARGET", limit=None, oca_group="g", purpose=Purpose.TARGET)
    protect = stop(CLOSING, "-1.00", "-0.80", order_ref="SP1-STOP", oca_group="g")
    given = facts(positions=positions, recent=(recent(target, seconds_ago=900),))
    assert codes(protect, given) == set()
    assert "more_than_held" in codes(replace(protect, oca_group=""), given)


def test_both_of_a_working_pair_count_once_against_a_third() -> None:
    """Two held, a pair closing one of them: one is free."""
    positions = held((2, CALL_600), (-2, CALL_605))
    pair = tuple(
        recent(replace(_close(), order_ref=f"SP1-{name}", oca_group="g"), seconds_ago=900)
        for name in ("TARGET", "STOP")
    )
    given = facts(positions=positions, recent=pair)
    assert codes(_close(1), given) == set()
    assert "more_than_held" in codes(_close(2), given)


def test_selling_shares_is_bounded_by_the_shares_held() -> None:
    """C-24: shares are never sold short, by a close either."""
    sale = order(combo((-1, SPY)), "-599.98", quantity=100, purpose=Purpose.CLOSE)
    assert codes(sale, facts(positions=held((100, SPY)))) == set()
    assert "more_than_held" in codes(sale, facts(positions=held((99, SPY))))


@pytest.mark.parametrize(
    ("child", "refused"),
    [
        (stop(CLOSING, "-1.00", "-0.80", parent_ref=PARENT), False),
        (stop(CLOSING, "-1.00", "-0.80", parent_ref=PARENT, quantity=2), True),
        (stop(LONG_CALL.reversed, "-1.00", "-0.80", parent_ref=PARENT), True),
        (stop(combo((-1, CALL_600), (1, option("610"))), "-1.00", "-0.80", parent_ref=PARENT), True),
        (stop(CALL_SPREAD, "3.00", "3.20", parent_ref=PARENT), True),
        (stop(CLOSING, "-1.00", "-0.80", parent_ref="SP1-ANOTHER"), True),
    ],
)
def test_a_child_undoes_its_parent_and_nothing_else(child: Order, refused: bool) -> None:
    """Before the parent is filled nothing is held, so the parent is the bound."""
    given = facts(parent=order(), positions=())
    assert ("not_the_parents_mirror" in codes(child, given)) is refused


def test_an_opening_order_dressed_as_a_close_is_refused() -> None:
    """Purpose is a claim; positions are what it is checked against."""
    naked = order(combo((-1, option("590", Right.PUT))), "-3.00", purpose=Purpose.CLOSE)
    assert "more_than_held" in codes(naked)
