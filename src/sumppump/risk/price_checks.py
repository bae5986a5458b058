"""At what price, on which numbers: the collar, re-pricing, quotes (C-04, C-05, C-07)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_FLOOR, Decimal

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import OptionContract
from sumppump.domain.orders import Purpose
from sumppump.domain.payoff import worth_at_expiry
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.money import CENT, Premium
from sumppump.risk.case import PERCENT, Case, Finding, known

ZERO = Premium(Decimal(0))
# As far as the market may move before an approval must be asked for again.
FAR_PCT, FAR_TICKS = Decimal(15), 5
# What US options exchanges call an obvious error: up to this theoretical price, this far from it.
OBVIOUS_ERROR: tuple[tuple[Decimal, Decimal], ...] = (
    (Decimal(5), Decimal("0.40")),
    (Decimal(10), Decimal("0.50")),
    (Decimal(20), Decimal("0.80")),
    (Decimal(50), Decimal("1.00")),
    (Decimal(100), Decimal("1.50")),
)


def obvious_error(price: Decimal) -> Decimal:
    """Distance from `price` (per share, unsigned) that exchanges treat as an obvious error."""
    if price < 2:
        return Decimal("0.25")
    return next((amount for top, amount in OBVIOUS_ERROR if price <= top), Decimal("2.00"))


def collar_allowance(case: Case, price: Premium) -> Premium:
    """How far beyond `price` a limit may reach, per share, >= 0."""
    size = abs(price.amount)
    share = min(size * case.limits.collar_pct * PERCENT, obvious_error(size))
    return Premium(max(share, case.order.combo.tick(size) * case.limits.collar_ticks))


def _on_step(case: Case, bound: Premium) -> Premium:
    """The highest price an order may really have at or below a bound, so that a refusal names one."""
    step = case.order.combo.tick(abs(bound.amount))
    return Premium((bound.amount / step).to_integral_value(ROUND_FLOOR) * step)


def collar(case: Case) -> Iterator[Finding]:
    """C-04: a limit beyond the far side of the market, with the table of obvious errors as the cap."""
    if case.order.limit is None or case.order.stop is not None:
        return
    ask = case.net_ask()
    bound = _on_step(case, ask + collar_allowance(case, ask))
    if case.order.limit > bound:
        yield Finding(
            "limit_beyond_collar",
            f"limit {case.order.limit} is more aggressive than {bound} (the market asks {ask})",
            f"at most {bound}",
            str(case.order.limit),
        )


def stop_distance(case: Case) -> Iterator[Finding]:
    """C-04: the limit of a STP LMT may lie only so far beyond its trigger."""
    stop, limit = case.order.stop, case.order.limit
    if stop is None or limit is None:
        return
    size = abs(stop.amount)
    reach = max(
        size * case.limits.stop_offset_pct * PERCENT,
        case.order.combo.tick(size) * case.limits.stop_offset_ticks,
    )
    bound = _on_step(case, stop + Premium(reach))
    if not stop <= limit <= bound:
        yield Finding(
            "stop_limit_distance",
            f"limit {limit} does not lie between the trigger {stop} and {bound}",
            f"{stop} to {bound}",
            str(limit),
        )


def _plain(price: Premium) -> str:
    """A signed price as people say it: `3.50 credit`."""
    size = abs(price.amount)
    figure = size.quantize(CENT) if size == size.quantize(CENT) else size.normalize()
    return f"{figure:f} {'credit' if price.is_credit else 'debit'}"


def stop_is_ahead(case: Case) -> Iterator[Finding]:
    """C-04: a stop whose trigger the market has already passed would fire at once."""
    stop = case.order.stop
    if stop is None:
        return
    mid = case.net_mid()
    if stop <= mid:
        yield Finding(
            "stop_already_triggered",
            f"the trigger {_plain(stop)} is already reached (the mid is {_plain(mid)})",
            f"a trigger above {mid} in the order's own sign",
            str(stop),
        )


def within_worth(case: Case) -> Iterator[Finding]:
    """C-04: a price that the combo can never have would wait for ever, and its figures would be false."""
    limit, stop = case.order.limit, case.order.stop
    least, most = worth_at_expiry(case.order.combo)
    if stop is not None and most is not None and stop.amount >= most:
        yield Finding(
            "stop_never_triggers",
            f"the trigger {_plain(stop)} is never passed: at the worst the exit is worth {_worth(most)}",
            f"a trigger below {_worth(most)}",
            _plain(stop),
        )
    if limit is not None and least is not None and least < 0 and limit.amount <= least:
        yield Finding(
            "limit_beyond_worth",
            f"a limit of {_plain(limit)} is never filled: nobody pays {_worth(least)} or more for what can "
            "come to no more",
            f"less than {_worth(least)}",
            _plain(limit),
        )


def _worth(amount: Decimal) -> str:
    return _plain(Premium(amount))


def far_from_market(case: Case) -> Iterator[Finding]:
    """C-04: a limit far on the patient side of the market hardly fills; a warning, not a refusal."""
    if case.order.limit is None or case.order.stop is not None:
        return
    bid, ask = case.net_bid(), case.net_ask()
    size = abs(case.net_mid().amount)
    reach = max(size * FAR_PCT * PERCENT, case.order.combo.tick(size) * FAR_TICKS)
    if case.order.limit < bid - Premium(reach):
        yield Finding(
            "limit_far_from_market",
            f"the limit {_plain(case.order.limit)} is far from the market, {_plain(bid)} to {_plain(ask)}: "
            "it will hardly be filled, and every figure here takes it as filled",
            f"about {_plain(bid)}",
            _plain(case.order.limit),
            hard=False,
        )


def on_tick(case: Case) -> Iterator[Finding]:
    """C-04: prices lie on the contract's steps; another would be rejected or, worse, rounded."""
    for name, price in (("limit", case.order.limit), ("stop", case.order.stop)):
        if price is None:
            continue
        tick = case.order.combo.tick(abs(price.amount))
        if price.amount % tick != 0:
            yield Finding(
                "price_off_tick",
                f"{name} {price} is not a multiple of {tick}",
                f"steps of {tick}",
                str(price),
            )


def repricing(case: Case) -> Iterator[Finding]:
    """C-05: modifications may walk only so far from the first approved price; cheaper is always allowed."""
    first = case.facts.repricing
    if first is None:
        return
    age = case.age(first.at)
    if age > case.limits.reprice_window:
        return
    limit = known(case.order.limit, "limit")
    size = abs(first.first.amount)
    reach = max(
        size * case.limits.reprice_pct * PERCENT, case.order.combo.tick(size) * case.limits.collar_ticks
    )
    bound = _on_step(case, first.first + Premium(reach))
    if not limit <= bound:
        yield Finding(
            "repriced_too_far",
            f"limit {limit} is beyond {bound}; {first.first} was approved first",
            f"at most {bound}",
            str(limit),
        )


def quotes_are_sound(case: Case) -> Iterator[Finding]:
    """C-07: every leg's quote is live, young, two-sided, uncrossed and not too wide."""
    for leg in case.order.combo.legs:
        quote = case.quote(leg)
        for purposes, rule in _QUOTE_RULES:
            if case.order.purpose in purposes and (finding := rule(case, leg, quote)) is not None:
                yield finding
                break  # the first fault of a quote says enough


_QuoteRule = Callable[[Case, Leg, Quote], Finding | None]


def _live(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    if quote.feed is Feed.LIVE:
        return None
    return Finding(
        "quote_not_live",
        f"{leg.contract.label} has a {quote.feed} quote: preview only",
        "a live quote",
        quote.feed,
    )


def _young(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    age, limit = case.age(quote.taken), case.limits.max_quote_age
    # Written so that NaN and a time in the future fail as well.
    if -1.0 <= age <= limit:
        return None
    return Finding(
        "quote_stale",
        f"{leg.contract.label} was quoted {age:.1f} s ago",
        f"at most {limit:g} s",
        f"{age:.1f} s",
        passes=True,
    )


def _current(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    if not quote.is_stale:
        return None
    return Finding(
        "quote_stale",
        f"{leg.contract.label} may have missed ticks: {quote.notice}",
        "a quote without a gap",
        "a gap in the data",
        passes=True,
    )


def _not_halted(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    return Finding("halted", f"{leg.contract.label} is halted", "trading", "halted") if quote.halted else None


def _two_sided(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    if quote.bid is not None and quote.ask is not None:
        return None
    side = "ask" if quote.ask is None else "bid"
    return Finding("quote_one_sided", f"{leg.contract.label} has no {side}", "bid and ask", f"no {side}")


def _positive(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    opens = case.order.purpose is Purpose.OPEN
    bid_bad = quote.bid is not None and (quote.bid < ZERO or (opens and quote.bid == ZERO))
    if not bid_bad and quote.ask is not None and quote.ask > ZERO:
        return None
    return Finding(
        "quote_not_positive",
        f"{leg.contract.label} is quoted {quote.bid} x {quote.ask}",
        "prices above 0",
        f"{quote.bid} x {quote.ask}",
    )


def _uncrossed(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    if not quote.is_crossed:
        return None
    return Finding(
        "quote_crossed",
        f"{leg.contract.label} is crossed, {quote.bid} x {quote.ask}",
        "a bid at or below the ask",
        f"{quote.bid} x {quote.ask}",
        passes=True,
    )


def _narrow(case: Case, leg: Leg, quote: Quote) -> Finding | None:
    width, mid = known(quote.quote_width, "quote"), known(quote.mid, "quote")
    contract = leg.contract
    tick = contract.tick(mid.amount) if isinstance(contract, OptionContract) else contract.min_tick
    by_share = mid.amount * case.limits.max_width_pct * PERCENT
    allowed = max(by_share, tick * case.limits.max_width_ticks)
    if width.amount <= allowed:
        return None
    return Finding(
        "quote_too_wide",
        f"{leg.contract.label} is {width} wide at a mid of {mid}",
        f"at most {allowed.normalize():f}",
        str(width),
    )


_OPEN = frozenset({Purpose.OPEN})
_PRICED = frozenset({Purpose.OPEN, Purpose.CLOSE, Purpose.TARGET})
# In the order in which a quote can be wrong; what closes a position must stay possible in a wide market.
_QUOTE_RULES: tuple[tuple[frozenset[Purpose], _QuoteRule], ...] = (
    (_PRICED, _live),
    (_PRICED, _young),
    (_PRICED, _current),
    (_OPEN, _not_halted),
    (_PRICED, _two_sided),
    (_PRICED, _positive),
    (_PRICED, _uncrossed),
    (_OPEN, _narrow),
)
