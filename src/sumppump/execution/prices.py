"""Prices of exits, from the entry's signed premium. Pure arithmetic, checkable by hand.

An exit buys the reversed combo. A position bought at 2.00 debit is left by buying its reverse at -2.00 or
worse; one sold at 0.80 credit by buying it back at +0.80. So with the entry `e`, a loss of `p` percent of the
premium is reached when the exit costs `-(e - |e|·p/100)`, a gain of `p` percent at `-(e + |e|·p/100)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from sumppump.domain.combo import Combo
from sumppump.domain.payoff import worth_at_expiry
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import InvalidRequest, NoQuote
from sumppump.kernel.money import Premium
from sumppump.risk.price_checks import obvious_error
from sumppump.strategies.words import per_share

HUNDRED = Decimal(100)
OFFSET_SHARE = Decimal("0.10")
OFFSET_TICKS = 3


def percent(name: str, value: Decimal | None, *, most: Decimal | None = None) -> Decimal | None:
    """A percent number above 0, at most `most`; None stays None.

    Raises:
        InvalidRequest: outside the range; `expected` names the field.
    """
    if value is None:
        return None
    if not value.is_finite() or value <= 0 or (most is not None and value > most):
        top = "" if most is None else f" and at most {most}"
        raise InvalidRequest(
            f"{name} cannot be {value}",
            expected=f"{name}: a percent number above 0{top} (50 is 50 %)",
            found=str(value),
        )
    return value


def check_sign(limit: Premium | None, combo: Combo, quotes: Mapping[int, Quote]) -> None:
    """Refuse a limit on the other side of nothing than the whole market: a sign that was forgotten.

    Raises:
        InvalidRequest: the market pays for what the limit would pay for, or the other way round.
    """
    try:
        bid, ask = combo.net_bid(quotes), combo.net_ask(quotes)
    except NoQuote:
        return
    if limit is None or not (limit.amount < 0 < bid.amount or limit.amount > 0 > ask.amount):
        return
    here, there = ("RECEIVE", "PAY") if limit.is_credit else ("PAY", "RECEIVE")
    market = f"{per_share(min(abs(bid), abs(ask)))} to {per_share(max(abs(bid), abs(ask)))}"
    raise InvalidRequest(
        f"a limit of {limit} would {here} {per_share(limit)}, but here you {there} {market} per share",
        code="limit_sign",
        expected="a signed limit per share: plus pays, minus receives",
        found=str(limit),
        next_steps=[f"Ask the person; if {-limit} was meant, to {there} {per_share(limit)}, say so."],
    )


def target_limit(entry: Premium, exit_combo: Combo, profit_pct: Decimal) -> Premium:
    """Limit of the exit that takes `profit_pct` percent of the entry's premium as profit.

    Raises:
        InvalidRequest: a credit cannot be bought back for nothing, or less.
    """
    price = -(entry + abs(entry) * (profit_pct / HUNDRED))
    price = price.rounded_to(exit_combo.tick(abs(price.amount)), rounding=ROUND_FLOOR)
    if entry.is_credit and price.amount <= 0:
        raise InvalidRequest(
            f"take_profit_pct {profit_pct} would buy the position back for nothing",
            expected="take_profit_pct: below 100 for a position that received a credit",
            found=str(profit_pct),
        )
    return price


def stop_trigger(entry: Premium, exit_combo: Combo, loss_pct: Decimal) -> Premium:
    """Trigger of the exit after a loss of `loss_pct` percent of the entry's premium.

    Raises:
        InvalidRequest: a debit has nothing left to sell at that loss.
    """
    price = -(entry - abs(entry) * (loss_pct / HUNDRED))
    price = price.rounded_to(exit_combo.tick(abs(price.amount)))
    if not entry.is_credit and price.amount >= 0:
        raise InvalidRequest(
            f"a stop at a loss of {loss_pct} % leaves nothing to sell",
            expected="a percentage below 100 for a position that was paid for",
            found=str(loss_pct),
        )
    return price


def trigger_at(value: Premium, entry: Premium, exit_combo: Combo) -> Premium:
    """Trigger of the exit where the held combo is worth `value` per share.

    People give the price without the sign of our convention: what was bought is sold (a receipt, negative),
    what was sold is bought back (a payment, positive).

    Raises:
        InvalidRequest: not on a price step, or 0.
    """
    size = abs(value)
    tick = exit_combo.tick(size.amount)
    if size.amount == 0 or size.amount % tick != 0:
        raise InvalidRequest(
            f"stop_price {value} is not a price this trades at",
            expected=f"stop_price: above 0, in steps of {tick}",
            found=str(value),
        )
    return size if entry.is_credit else -size


def stop_limit(trigger: Premium, exit_combo: Combo, offset: Decimal | None) -> Premium:
    """Limit behind a trigger: what more is paid, or less received, at the most.

    Args:
        trigger: signed premium of the exit.
        exit_combo: what the exit buys.
        offset: currency per share, > 0; when None the larger of 10 % of the trigger and 3 ticks. A tenth of
            a package with shares is more than any option moves: there what exchanges call an obvious error
            is the most.

    Raises:
        InvalidRequest: an offset that is not above 0.
    """
    tick = exit_combo.tick(abs(trigger.amount))
    if offset is not None and (not offset.is_finite() or offset <= 0):
        raise InvalidRequest(
            f"limit_offset cannot be {offset}",
            expected="limit_offset: above 0, currency per share",
            found=str(offset),
        )
    limit = Premium(trigger.amount + (_usual_offset(trigger, exit_combo) if offset is None else offset))
    # What is received for a position never becomes a payment: below nothing there is nothing to sell.
    if trigger.is_credit and not limit.is_credit:
        limit = Premium(-tick)
    _, most = worth_at_expiry(exit_combo)
    if offset is None and most is not None and trigger.amount < most < limit.amount:
        limit = Premium(most)  # whoever paid more would lose more than by waiting for the end
    return limit.rounded_to(exit_combo.tick(abs(limit.amount)), rounding=ROUND_CEILING)


def _usual_offset(trigger: Premium, exit_combo: Combo) -> Decimal:
    size = abs(trigger.amount)
    share = size * OFFSET_SHARE
    if exit_combo.stock_legs:
        share = min(share, obvious_error(size))
    return max(share, exit_combo.tick(size) * OFFSET_TICKS)


def marketable(net_ask: Premium, allowance: Premium, exit_combo: Combo) -> Premium:
    """A limit that fills at once and lies inside the collar: the touch and half of what the collar allows."""
    price = net_ask + allowance * Decimal("0.5")
    rounded = price.rounded_to(exit_combo.tick(abs(price.amount)), rounding=ROUND_FLOOR)
    return max(rounded, net_ask.rounded_to(exit_combo.tick(abs(net_ask.amount)), rounding=ROUND_CEILING))
