"""The exchange's own margin: a plain rule book in the manner of Regulation T, applied to the whole account.

Equity with loan value is cash plus stocks; options count for nothing in it. So a long option needs no
margin (its premium left the cash), and a short one needs what it may cost. Per underlying:

1. Options are grouped by expiry. Where a group sells more than it buys of one right, it borrows long
   options of that right from later expiries that can spare them.
2. Short calls that are still uncovered are covered by long shares (100 each), short puts by short shares;
   what they are in the money is required, since the shares count at full value.
3. What is uncovered even then is naked: premium plus the larger of 20 % of the underlying less what it is
   out of the money, and 10 % of the underlying (calls) or of the strike (puts). Of naked calls and puts
   on one underlying only the dearer side is required, plus the premium of the other.
4. The rest of each group can lose no more than its worst payoff at expiry: that is required. It
   is the width for a vertical or an iron condor and nothing for a long butterfly.
5. Stocks: 50 % of value initially, 25 % maintained if long, 30 % if short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sumppump.exchange.instruments import Listing

_ZERO = Decimal(0)
_STOCK_INITIAL = Decimal("0.50")
_LONG_STOCK_KEPT, _SHORT_STOCK_KEPT = Decimal("0.25"), Decimal("0.30")
_NAKED, _NAKED_LEAST = Decimal("0.20"), Decimal("0.10")


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as margin sees it.

    Attributes:
        quantity: contracts or shares, signed.
        mark: price per share, >= 0.
        under_price: price of the underlying per share.
    """

    listing: Listing
    quantity: int
    mark: Decimal
    under_price: Decimal


@dataclass(frozen=True, slots=True)
class Requirement:
    """Margin of an account or of a part of it, in its currency."""

    initial: Decimal
    maintenance: Decimal

    def __add__(self, other: Requirement) -> Requirement:
        return Requirement(self.initial + other.initial, self.maintenance + other.maintenance)


@dataclass(frozen=True, slots=True)
class _Lot:
    """Options of one kind within the pairing."""

    expiry: date
    right: str
    strike: Decimal
    quantity: int
    mark: Decimal
    multiplier: int


def requirement(holdings: Iterable[Holding]) -> Requirement:
    """What the whole account needs."""
    by_symbol: dict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        by_symbol[holding.listing.symbol].append(holding)
    parts = (_of_underlying(by_symbol[symbol]) for symbol in sorted(by_symbol))
    return sum(parts, start=Requirement(_ZERO, _ZERO))


def _of_underlying(holdings: Sequence[Holding]) -> Requirement:
    spot = holdings[0].under_price
    shares = sum(one.quantity for one in holdings if not one.listing.is_option)
    lots = [_lot(one) for one in holdings if one.listing.is_option and one.quantity]
    options = _of_options(_borrowed(lots), shares, spot)
    return _of_shares(shares, spot) + Requirement(options, options)


def _lot(holding: Holding) -> _Lot:
    option = holding.listing
    if option.expiry is None or option.strike is None:
        raise ValueError(f"an option without expiry or strike: {option!r}")
    return _Lot(option.expiry, option.right, option.strike, holding.quantity, holding.mark, option.multiplier)


def _of_shares(shares: int, spot: Decimal) -> Requirement:
    value = abs(shares) * spot
    kept = _LONG_STOCK_KEPT if shares > 0 else _SHORT_STOCK_KEPT
    return Requirement(value * _STOCK_INITIAL, value * kept)


# -- rule 1 -----------------------------------------------------------------------------------------
def _net(lots: Iterable[_Lot], expiry: date, right: str) -> int:
    return sum(lot.quantity for lot in lots if lot.expiry == expiry and lot.right == right)


def _borrowed(lots: list[_Lot]) -> list[_Lot]:
    """The lots after each group has borrowed from later ones what it lacks."""
    for right in "CP":
        for expiry in sorted({lot.expiry for lot in lots if lot.right == right}):
            lacking = -_net(lots, expiry, right)
            for later in sorted({lot.expiry for lot in lots if lot.right == right and lot.expiry > expiry}):
                spare = min(lacking, _net(lots, later, right))
                if spare > 0:
                    lots = _moved(lots, later, right, expiry, spare)
                    lacking -= spare
    return lots


def _best_first(right: str) -> int:
    # The long call with the lowest strike, the long put with the highest, protects most.
    return 1 if right == "C" else -1


def _moved(lots: list[_Lot], later: date, right: str, expiry: date, count: int) -> list[_Lot]:
    sign = _best_first(right)
    longs = [lot for lot in lots if (lot.expiry, lot.right) == (later, right) and lot.quantity > 0]
    kept = [lot for lot in lots if lot not in longs]
    for lot in sorted(longs, key=lambda one: sign * one.strike):
        taken = min(count, lot.quantity)
        count -= taken
        kept += [replace(lot, quantity=lot.quantity - taken), replace(lot, quantity=taken, expiry=expiry)]
    return [lot for lot in kept if lot.quantity]


# -- rules 2 to 4 -----------------------------------------------------------------------------------
def _of_options(lots: list[_Lot], shares: int, spot: Decimal) -> Decimal:
    lots, uncovered = _split_uncovered(lots)
    covered, naked = _covered(uncovered, shares, spot)
    groups = sorted({lot.expiry for lot in lots})
    worst = (_worst_payoff([lot for lot in lots if lot.expiry == expiry]) for expiry in groups)
    return covered + _of_naked(naked, spot) + sum(worst, start=_ZERO)


def _split_uncovered(lots: list[_Lot]) -> tuple[list[_Lot], list[_Lot]]:
    """Takes out of each group what it sells beyond what it buys: the shorts farthest out of the money."""
    uncovered: list[_Lot] = []
    for expiry, right in sorted({(lot.expiry, lot.right) for lot in lots}):
        lacking = -_net(lots, expiry, right)
        sign = _best_first(right)
        shorts = [lot for lot in lots if (lot.expiry, lot.right) == (expiry, right) and lot.quantity < 0]
        for lot in sorted(shorts, key=lambda one: -sign * one.strike):
            taken = min(max(lacking, 0), -lot.quantity)
            lacking -= taken
            lots = [one for one in lots if one is not lot] + [replace(lot, quantity=lot.quantity + taken)]
            uncovered.append(replace(lot, quantity=-taken))
    return [lot for lot in lots if lot.quantity], [lot for lot in uncovered if lot.quantity]


def _covered(uncovered: list[_Lot], shares: int, spot: Decimal) -> tuple[Decimal, list[_Lot]]:
    """What covered shorts need, and the shorts that no shares cover."""
    need, naked = _ZERO, []
    free = {"C": max(shares, 0), "P": max(-shares, 0)}
    for lot in uncovered:
        count = min(-lot.quantity, free[lot.right] // lot.multiplier)
        free[lot.right] -= count * lot.multiplier
        need += _in_the_money(lot, spot) * count * lot.multiplier
        naked.append(replace(lot, quantity=lot.quantity + count))
    return need, [lot for lot in naked if lot.quantity]


def _in_the_money(lot: _Lot, spot: Decimal) -> Decimal:
    return max(spot - lot.strike if lot.right == "C" else lot.strike - spot, _ZERO)


def _of_naked(naked: list[_Lot], spot: Decimal) -> Decimal:
    need = {"C": _ZERO, "P": _ZERO}
    premium = {"C": _ZERO, "P": _ZERO}
    for lot in naked:
        size = -lot.quantity * lot.multiplier
        out_of_money = max(lot.strike - spot if lot.right == "C" else spot - lot.strike, _ZERO)
        base = spot if lot.right == "C" else lot.strike
        risk = max(_NAKED * spot - out_of_money, _NAKED_LEAST * base)
        premium[lot.right] += lot.mark * size
        need[lot.right] += (lot.mark + risk) * size
    return max(need["C"] + premium["P"], need["P"] + premium["C"])


def _worst_payoff(group: list[_Lot]) -> Decimal:
    """The most that a group can cost at expiry; calls are never net short here, so strikes and 0 suffice."""
    prices = {_ZERO, *(lot.strike for lot in group)}
    payoffs = (
        sum((_in_the_money(lot, price) * lot.quantity * lot.multiplier for lot in group), start=_ZERO)
        for price in prices
    )
    return max(-min(payoffs), _ZERO)
