"""Collar, stops, steps, re-pricing and quotes at their boundaries (C-04, C-05, C-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.risk.cases import (
    CALL_600,
    CALL_605,
    CLOSING,
    LONG_CALL,
    MONOTONIC,
    OWNED,
    QUOTES,
    codes,
    combo,
    facts,
    held,
    judge,
    order,
    quote,
    stop,
)

from sumppump.domain.orders import OrderType, Purpose
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.money import Money, Premium
from sumppump.risk.facts import Repricing
from sumppump.risk.limits import Limits
from sumppump.risk.price_checks import obvious_error


@pytest.mark.parametrize(
    ("price", "amount"),
    [
        ("1.99", "0.25"),
        ("2", "0.40"),
        ("5", "0.40"),
        ("5.01", "0.50"),
        ("10", "0.50"),
        ("20", "0.80"),
        ("20.01", "1.00"),
        ("50", "1.00"),
        ("100", "1.50"),
        ("100.01", "2.00"),
    ],
)
def test_obvious_errors_are_the_exchanges_table(price: str, amount: str) -> None:
    """C-04: up to a theoretical price, this distance from it."""
    assert obvious_error(Decimal(price)) == Decimal(amount)


def _one(bid: str | None, ask: str | None, **changes: Any) -> Mapping[int, Quote]:
    return {CALL_600.con_id: quote(CALL_600, bid, ask, **changes)}


@pytest.mark.parametrize(
    ("bid", "ask", "limit", "refused"),
    [
        ("1.00", "1.10", "1.20", False),
        ("1.00", "1.10", "1.21", False),  # 10 % of 1.10 is 0.11
        ("1.00", "1.10", "1.22", True),
        ("1.00", "1.10", "1.36", True),
        ("1.00", "1.10", "0.50", False),  # far below the market is not aggressive
        ("0.04", "0.05", "0.07", False),  # two ticks always
        ("0.04", "0.05", "0.08", True),
        ("29.00", "30.00", "31.00", False),  # the table's 1.00 is less than 10 %
        ("29.00", "30.00", "31.01", True),
    ],
)
def test_a_limit_reaches_only_so_far_beyond_the_ask(bid: str, ask: str, limit: str, refused: bool) -> None:
    """C-04 on a single option."""
    given = facts(quotes=_one(bid, ask))
    assert ("limit_beyond_collar" in codes(order(LONG_CALL, limit), given)) is refused


@pytest.mark.parametrize(
    ("limit", "refused"), [("-1.90", False), ("-1.71", False), ("-1.70", True), ("1.90", True)]
)
def test_a_credit_may_not_be_given_away(limit: str, refused: bool) -> None:
    """C-04: selling the spread at once brings 4.90 - 3.00 = 1.90, 10 % less is 1.71; a wrong sign shows."""
    sold = combo((-1, CALL_600), (1, CALL_605))
    given = facts(permission_level=3, max_loss=Money.of(329))
    wider = Limits(options_level=3)
    assert ("limit_beyond_collar" in codes(order(sold, limit), given, wider)) is refused


@pytest.mark.parametrize(("limit", "refused"), [("2.051", True), ("2.05", False)])
def test_a_price_between_two_steps_is_refused(limit: str, refused: bool) -> None:
    """C-04: a combo trades in cents."""
    assert ("price_off_tick" in codes(order(limit=limit))) is refused


@pytest.mark.parametrize(
    ("trigger", "limit", "code"),
    [
        ("-1.00", "-0.75", None),  # 25 % of the trigger
        ("-1.00", "-0.74", "stop_limit_distance"),
        ("-1.00", "-1.00", None),
        ("-1.00", "-1.01", "stop_limit_distance"),  # the limit lies before the trigger
        ("-0.10", "-0.05", None),  # five ticks always
        ("-0.10", "-0.04", "stop_limit_distance"),
        ("-2.00", "-1.80", "stop_already_triggered"),  # the mid of closing is -2.00
        ("-2.01", "-1.80", "stop_already_triggered"),
        ("-1.99", "-1.80", None),
    ],
)
def test_a_stop_lies_ahead_of_the_market_and_its_limit_near_it(
    trigger: str, limit: str, code: str | None
) -> None:
    """C-04 for STP LMT: buying the reversed spread costs -2.00 now and more, which is less credit, later."""
    found = codes(stop(CLOSING, trigger, limit), facts(positions=OWNED))
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("trigger", "limit", "refused"),
    [("4.90", "5.00", False), ("5.00", "5.10", True), ("12.00", "13.00", True)],
)
def test_a_stop_beyond_all_that_can_be_lost_is_refused(trigger: str, limit: str, refused: bool) -> None:
    """C-04: a spread of 5 never costs more than 5.00 to leave, so its stop would guard nothing."""
    bought_back = combo((1, CALL_600), (-1, CALL_605))
    sold = held((-1, CALL_600), (1, CALL_605))
    found = codes(stop(bought_back, trigger, limit), facts(positions=sold))
    assert ("stop_never_triggers" in found) is refused


@pytest.mark.parametrize(
    ("limit", "never", "far"),
    [("-1.95", False, False), ("-4.99", False, True), ("-5.00", True, True), ("-5.50", True, True)],
)
def test_a_credit_of_the_whole_width_is_refused_and_one_far_off_is_told(
    limit: str, never: bool, far: bool
) -> None:
    """C-04: selling a spread of 5 for 5 would be a gift that its figures took for granted."""
    sold = order(combo((-1, CALL_600), (1, CALL_605)), limit)
    breaches = {each.code: each.hard for each in judge(sold, facts(permission_level=3))}
    assert ("limit_beyond_worth" in breaches) is never
    assert breaches.get("limit_far_from_market", True) is not far


def test_a_stop_that_has_been_reached_is_said_in_words_of_who_pays() -> None:
    """A raw sign reads as a loss: -2.00 is a credit."""
    (breach,) = judge(stop(CLOSING, "-2.10", "-1.90"), facts(positions=OWNED))
    assert breach.message == "the trigger 2.10 credit is already reached (the mid is 2.00 credit)"


@pytest.mark.parametrize(
    ("limit", "seconds_ago", "refused"),
    [("2.30", 10, False), ("2.31", 10, True), ("1.50", 10, False), ("2.31", 600, True), ("2.31", 601, False)],
)
def test_modifications_walk_at_most_fifteen_percent(limit: str, seconds_ago: float, refused: bool) -> None:
    """C-05: from 2.00 approved first, within ten minutes; cheaper is always allowed."""
    first = Repricing(first=Premium.of("2.00"), at=MONOTONIC - seconds_ago)
    found = codes(order(limit=limit), facts(repricing=first))
    assert ("repriced_too_far" in found) is refused


def _both(changed: Quote) -> Mapping[int, Quote]:
    return {**QUOTES, changed.instrument.con_id: changed}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (quote(CALL_600, "4.90", "5.00", feed=Feed.DELAYED), "quote_not_live"),
        (quote(CALL_600, "4.90", "5.00", feed=Feed.FROZEN), "quote_not_live"),
        (quote(CALL_600, "4.90", "5.00", feed=Feed.DELAYED_FROZEN), "quote_not_live"),
        (quote(CALL_600, "4.90", "5.00", feed=Feed.NONE), "quote_not_live"),
        (quote(CALL_600, "4.90", "5.00", taken=MONOTONIC - 5.001), "quote_stale"),
        (quote(CALL_600, "4.90", "5.00", taken=MONOTONIC + 60), "quote_stale"),
        (quote(CALL_600, "4.90", "5.00", taken=float("nan")), "quote_stale"),
        (quote(CALL_600, "4.90", "5.00", is_stale=True), "quote_stale"),
        (quote(CALL_600, "4.90", "5.00", halted=True), "halted"),
        (quote(CALL_600, None, "5.00"), "quote_one_sided"),
        (quote(CALL_600, "4.90", None), "quote_one_sided"),
        (quote(CALL_600, "0", "0.02"), "quote_not_positive"),
        (quote(CALL_600, "-1", "5.00"), "quote_not_positive"),
        (quote(CALL_600, "-1", "0"), "quote_not_positive"),
        (quote(CALL_600, "5.10", "5.00"), "quote_crossed"),
        (quote(CALL_600, "3.68", "5.00"), "quote_too_wide"),
    ],
)
def test_each_kind_of_bad_quote_is_refused_with_its_own_code(bad: Quote, code: str) -> None:
    """C-07, one fault at a time."""
    assert code in codes(order(), facts(quotes=_both(bad)))


@pytest.mark.parametrize(
    ("good", "limit"),
    [
        (quote(CALL_600, "4.90", "5.00", taken=MONOTONIC - 5.0), "2.05"),
        (quote(CALL_600, "3.70", "5.00"), "2.05"),  # 1.30 of 4.35 is 29.9 %
        (quote(CALL_600, "0.01", "0.04"), "-2.90"),  # three ticks, however wide in percent
    ],
)
def test_a_quote_at_the_edge_of_what_is_sound_passes(good: Quote, limit: str) -> None:
    """C-07 boundaries."""
    found = codes(order(limit=limit), facts(quotes=_both(good)))
    assert not {code for code in found if code.startswith("quote")}


@pytest.mark.parametrize(("bid", "ask", "side"), [(None, "5.00", "bid"), ("4.90", None, "ask")])
def test_the_missing_side_is_named(bid: str | None, ask: str | None, side: str) -> None:
    """C-07: so that a person knows what to wait for."""
    breaches = judge(order(), facts(quotes=_both(quote(CALL_600, bid, ask))))
    assert any(f"SPY 2026-12-18 600C has no {side}" in breach.message for breach in breaches)


@pytest.mark.parametrize(
    ("bid", "ask", "refused"), [("0", "0.02", False), ("0", "0", True), ("-1", "1", True)]
)
def test_a_closing_order_accepts_a_bid_of_nothing_and_no_worse(bid: str, ask: str, refused: bool) -> None:
    """C-07: a worthless wing may be bid 0; an ask of 0 or a negative bid is no market."""
    given = facts(quotes=_both(quote(CALL_605, bid, ask)), positions=held((-1, CALL_600), (1, CALL_605)))
    close = order(combo((1, CALL_600), (-1, CALL_605)), "5.00", purpose=Purpose.CLOSE)
    assert ("quote_not_positive" in codes(close, given)) is refused


def test_closing_stays_possible_when_the_long_wing_has_no_bid() -> None:
    """C-07, C-04: a worthless long leg is sold for nothing at worst; opening with it stays refused."""
    worthless = {
        CALL_600.con_id: quote(CALL_600, "0.40", "0.45"),
        CALL_605.con_id: quote(CALL_605, None, "0.02"),
    }
    credit_spread = held((-1, CALL_600), (1, CALL_605))
    close = order(combo((1, CALL_600), (-1, CALL_605)), "0.45", purpose=Purpose.CLOSE)
    assert codes(close, facts(quotes=worthless, positions=credit_spread)) == set()
    greedy = replace(close, limit=Premium.of("0.50"))
    assert "limit_beyond_collar" in codes(greedy, facts(quotes=worthless, positions=credit_spread))
    assert "quote_one_sided" in codes(replace(close, purpose=Purpose.OPEN), facts(quotes=worthless))


def test_a_refused_limit_names_a_price_that_can_be_given() -> None:
    """10 % above an ask of 3.16 is 3.476, which is no multiple of 0.01."""
    given = facts(quotes={**QUOTES, CALL_600.con_id: quote(CALL_600, "3.10", "3.16")})
    (breach,) = [b for b in judge(order(LONG_CALL, "3.60"), given) if b.code == "limit_beyond_collar"]
    bound = Premium.of(breach.expected.removeprefix("at most ").split()[0])
    assert bound == Premium.of("3.47")
    assert "limit_beyond_collar" not in codes(order(LONG_CALL, str(bound.amount)), given)


def test_a_stop_is_bounded_by_its_trigger_and_not_by_the_collar() -> None:
    """It waits where the market is not yet; against the ask of now every stop would be too far."""
    waiting = order(
        LONG_CALL, "9.10", stop=Premium.of("9.00"), order_type=OrderType.STP_LMT, purpose=Purpose.OPEN
    )
    assert "limit_beyond_collar" not in codes(waiting)
    assert "limit_beyond_collar" in codes(order(LONG_CALL, "9.10"))
