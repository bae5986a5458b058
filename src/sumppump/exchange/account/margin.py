"""The exchange's own margin: Regulation T by strategy, applied to the whole account.

Equity with loan value is cash plus stocks; options count for nothing in it. So a long option needs no
margin (its premium left the cash), and a short one needs what it may cost. Per underlying:

1. Options are grouped by expiry. Where a group sells more than it buys of one right, it borrows long
   options of that right from later expiries that can spare them.
2. Short calls that are still uncovered are covered by long shares (100 each), short puts by short shares;
   what they are in the money is required, since the shares count at full value.
3. What is uncovered even then is naked: premium plus the larger of a part of the underlying less what it is
   out of the money, and 10 % of the underlying (calls) or of the strike (puts). The part is 20 %, and
   15 % for options on a broad index (FINRA 4210(f)(2)(E); Cboe Rule 10.3). Of naked calls and puts
   on one underlying only the dearer side is required, plus the premium of the other.
4. The rest of each group can lose no more than its worst payoff at expiry: that is required. It
   is the width for a vertical or an iron condor and nothing for a long butterfly. IBKR margins an iron condor
   with unequal wings as two spreads (its knowledge base); here the wider wing suffices, as FINRA allows.
5. Stocks: 25 % of value if long, 30 % but at least 5.00 a share if short, and for shares under 5.00 all of
   the value but at least 2.50 a share (FINRA 4210(c)): to open within the day and to maintain, as IBKR's
   table for US stocks says. Regulation T's 50 % is what the end of the day asks for (`regulated`); options
   and the rest are regulated as they are margined.
6. Futures: a table per contract, less by day than overnight. Currency pairs: a part of their notional.
   Coins are paid in full and lend nothing.

The underlyings do not help each other, nor do options and futures on one index (our decision).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sumppump.exchange.account.valuation import is_coin, is_future, is_pair
from sumppump.exchange.listing.instruments import Listing

_ZERO = Decimal(0)
_REGULATED_STOCK = Decimal("0.50")
_LONG_STOCK_KEPT, _SHORT_STOCK_KEPT = Decimal("0.25"), Decimal("0.30")
_LOW_PRICE, _LEAST_PER_LOW_SHARE, _LEAST_PER_SHARE = Decimal(5), Decimal("2.50"), Decimal(5)
_NAKED, _NAKED_BROAD_INDEX, _NAKED_LEAST = Decimal("0.20"), Decimal("0.15"), Decimal("0.10")
_NARROW_INDICES = frozenset({"VIX"})  # Cboe: volatility indices are margined as shares are
_PAIR_PART, _PAIR_PARTS = Decimal("0.025"), {"JPY": Decimal("0.03")}  # IBKR: 2 to 3 %; which is unverified


@dataclass(frozen=True, slots=True)
class FuturesMargin:
    """Base currency per contract, to hold overnight; by day a part of it is enough."""

    initial: Decimal
    maintenance: Decimal


# The size of IBKR's table in 2026; the figures themselves are ours (unverified).
FUTURES = {
    "ES": FuturesMargin(Decimal(25_000), Decimal(22_700)),
    "MES": FuturesMargin(Decimal(2_500), Decimal(2_270)),
    "VX": FuturesMargin(Decimal(9_500), Decimal(8_600)),
}
_FUTURES_BY_DAY = Decimal("0.5")
_FUTURES_OTHERS = Decimal("0.12")  # of the notional, for what the table does not know


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as margin sees it; prices in the base currency.

    Attributes:
        quantity: contracts or shares, signed.
        mark: price per share, >= 0.
        under_price: price of the underlying per share.
    """

    listing: Listing
    quantity: Decimal
    mark: Decimal
    under_price: Decimal


@dataclass(frozen=True, slots=True)
class Requirement:
    """Margin of an account or of a part of it, in its currency.

    Attributes:
        initial, maintenance: to open within the day, and to hold.
        regulated: what Regulation T demands at the end of the day; futures are not under it.
        futures_initial, futures_maintenance: how much of the former two futures need.
    """

    initial: Decimal
    maintenance: Decimal
    regulated: Decimal
    futures_initial: Decimal = _ZERO
    futures_maintenance: Decimal = _ZERO

    def __add__(self, other: Requirement) -> Requirement:
        return Requirement(
            self.initial + other.initial,
            self.maintenance + other.maintenance,
            self.regulated + other.regulated,
            self.futures_initial + other.futures_initial,
            self.futures_maintenance + other.futures_maintenance,
        )


NOTHING = Requirement(_ZERO, _ZERO, _ZERO)


@dataclass(frozen=True, slots=True)
class Lot:
    """Options of one kind within the pairing."""

    expiry: date
    right: str
    strike: Decimal
    quantity: Decimal
    mark: Decimal
    multiplier: int


def requirement(holdings: Iterable[Holding], *, is_night: bool = False) -> Requirement:
    """What the whole account needs, by day or overnight."""
    by_symbol: dict[str, list[Holding]] = defaultdict(list)
    total = NOTHING
    for holding in holdings:
        if is_future(holding.listing):
            total += _of_future(holding, is_night=is_night)
        elif is_pair(holding.listing):
            total += _of_pair(holding)
        elif is_coin(holding.listing):
            total += _in_full(holding)
        else:
            by_symbol[holding.listing.symbol].append(holding)
    return sum((_of_underlying(by_symbol[symbol]) for symbol in sorted(by_symbol)), start=total)


def _of_future(holding: Holding, *, is_night: bool) -> Requirement:
    contracts, listing = abs(holding.quantity), holding.listing
    known = FUTURES.get(listing.trading_class)
    if known is None:
        part = _FUTURES_OTHERS * holding.mark * listing.multiplier
        known = FuturesMargin(part, part)
    share = contracts if is_night else contracts * _FUTURES_BY_DAY
    initial, kept = known.initial * share, known.maintenance * share
    return Requirement(initial, kept, _ZERO, initial, kept)


def _of_pair(holding: Holding) -> Requirement:
    listing = holding.listing
    currencies = (listing.symbol, listing.currency)
    part = max(_PAIR_PARTS.get(one, _PAIR_PART) for one in currencies)
    need = abs(holding.quantity) * holding.mark * listing.multiplier * part
    return Requirement(need, need, need)


def _in_full(holding: Holding) -> Requirement:
    need = abs(holding.quantity) * holding.mark * holding.listing.multiplier
    return Requirement(need, need, need)


def _of_underlying(holdings: Sequence[Holding]) -> Requirement:
    spot = holdings[0].under_price
    shares = sum((one.quantity for one in holdings if not one.listing.is_option), start=_ZERO)
    lots = [lot_of(one) for one in holdings if one.listing.is_option and one.quantity]
    options = _of_options(borrowed(lots), shares, spot, naked_part(holdings[0].listing))
    return _of_shares(shares, spot) + Requirement(options, options, options)


def naked_part(listing: Listing) -> Decimal:
    """The part of the underlying that a naked option on it needs."""
    is_broad = listing.under_sec_type == "IND" and listing.symbol not in _NARROW_INDICES
    return _NAKED_BROAD_INDEX if is_broad else _NAKED


def lot_of(holding: Holding) -> Lot:
    """The options of a holding."""
    option = holding.listing
    if option.expiry is None or option.strike is None:
        raise ValueError(f"an option without expiry or strike: {option!r}")
    return Lot(option.expiry, option.right, option.strike, holding.quantity, holding.mark, option.multiplier)


def _of_shares(shares: Decimal, spot: Decimal) -> Requirement:
    value = abs(shares) * spot
    kept = value * _LONG_STOCK_KEPT if shares > 0 else _short_kept(abs(shares), spot)
    return Requirement(kept, kept, max(value * _REGULATED_STOCK, kept))


def _short_kept(shares: Decimal, spot: Decimal) -> Decimal:
    if spot < _LOW_PRICE:
        return shares * max(spot, _LEAST_PER_LOW_SHARE)
    return shares * max(spot * _SHORT_STOCK_KEPT, _LEAST_PER_SHARE)


# -- rule 1 -----------------------------------------------------------------------------------------
def _net(lots: Iterable[Lot], expiry: date, right: str) -> Decimal:
    counts = (lot.quantity for lot in lots if lot.expiry == expiry and lot.right == right)
    return sum(counts, start=_ZERO)


def borrowed(lots: list[Lot]) -> list[Lot]:
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


def _moved(lots: list[Lot], later: date, right: str, expiry: date, count: Decimal) -> list[Lot]:
    sign = _best_first(right)
    longs = [lot for lot in lots if (lot.expiry, lot.right) == (later, right) and lot.quantity > 0]
    kept = [lot for lot in lots if lot not in longs]
    for lot in sorted(longs, key=lambda one: sign * one.strike):
        taken = min(count, lot.quantity)
        count -= taken
        kept += [replace(lot, quantity=lot.quantity - taken), replace(lot, quantity=taken, expiry=expiry)]
    return [lot for lot in kept if lot.quantity]


# -- rules 2 to 4 -----------------------------------------------------------------------------------
def _of_options(lots: list[Lot], shares: Decimal, spot: Decimal, part: Decimal) -> Decimal:
    lots, uncovered = split_uncovered(lots)
    need, naked = covered(uncovered, shares, spot)
    groups = sorted({lot.expiry for lot in lots})
    worst = (worst_payoff([lot for lot in lots if lot.expiry == expiry]) for expiry in groups)
    return need + _of_naked(naked, spot, part) + sum(worst, start=_ZERO)


def split_uncovered(lots: list[Lot]) -> tuple[list[Lot], list[Lot]]:
    """Takes out of each group what it sells beyond what it buys: the shorts farthest out of the money."""
    uncovered: list[Lot] = []
    for expiry, right in sorted({(lot.expiry, lot.right) for lot in lots}):
        lacking = -_net(lots, expiry, right)
        sign = _best_first(right)
        shorts = [lot for lot in lots if (lot.expiry, lot.right) == (expiry, right) and lot.quantity < 0]
        for lot in sorted(shorts, key=lambda one: -sign * one.strike):
            taken = min(max(lacking, _ZERO), -lot.quantity)
            lacking -= taken
            lots = [one for one in lots if one is not lot] + [replace(lot, quantity=lot.quantity + taken)]
            uncovered.append(replace(lot, quantity=-taken))
    return [lot for lot in lots if lot.quantity], [lot for lot in uncovered if lot.quantity]


def covered(uncovered: list[Lot], shares: Decimal, spot: Decimal) -> tuple[Decimal, list[Lot]]:
    """What covered shorts need, and the shorts that no shares cover."""
    need, naked = _ZERO, []
    free = {"C": max(shares, _ZERO), "P": max(-shares, _ZERO)}
    for lot in uncovered:
        count = min(-lot.quantity, free[lot.right] // lot.multiplier)
        free[lot.right] -= count * lot.multiplier
        need += _in_the_money(lot, spot) * count * lot.multiplier
        naked.append(replace(lot, quantity=lot.quantity + count))
    return need, [lot for lot in naked if lot.quantity]


def _in_the_money(lot: Lot, spot: Decimal) -> Decimal:
    return max(spot - lot.strike if lot.right == "C" else lot.strike - spot, _ZERO)


def _of_naked(naked: list[Lot], spot: Decimal, part: Decimal) -> Decimal:
    need = {"C": _ZERO, "P": _ZERO}
    premium = {"C": _ZERO, "P": _ZERO}
    for lot in naked:
        size = -lot.quantity * lot.multiplier
        out_of_money = max(lot.strike - spot if lot.right == "C" else spot - lot.strike, _ZERO)
        base = spot if lot.right == "C" else lot.strike
        risk = max(part * spot - out_of_money, _NAKED_LEAST * base)
        premium[lot.right] += lot.mark * size
        need[lot.right] += (lot.mark + risk) * size
    return max(need["C"] + premium["P"], need["P"] + premium["C"])


def worst_payoff(group: list[Lot]) -> Decimal:
    """The most that a group can cost at expiry; calls are never net short here, so strikes and 0 suffice."""
    prices = {_ZERO, *(lot.strike for lot in group)}
    payoffs = (
        sum((_in_the_money(lot, price) * lot.quantity * lot.multiplier for lot in group), start=_ZERO)
        for price in prices
    )
    return max(-min(payoffs), _ZERO)
