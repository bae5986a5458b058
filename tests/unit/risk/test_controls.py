"""Each control at its boundary, one step inside, one step outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.risk.cases import (
    CALL_600,
    CALL_605,
    CLOSING,
    FACTS,
    LONG_CALL,
    MONOTONIC,
    NOW,
    OWNED,
    SHARES,
    SPY,
    codes,
    combo,
    facts,
    figures,
    held,
    judge,
    margin,
    option,
    order,
    recent,
    stop,
)

from sumppump.data.sessions import SessionStatus
from sumppump.domain.combo import Combo
from sumppump.domain.instruments import Right, SecType
from sumppump.domain.orders import Environment, Order, OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.payoff import UNLIMITED_LOSS
from sumppump.kernel.errors import Retry, RiskRefused
from sumppump.kernel.money import Money, Premium
from sumppump.risk.facts import OrderFacts
from sumppump.risk.limits import Limits
from sumppump.risk.modes import WriteGate
from sumppump.risk.policy import CONTROLS, RiskPolicy


def test_a_sound_order_breaks_no_limit() -> None:
    """Every other test here changes one thing of this order."""
    assert judge(order()) == ()


@pytest.mark.parametrize(("quantity", "refused"), [(9, False), (10, False), (11, True)])
def test_contracts_per_order_stop_at_the_limit(quantity: int, refused: bool) -> None:
    """C-01: ten pass, eleven do not."""
    assert ("too_many_contracts" in codes(order(quantity=quantity))) is refused


@pytest.mark.parametrize("quantity", [0, -1, True, 1.5])
def test_a_quantity_that_is_no_count_is_refused(quantity: Any) -> None:
    """C-01: also for closing orders."""
    for purpose in (Purpose.OPEN, Purpose.CLOSE):
        assert "bad_quantity" in codes(order(quantity=quantity, purpose=purpose))


@pytest.mark.parametrize(
    ("limit", "nlv", "refused"),
    [
        ("50.00", 90_000, False),  # 5,000.00 = 50.00 x 100, the amount
        ("50.01", 90_000, True),
        ("49.99", 90_000, False),
        ("125.00", 250_000, False),  # 12,500 = 5 % of 250,000, which is more than 5,000
        ("125.01", 250_000, True),
        ("-50.01", 90_000, True),  # received premium counts like paid premium
    ],
)
def test_premium_is_bounded_by_the_larger_of_amount_and_share(limit: str, nlv: int, refused: bool) -> None:
    """C-02, boundary and one cent per share."""
    given = figures(nlv=Money.of(nlv))
    assert ("premium_too_large" in codes(order(limit=limit), given)) is refused


def test_premium_is_counted_with_the_contracts_own_multiplier() -> None:
    """C-02: 60.00 a share is 600 for a contract of ten shares, 6,000 for one of a hundred."""
    small = combo((1, option("600", multiplier=10)))
    given = figures(nlv=Money.of(90_000))
    assert "premium_too_large" not in codes(order(small, "60.00"), given)
    assert "premium_too_large" in codes(order(LONG_CALL, "60.00"), given)


@pytest.mark.parametrize(
    ("shares", "limit", "refused"),
    [
        (104, "600.00", False),
        (105, "600.00", True),
        (125, "500.00", False),  # 62,500, a quarter of 250,000
        (125, "500.01", True),
        (125, "499.99", False),  # its limit bounds it, though the market asks 600.00
    ],
)
def test_shares_are_bounded_by_a_quarter_of_the_account(shares: int, limit: str, refused: bool) -> None:
    """C-02: shares times the order's own limit."""
    assert ("stock_notional_too_large" in codes(order(SHARES, limit, quantity=shares))) is refused


def test_a_covered_call_is_judged_by_its_shares_and_not_as_premium() -> None:
    """C-02, C-03: 60,000 of shares fit a quarter of 250,000; the short call is covered by them."""
    covered = combo((100, SPY), (-1, CALL_605))
    given = facts(max_loss=Money.of(59_710), permission_level=1)
    assert judge(order(covered, "597.10"), given) == ()


def test_a_covered_call_on_dearer_shares_than_allowed_is_refused_for_the_shares() -> None:
    """C-02: 60,000 of shares are more than a quarter of 200,000."""
    covered = combo((100, SPY), (-1, CALL_605))
    given = replace(figures(nlv=Money.of(200_000)), max_loss=Money.of(59_710), permission_level=1)
    assert codes(order(covered, "597.10"), given) == {"stock_notional_too_large"}


@pytest.mark.parametrize(("loss", "refused"), [("24999.99", False), ("25000.00", False), ("25000.01", True)])
def test_max_loss_stops_at_a_tenth_of_the_account(loss: str, refused: bool) -> None:
    """C-03: 10 % of 250,000."""
    assert ("max_loss_too_large" in codes(order(), facts(max_loss=Money.of(loss)))) is refused


def test_unlimited_loss_needs_both_the_switch_and_level_four() -> None:
    """C-03: refused even when the broker's what-if passes."""
    naked = order(combo((-1, CALL_605)), "-2.90")
    given = facts(max_loss=UNLIMITED_LOSS, permission_level=4)
    assert {"unlimited_loss", "naked_short", "permission_level"} <= codes(naked, given)
    half = Limits(allow_naked_short=True, options_level=3)
    assert {"unlimited_loss", "permission_level"} <= codes(naked, given, half)
    whole = Limits(allow_naked_short=True, options_level=4, max_assignment_pct=Decimal(30))
    assert codes(naked, given, whole) == set()


@pytest.mark.parametrize(("nlv", "refused"), [(605_000, False), (604_999, True)])
def test_assignment_of_uncovered_shorts_stops_at_a_tenth(nlv: int, refused: bool) -> None:
    """C-03: one short 605 call moves 60,500, which is 10 % of 605,000."""
    naked = order(combo((-1, CALL_605)), "-2.90")
    given = replace(figures(nlv=Money.of(nlv)), max_loss=UNLIMITED_LOSS, permission_level=4)
    wild = Limits(allow_naked_short=True, options_level=4)
    assert ("assignment_too_large" in codes(naked, given, wild)) is refused


@pytest.mark.parametrize(("level", "refused"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_strategys_level_is_held_against_the_persons(level: int, refused: bool) -> None:
    """C-03: OPTIONS_LEVEL is 2 by default."""
    assert ("permission_level" in codes(order(), facts(permission_level=level))) is refused


NEAR, FAR = date(2026, 12, 18), date(2027, 1, 15)
PUT_590, PUT_595 = option("590", Right.PUT), option("595", Right.PUT)


@pytest.mark.parametrize(
    ("legs", "naked"),
    [
        (combo((1, CALL_600), (-1, CALL_605)), False),
        (combo((-1, CALL_600), (1, CALL_605)), False),  # a credit spread is covered too
        (combo((1, CALL_600), (-2, CALL_605)), True),  # one of two stands alone
        (combo((1, CALL_600), (-1, PUT_590)), True),  # a call covers no put
        (combo((1, PUT_590), (-1, PUT_595)), False),
        (combo((-1, CALL_600), (1, option("600", expiry=FAR))), False),  # calendar
        (combo((1, CALL_600), (-1, option("605", expiry=FAR))), True),  # the cover ends first
        (combo((100, SPY), (-1, CALL_605)), False),
        (combo((99, SPY), (-1, CALL_605)), True),
        (combo((100, SPY), (-1, PUT_590)), True),  # shares cover no put
        (combo((100, SPY), (1, PUT_590), (-1, CALL_605)), False),
        (combo((1, PUT_590), (-1, PUT_595), (-1, CALL_600), (1, CALL_605)), False),
    ],
)
def test_a_short_leg_needs_cover_of_its_own_right(legs: Combo, naked: bool) -> None:
    """C-03 by the decision that a longer-lived long of the same right, or shares under a call, is cover."""
    assert ("naked_short" in codes(order(legs, "1.00"))) is naked


@pytest.mark.parametrize("kind", [OrderType.MKT, OrderType.STP, OrderType.TRAIL])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_options_never_go_out_without_a_limit(kind: OrderType, purpose: Purpose) -> None:
    """C-06: on every path."""
    assert "order_type_refused" in codes(order(order_type=kind, purpose=purpose))


def test_shares_may_be_protected_by_a_plain_stop() -> None:
    """C-06 is about options: STP on shares is allowed, with its trigger below the market."""
    protect = order(
        combo((-1, SPY)),
        None,
        quantity=50,
        order_type=OrderType.STP,
        stop=Premium.of("-580.00"),
        purpose=Purpose.STOP,
        tif=TimeInForce.GTC,
    )
    assert codes(protect, facts(positions=held((50, SPY)))) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"limit": None}, "missing_limit"),
        ({"stop": Premium.of("1")}, "surplus_stop"),
        ({"trail": Premium.of("1")}, "surplus_trail"),
        ({"order_type": OrderType.STP_LMT}, "missing_stop"),
        ({"order_type": OrderType.TRAIL}, "missing_trail"),
        ({"trail": Premium.of("0")}, "bad_trail"),
        ({"trail": Premium.of("-1")}, "bad_trail"),
    ],
)
def test_an_order_has_the_prices_of_its_type(changes: dict[str, Any], code: str) -> None:
    """C-06."""
    assert code in codes(order(**changes))


@pytest.mark.parametrize(
    ("changes", "seconds_ago", "code"),
    [
        ({}, 0.002, "duplicate_order"),
        ({}, 60, "duplicate_order"),
        ({}, 61, "similar_order"),
        ({"limit": Premium.of("2.09")}, 10, "duplicate_order"),  # within 2 %
        ({"limit": Premium.of("2.10")}, 10, "similar_order"),
        ({"quantity": 2}, 10, "similar_order"),
        ({}, 600, "similar_order"),
        ({}, 601, None),
    ],
)
def test_the_same_order_twice_is_refused_and_a_similar_one_pointed_out(
    changes: dict[str, Any], seconds_ago: float, code: str | None
) -> None:
    """C-08: 60 s identical hard, 10 min similar soft."""
    given = facts(recent=(recent(order(**changes), seconds_ago=seconds_ago),))
    breaches = judge(order(), given)
    assert {breach.code for breach in breaches} == ({code} if code else set())
    assert all(breach.hard is (code == "duplicate_order") for breach in breaches)


@pytest.mark.parametrize("purpose", [Purpose.CLOSE, Purpose.STOP, Purpose.TARGET])
def test_an_exit_is_not_warned_of_the_other_exits_of_its_position(purpose: Purpose) -> None:
    """C-08: the stop that a close replaces, or a target beside a stop, is no second order by mistake."""
    other = stop(CLOSING, "-0.95", "-0.90", quantity=2)
    mine = order(CLOSING, "-1.90", purpose=purpose, order_ref="SP1-0000000000000000000000000X")
    assert "similar_order" not in codes(mine, facts(positions=OWNED, recent=(recent(other),)))


def test_an_order_of_unknown_age_counts_as_just_sent() -> None:
    """C-08: NaN must not read as long ago."""
    given = facts(recent=(recent(order(), seconds_ago=float("nan")),))
    assert "duplicate_order" in codes(order(), given)


def test_an_identical_exit_is_bounded_by_what_is_held_and_not_by_the_clock() -> None:
    """C-24: the same close twice is one too many while the first works; the other half may go."""
    close = order(CLOSING, "-1.90", purpose=Purpose.CLOSE)
    works = facts(positions=OWNED, recent=(recent(close, seconds_ago=2),))
    assert codes(close, works) == {"more_than_held"}
    done = replace(recent(close, seconds_ago=2), state=OrderState.FILLED, filled=close.quantity)
    assert codes(close, facts(positions=OWNED, recent=(done,))) == set()


def test_the_age_of_an_order_from_before_a_restart_is_not_made_up() -> None:
    """Nobody knows it exactly; the restart is only the latest moment it can have been."""
    before = replace(recent(order(quantity=2), seconds_ago=62), sent_here=False)
    (breach,) = judge(order(), facts(recent=(before,)))
    assert "before this start, 62 s ago or more" in breach.message


@pytest.mark.parametrize(
    ("state", "filled", "counts"),
    [
        (OrderState.SENDING, 0, True),
        (OrderState.FILLED, 1, True),
        (OrderState.REJECTED, 0, False),
        (OrderState.CANCELLED, 0, False),
        (OrderState.CANCELLED, 1, True),
        (OrderState.DECLINED, 0, False),
    ],
)
def test_an_order_that_never_worked_is_no_first_of_two(state: OrderState, filled: int, counts: bool) -> None:
    """C-08: trying again after a rejection is not a duplicate; after a partial fill it is."""
    given = facts(recent=(recent(order(), state, filled=filled),))
    assert ("duplicate_order" in codes(order(), given)) is counts


@pytest.mark.parametrize(
    ("limit", "near"), [("1.96", True), ("1.95", False), ("2.04", True), ("2.05", False)]
)
def test_prices_within_two_percent_of_the_larger_are_the_same(limit: str, near: bool) -> None:
    """C-08 against 2.00: 1.96 differs by exactly 2 % of 2.00, 2.04 by less than 2 % of itself."""
    given = facts(recent=(recent(order(limit=limit)),))
    assert ("duplicate_order" in codes(order(limit="2.00"), given)) is near


def test_an_orders_own_modification_is_not_its_duplicate() -> None:
    """C-08: a modify re-sends its reference on purpose."""
    same = replace(recent(order()), order=order())
    assert codes(order(), facts(recent=(same,))) == set()


@pytest.mark.parametrize(
    ("symbol", "seconds_ago", "code"),
    [("SPY", 1, "unknown_order_in_underlying"), ("QQQ", 60, None), ("QQQ", 61, "unknown_order")],
)
def test_an_order_in_doubt_stops_new_risk(symbol: str, seconds_ago: float, code: str | None) -> None:
    """C-08: in its underlying at once, everywhere after a minute; closing stays possible."""
    other = order(
        combo((1, option("500", symbol=symbol))), "1.00", order_ref="SP1-0000000000000000000000000X"
    )
    given = facts(recent=(recent(other, OrderState.UNKNOWN, seconds_ago=seconds_ago),), positions=OWNED)
    assert codes(order(), given) == ({code} if code else set())
    assert codes(order(CLOSING, "-1.90", purpose=Purpose.CLOSE), given) == set()


@pytest.mark.parametrize(
    ("pnl", "age", "code"),
    [
        ("-4999.99", 0, None),
        ("-5000", 0, "daily_loss_reduce_only"),
        ("-7499.99", 0, "daily_loss_reduce_only"),
        ("-7500", 0, "daily_loss_halt"),
        ("0", 60, None),
        ("0", 61, "daily_pnl_stale"),
        ("1000", float("nan"), "daily_pnl_stale"),
    ],
)
def test_a_days_loss_stops_new_risk_and_never_closing(pnl: str, age: float, code: str | None) -> None:
    """C-14: 2 % and 3 % of 250,000; a P&L older than a minute counts as a breach."""
    given = replace(figures(daily_pnl=Money.of(pnl), daily_pnl_taken=MONOTONIC - age), positions=OWNED)
    assert codes(order(), given) == ({code} if code else set())
    assert codes(order(CLOSING, "-1.90", purpose=Purpose.CLOSE), given) == set()


def test_an_old_p_and_l_may_be_tried_again_and_a_broken_limit_may_not() -> None:
    """C-14: what heals by itself says so, with the next step; one lasting breach beside it says no."""
    stale = figures(daily_pnl_taken=MONOTONIC - 112)
    with pytest.raises(RiskRefused) as passing:
        RiskPolicy(Limits()).enforce(order(), stale)
    assert (passing.value.code, passing.value.retry) == ("daily_pnl_stale", Retry.SAFE)
    assert "Try again" in passing.value.next_steps[0]
    with pytest.raises(RiskRefused) as lasting:
        RiskPolicy(Limits()).enforce(order(quantity=1000), stale)
    assert lasting.value.retry is Retry.NEVER


@pytest.mark.parametrize(
    ("after", "reserved", "refused"),
    [("125000", "0", False), ("125000.01", "0", True), ("100000", "25000", False), ("100000", "25001", True)],
)
def test_margin_after_the_order_leaves_half_of_the_excess(after: str, reserved: str, refused: bool) -> None:
    """C-15: 50 % of 250,000 excess liquidity, our own reservations included."""
    given = facts(margin=margin(after), reserved_margin=Money.of(reserved))
    assert ("margin_too_large" in codes(order(), given)) is refused


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        (combo((1, option("600", exchange="CBOE"))), "exchange_refused"),
        (combo((1, option("600", currency="EUR"))), "currency_refused"),
        (combo((1, option("600", multiplier=10))), "adjusted_option"),
        (combo((1, option("600", trading_class="SPY1"))), "adjusted_option"),
        (combo((1, option("600", last_trade=NOW))), "expired"),
        (combo((1, replace(SPY, primary_exchange="PINK"))), "otc_refused"),
        (combo((1, replace(SPY, sec_type=SecType.IND))), "not_tradable"),
        (combo((-1, SPY)), "short_stock"),
        (combo((-100, SPY), (1, CALL_600)), "short_stock"),
    ],
)
def test_what_may_not_trade_is_refused(legs: Combo, code: str) -> None:
    """C-16 and C-24, one contract each."""
    assert code in codes(order(legs, "5.00"))


def test_a_list_of_underlyings_keeps_all_others_out() -> None:
    """C-16: a person may name what may trade."""
    assert "symbol_refused" in codes(order(), limits=Limits(allowed_symbols=("QQQ",)))
    assert codes(order(), limits=Limits(allowed_symbols=("QQQ", "SPY"))) == set()


@pytest.mark.parametrize(
    ("purpose", "refused"),
    [(Purpose.OPEN, True), (Purpose.CLOSE, True), (Purpose.STOP, False), (Purpose.TARGET, False)],
)
def test_only_protective_orders_outlive_the_day(purpose: Purpose, refused: bool) -> None:
    """C-16: GTC for stops and targets alone."""
    found = codes(order(purpose=purpose, tif=TimeInForce.GTC))
    assert ("tif_refused" in found) is refused


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (facts(gate=WriteGate(allowed=False, code="port_mode_mismatch", reason="no")), "port_mode_mismatch"),
        (facts(account="SIM7654321"), "wrong_account"),
        (facts(account=""), "wrong_account"),
        (facts(environment=Environment.LIVE), "wrong_environment"),
        (facts(kill_set=True), "kill_switch"),
        (facts(kill_set=None), "c20_missing_kill_flag"),
    ],
)
def test_mode_account_and_kill_switch_hold_for_every_order(given: OrderFacts, code: str) -> None:
    """C-17, C-20: also for what only reduces risk."""
    for purpose in Purpose:
        assert code in codes(order(purpose=purpose), given)


def test_no_message_shows_a_whole_account_number() -> None:
    """Accounts are masked to the last three characters wherever they are shown."""
    for breach in judge(order(account="DU7777777")):
        assert "7777777" not in repr(breach)


def test_a_closed_market_is_a_warning_and_not_a_refusal() -> None:
    """C-18 here only warns: the order would wait."""
    shut = SessionStatus(is_open=False, closes=None, next_open=None)
    (breach,) = judge(order(), facts(session=shut))
    assert (breach.control, breach.code, breach.hard) == ("C-18", "market_closed", False)


def test_every_refusal_names_both_figures() -> None:
    """A person must see the limit and what broke it."""
    cases: list[tuple[Order, OrderFacts, str, str]] = [
        (order(quantity=11), FACTS, "10", "11"),
        (order(), facts(max_loss=Money.of("25000.01")), "25,000.00 USD", "25,000.01 USD"),
        (order(limit="2.50"), FACTS, "2.31", "2.50"),
        (order(), figures(daily_pnl=Money.of("-5000")), "-5,000.00 USD", "2 %"),
        (order(), facts(margin=margin("200000")), "125,000.00 USD", "200,000.00 USD"),
    ]
    for each, given, limit, found in cases:
        message = " ".join(breach.message for breach in judge(each, given))
        assert limit in message
        assert found in message


def test_the_catalogues_controls_are_all_in_the_table() -> None:
    """The ids that the policy must hold."""
    wanted = {f"C-{number:02}" for number in (*range(1, 9), 14, 15, 16, 17, 20)}
    assert wanted <= {control.id for control in CONTROLS}
