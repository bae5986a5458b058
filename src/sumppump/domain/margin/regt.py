"""What Regulation T and FINRA Rule 4210 ask an account to hold, by strategy; an estimate beside the broker's.

Requirements stand against equity with loan value: cash and shares, in which options count for nothing. What
was paid for an option has left the cash already, so a long one needs nothing more; `cash_to_open` adds what
is paid and takes off what is received, as published examples do. Brokers may ask for more (house margin), and
a portfolio margin account is figured in another way altogether.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.margin.lots import (
    Group,
    Lot,
    MarginLine,
    Prices,
    groups_of,
    in_the_money,
    out_of_the_money,
)
from sumppump.domain.margin.pairing import Block, Pairing, Spread, less, pairings
from sumppump.domain.missing import Missing

ZERO = Decimal(0)
LEAST_OF_NAKED = Decimal("0.10")
STOCK_INITIAL, LONG_STOCK_KEPT, SHORT_STOCK_KEPT = Decimal("0.50"), Decimal("0.25"), Decimal("0.30")
# What the rules allow and brokers need not: where a broker asks more, this is looked at first.
COVERED_AT_STRIKE = "shares under a call in the money count at its strike"
GUARDED = "shares that an option protects need 10 % of its strike and what it is out of the money"
TORN = "a spread stands as two options where its written one needs less alone"
OF_GUARD_STRIKE, OF_COLLAR_CALL = Decimal("0.10"), Decimal("0.25")
# Shorted shares: FINRA 4210(c)(2) and (3), currency per share.
LOW_PRICE, LEAST_OF_LOW, LEAST_OF_OTHERS = Decimal(5), Decimal("2.50"), Decimal(5)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Cash that must be there: to open, and to hold; each at least 0."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO

    def __add__(self, other: Requirement) -> Requirement:
        return Requirement(self.initial + other.initial, self.maintenance + other.maintenance)

    def __mul__(self, factor: int) -> Requirement:
        return Requirement(self.initial * factor, self.maintenance * factor)


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a requirement.

    Attributes:
        rule: why, in words.
        concession: what the rules allow here and a broker need not, "" for nothing.
    """

    legs: str
    rule: str
    need: Requirement
    concession: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one underlying needs, item by item; `concession` as of a part."""

    symbol: str
    parts: tuple[Part, ...]
    concession: str = ""

    @property
    def concessions(self) -> tuple[str, ...]:
        """What the rules allow here and a broker need not, each once."""
        said = (self.concession, *(part.concession for part in self.parts))
        return tuple(dict.fromkeys(each for each in said if each))

    @property
    def total(self) -> Requirement:
        """Sum of the items."""
        return sum((part.need for part in self.parts), start=Requirement())


@dataclass(frozen=True, slots=True)
class AccountNeeds:
    """What a whole account needs.

    Attributes:
        left_out: (position or underlying, why) of what the total does not hold.
    """

    underlyings: tuple[Needs, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def concessions(self) -> tuple[str, ...]:
        """What the rules allow some positions and a broker need not, each once."""
        return tuple(dict.fromkeys(each for needs in self.underlyings for each in needs.concessions))

    @property
    def total(self) -> Requirement:
        """Of every underlying that could be figured."""
        return sum((needs.total for needs in self.underlyings), start=Requirement())


@dataclass(frozen=True, slots=True)
class RegT:
    """Positions, paired once, to be margined at any prices."""

    groups: tuple[tuple[Group, tuple[Pairing, ...]], ...]
    outside: tuple[MarginLine, ...] = ()

    @classmethod
    def of(cls, lines: Iterable[MarginLine]) -> RegT:
        """The margin book of these positions."""
        groups, outside = groups_of(lines)
        return cls(tuple((group, pairings(group)) for group in groups), outside)

    def needs(self, prices: Prices) -> AccountNeeds:
        """What they need at these prices; what has no price is left out and named."""
        found = [_cheapest(group, ways, prices) for group, ways in self.groups]
        missing = [
            (group.symbol, each.reason)
            for (group, _), each in zip(self.groups, found, strict=True)
            if isinstance(each, Missing)
        ]
        others = [
            (line.instrument.label, "Regulation T does not apply to this kind of position")
            for line in self.outside
        ]
        return AccountNeeds(tuple(each for each in found if isinstance(each, Needs)), (*missing, *others))


def needs_of(lines: Iterable[MarginLine], prices: Prices) -> AccountNeeds:
    """What these positions need at these prices."""
    return RegT.of(lines).needs(prices)


def cash_to_open(lines: Iterable[MarginLine], prices: Prices) -> Decimal:
    """Cash that opening takes: the initial requirement, plus premiums paid, less premiums received.

    Raises:
        KeyError: an option has no mark.
    """
    lines = tuple(lines)
    return needs_of(lines, prices).total.initial + sum((_paid(line, prices) for line in lines), start=ZERO)


def _paid(line: MarginLine, prices: Prices) -> Decimal:
    if not isinstance(line.instrument, OptionContract):
        return ZERO
    return prices.marks[line.instrument.con_id] * line.quantity * line.instrument.multiplier


def _cheapest(group: Group, ways: Sequence[Pairing], prices: Prices) -> Needs | Missing:
    spot = prices.spots.get(group.symbol)
    if spot is None:
        return Missing("no_spot", f"{group.symbol} has no price")
    unpriced = [lot.contract.label for lot in group.shorts if lot.contract.con_id not in prices.marks]
    if unpriced:
        return Missing("no_mark", f"no price for {', '.join(unpriced[:3])}")
    ruler = _Ruler(group.part, spot, prices)
    options = (ruler.least(group.symbol, way) for way in ways)
    return min(options, key=lambda needs: (needs.total.maintenance, needs.total.initial))


@dataclass(frozen=True, slots=True)
class _Ruler:
    """The rules at one price of the underlying."""

    part: Decimal
    spot: Decimal
    prices: Prices

    def needs(self, symbol: str, way: Pairing) -> Needs:
        """Item by item: shares, spreads by expiry, what nothing covers."""
        parts = [self.shares(symbol, block) for block in way.blocks]
        parts += [_spreads(spreads) for spreads in _by_expiry(way.spreads)]
        return Needs(symbol, (*parts, *self.uncovered(way.uncovered)))

    def least(self, symbol: str, way: Pairing) -> Needs:
        """The pairing's needs, with those spreads torn apart that need less as two options.

        A spread needs the lesser of its largest loss and of what its short option needs alone (FINRA
        4210(f)(2)(H), Regulatory Notice 12-44).
        """
        best = self.needs(symbol, way)
        for spread in way.spreads:
            torn = way.without(spread)
            needs = self.needs(symbol, torn)
            if needs.total.initial < best.total.initial:
                best, way = needs, torn
                best = replace(best, concession=TORN)
        return best

    def mark(self, option: OptionContract) -> Decimal:
        """Price per share."""
        return self.prices.marks[option.con_id]

    def alone(self, option: OptionContract) -> Decimal:
        """What an uncovered option needs per share, FINRA 4210(f)(2)(E)(i).

        Its price and 20 % (broad index 15 %) of the underlying less what it is out of the money; at least
        its price and 10 % of the underlying (call) or of the strike (put).
        """
        base = self.spot if option.right is Right.CALL else option.strike
        risk = self.part * self.spot - out_of_the_money(option, self.spot)
        return self.mark(option) + max(risk, LEAST_OF_NAKED * base)

    def uncovered(self, lots: Sequence[Lot]) -> Iterable[Part]:
        """Straddles and strangles of what nothing covers, then what is left on one side."""
        sides = [self._dearest_first(lots, right) for right in Right]
        while all(sides):
            count = min(side[0].count for side in sides)
            yield self._pair(sides[0][0].contract, sides[1][0].contract, count)
            sides = [less(side, count) for side in sides]
        for lot in (lot for side in sides for lot in side):
            need = self.alone(lot.contract) * lot.count * lot.contract.multiplier
            yield Part(f"-{lot.count} {lot.contract.label}", self._rule("uncovered"), Requirement(need, need))

    def _dearest_first(self, lots: Sequence[Lot], right: Right) -> list[Lot]:
        mine = [lot for lot in lots if lot.contract.right is right]
        return sorted(mine, key=lambda lot: self.alone(lot.contract) - self.mark(lot.contract), reverse=True)

    def _pair(self, call: OptionContract, put: OptionContract, count: int) -> Part:
        """The side that needs more, and the other's price: FINRA 4210(f)(2)(G)."""
        more, less = (call, put) if self.alone(call) >= self.alone(put) else (put, call)
        need = (self.alone(more) + self.mark(less)) * count * call.multiplier
        rule = self._rule("uncovered on both sides: the greater, and the other's price")
        return Part(f"-{count} {call.label}, -{count} {put.label}", rule, Requirement(need, need))

    def _rule(self, words: str) -> str:
        return f"{words} ({self.part:.0%} of the underlying less out of the money, at least 10 %)"

    def shares(self, symbol: str, block: Block) -> Part:
        """Shares with the option that they cover and the one that protects them."""
        worth, beyond = self.spot, ZERO
        if block.written is not None:
            # Shares count for no more than the call brings, and short ones for no less than the put costs.
            beyond = in_the_money(block.written, self.spot)
            worth += -beyond if block.shares > 0 else beyond
        plain = worth * LONG_STOCK_KEPT if block.shares > 0 else short_stock_kept(worth)
        kept = min((plain, *self._guarded(block)))
        # To open, shares are bought at their price: the call in the money counts in holding them alone.
        initial = max(self.spot * STOCK_INITIAL, plain + beyond)
        need = Requirement(initial, kept + beyond) * abs(block.shares)
        allowed = (COVERED_AT_STRIKE if beyond else "", GUARDED if kept < plain else "")
        concession = " and ".join(each for each in allowed if each)
        return Part(_share_words(symbol, block), _share_rule(block), need, concession)

    def _guarded(self, block: Block) -> Iterable[Decimal]:
        """What protected shares need per share, where a rule makes it less."""
        guard, written = block.guard, block.written
        if guard is None:
            return
        if written is None or written.last_trade > guard.last_trade:
            yield OF_GUARD_STRIKE * guard.strike + out_of_the_money(guard, self.spot)
        elif guard.strike == written.strike:
            # Shorted shares are bought back at the strike, whatever they cost.
            owed = ZERO if block.shares > 0 else guard.strike - self.spot
            yield max(ZERO, OF_GUARD_STRIKE * guard.strike + owed)
        else:
            yield OF_GUARD_STRIKE * guard.strike + out_of_the_money(guard, self.spot)
            yield OF_COLLAR_CALL * written.strike


def short_stock_kept(worth: Decimal) -> Decimal:
    """Maintenance of a shorted share beyond its price."""
    if worth < LOW_PRICE:
        return max(worth, LEAST_OF_LOW)
    return max(worth * SHORT_STOCK_KEPT, LEAST_OF_OTHERS)


def _by_expiry(spreads: Sequence[Spread]) -> list[list[Spread]]:
    groups: dict[object, list[Spread]] = defaultdict(list)
    for spread in spreads:
        groups[spread.short.last_trade].append(spread)
    return list(groups.values())


def _spreads(spreads: Sequence[Spread]) -> Part:
    """Spreads of one expiry together: their largest loss at any of the strikes, or at 0.

    So an iron condor needs one side and a butterfly nothing. As many are held as written of either right, so
    beyond the strikes nothing changes.
    """
    prices = {ZERO, *(option.strike for spread in spreads for option in (spread.short, spread.long))}
    worst = min(sum((_worth(each, price) for each in spreads), start=ZERO) for price in prices)
    need = max(ZERO, -worst)
    legs = ", ".join(f"{each.count} x {each.short.label} on {each.long.label}" for each in spreads[:4])
    return Part(legs, "spreads of one expiry: their largest loss", Requirement(need, need))


def _worth(spread: Spread, price: Decimal) -> Decimal:
    size = spread.count * spread.short.multiplier
    return (in_the_money(spread.long, price) - in_the_money(spread.short, price)) * size


def _share_words(symbol: str, block: Block) -> str:
    written = f", short {block.written.label}" if block.written else ""
    guard = f", long {block.guard.label}" if block.guard else ""
    return f"{block.shares:+d} {symbol}{written}{guard}"


def _share_rule(block: Block) -> str:
    kept = "25 %" if block.shares > 0 else "30 %, at least 5.00 a share"
    covers = "; valued at the covered strike at most" if block.written else ""
    guard = "; or 10 % of the guard's strike and what it is out of the money" if block.guard else ""
    return f"shares: 50 % to open, {kept} to hold{covers}{guard}"
