"""What the account may trade: kinds of contracts, IBKR's levels of option trading, and rules for retail.

Levels (IBKR's public pages; how TWS maps single orders to them is unverified): 1 covered calls; 2 also long
options and whatever is paid for in full, covered puts; 3 also spreads and puts that need margin, butterflies,
calendars and diagonals; 4 also short calls that nothing covers. Closing is always allowed. An order is judged
by what the account would hold on its underlying.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sumppump.exchange.account.margin import (
    Holding,
    Lot,
    borrowed,
    covered,
    lot_of,
    split_uncovered,
    worst_payoff,
)
from sumppump.exchange.account.valuation import BASE, is_coin, is_pair
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.reports import Refusal

_ZERO = Decimal(0)
COVERED, PAID_IN_FULL, LIMITED, UNLIMITED = 1, 2, 3, 4
_BUTTERFLY_STRIKES = 3
_DAY_TRADED = ("STK", "OPT")
PATTERN_DAY_TRADER = Refusal(
    201,
    "Order rejected - reason:The equity in your account is below the minimum 25,000 USD required for pattern"
    " day trading and no day trades remain.",
)  # unverified words
ALL_KINDS = ("STK", "OPT", "FUT", "CASH", "CRYPTO")
NO_PERMISSION = Refusal(460, "No trading permissions.")
NO_KID = Refusal(
    201,
    "Order rejected - reason:No Trading Permission. Customer ineligible: no Key Information Document (KID) is"
    " available for this product.",
)
NO_SHORT_COINS = Refusal(
    201, "Order rejected - reason:Short sales of cryptocurrency are not allowed."
)  # unverified words
CURRENCY_LEVERAGE = Refusal(
    201, "Order rejected - reason:This trade would expose your account to currency leverage."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What an account may do; by default everything.

    Attributes:
        option_level: 0 for no options at all, to 4.
        kinds: the wire's words.
        needs_kid: whether funds of the United States are refused, as to retail clients in the European Union.
        currency_leverage: whether an exchange may leave a balance in another currency negative.
    """

    option_level: int = UNLIMITED
    kinds: tuple[str, ...] = ALL_KINDS
    needs_kid: bool = False
    currency_leverage: bool = True


EVERYTHING = Permissions()


class Positions(Protocol):
    """What is held."""

    def quantity(self, con_id: int) -> Decimal:
        """Signed quantity of a contract."""

    @property
    def balances(self) -> dict[str, Decimal]:
        """Cash by currency."""

    def related(self, listing: Listing) -> list[tuple[Listing, Decimal]]:
        """Everything that is held on the underlying of a contract."""


Change = tuple[Listing, Decimal]


def refusal_of(may: Permissions, changes: Sequence[Change], held: Positions) -> Refusal | None:
    """Why an account may not make these changes together; None if it may."""
    opening = [one for one in changes if _opens(*one, held)]
    if any(listing.sec_type not in may.kinds for listing, _ in opening):
        return NO_PERMISSION
    if may.needs_kid and any(one.stock_type == "ETF" for one, quantity in opening if quantity > 0):
        return NO_KID
    if any(_is_short_coin(*one, held) for one in opening):
        return NO_SHORT_COINS
    if not may.currency_leverage and any(_leaves_debit(*one, held) for one in opening):
        return CURRENCY_LEVERAGE
    needed = level_needed(changes, held) if may.option_level < UNLIMITED else 0
    return None if needed <= may.option_level else level_refusal(needed)


def opens_in_securities(changes: Sequence[Change], held: Positions) -> bool:
    """Whether any of these changes opens shares or options, which the rule about day traders is for."""
    return any(one[0].sec_type in _DAY_TRADED and _opens(*one, held) for one in changes)


def level_refusal(needed: int) -> Refusal:
    """An order beyond the account's level of option trading (unverified words)."""
    return Refusal(
        201,
        "Order rejected - reason:No Trading Permission."
        f" Option trading permission level {needed} is required.",
    )


def _opens(listing: Listing, quantity: Decimal, held: Positions) -> bool:
    before = held.quantity(listing.con_id)
    return before * quantity >= 0 or abs(quantity) > abs(before)


def _is_short_coin(coin: Listing, quantity: Decimal, held: Positions) -> bool:
    return is_coin(coin) and held.quantity(coin.con_id) + quantity < 0


def _leaves_debit(pair: Listing, quantity: Decimal, held: Positions) -> bool:
    """Whether an exchange sells more of a currency than there is; the base currency may be borrowed."""
    if not is_pair(pair):
        return False
    sold = pair.symbol if quantity < 0 else pair.currency
    enough = held.balances.get(sold, _ZERO) - abs(quantity) >= 0 if sold == pair.symbol else False
    return sold != BASE and not enough


# -- levels -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Risk:
    """What a position on one underlying may lose beyond what was paid for it.

    Attributes:
        calls, puts: naked contracts.
        spreads: the worst payoffs of its groups.
    """

    calls: Decimal
    puts: Decimal
    spreads: Decimal


def level_needed(changes: Sequence[Change], held: Positions) -> int:
    """The level of option trading that these changes need together; 0 if they open no options."""
    opening = [one for one in changes if one[0].is_option and _opens(*one, held)]
    if not opening:
        return 0
    before = held.related(opening[0][0])
    after = [*before, *changes]
    then, now = _risk(after), _risk(before)
    if then.calls > now.calls:
        return UNLIMITED
    if then.puts > now.puts or then.spreads > now.spreads or _is_complex(opening, after):
        return LIMITED
    only_calls_sold = all(quantity < 0 and listing.right == "C" for listing, quantity in opening)
    return COVERED if only_calls_sold and not _longs(after) else PAID_IN_FULL


def _lots(positions: Iterable[Change]) -> list[Lot]:
    net: dict[int, tuple[Listing, Decimal]] = {}
    for listing, quantity in positions:
        if listing.is_option:
            net[listing.con_id] = (listing, net.get(listing.con_id, (listing, _ZERO))[1] + quantity)
    return [lot_of(Holding(one, quantity, _ZERO, _ZERO)) for one, quantity in net.values() if quantity]


def _risk(positions: Sequence[Change]) -> _Risk:
    shares = sum((quantity for one, quantity in positions if one.sec_type == "STK"), start=_ZERO)
    lots, uncovered = split_uncovered(borrowed(_lots(positions)))
    _, naked = covered(uncovered, shares, _ZERO)
    expiries = {lot.expiry for lot in lots}
    worst = (worst_payoff([lot for lot in lots if lot.expiry == day]) for day in expiries)
    return _Risk(_count(naked, "C"), _count(naked, "P"), sum(worst, start=_ZERO))


def _count(naked: Iterable[Lot], right: str) -> Decimal:
    return -sum((lot.quantity for lot in naked if lot.right == right), start=_ZERO)


def _longs(positions: Iterable[Change]) -> bool:
    return any(lot.quantity > 0 for lot in _lots(positions))


def _is_complex(opening: Sequence[Change], after: Sequence[Change]) -> bool:
    """Butterflies and condors of one right; calendars and diagonals: a short that a later long covers."""
    sells = any(quantity < 0 for _, quantity in opening)
    strikes = {right: {one.strike for one, _ in opening if one.right == right} for right in "CP"}
    lots = _lots(after)
    is_butterfly = sells and any(len(found) >= _BUTTERFLY_STRIKES for found in strikes.values())
    return is_butterfly or (sells and sorted(map(repr, borrowed(lots))) != sorted(map(repr, lots)))
