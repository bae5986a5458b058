"""Positions as margin sees them: one group an underlying, because no rule reaches from one to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sumppump.domain.instruments import Instrument, OptionContract, Right, SecType, Underlying

# What FINRA 4210(f)(2)(E)(i) and Cboe Rule 10.3 ask of an uncovered option, as part of the underlying.
OF_EQUITY, OF_BROAD_INDEX = Decimal("0.20"), Decimal("0.15")
# Volatility indices are margined as shares are. So are funds on an index: figures that follow IBKR take 20 %
# of SPY (Lean's tests), though Cboe's manual lets a fund on a broad index be 15 % (page 30), which asks less.
BROAD_INDICES = frozenset(
    ("SPX", "XSP", "NDX", "XND", "RUT", "MRUT", "DJX", "OEX", "XEO", "RUI", "RLG", "RLV", "MXEA", "MXEF")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginLine:
    """One position.

    Attributes:
        quantity: contracts or shares, signed.
    """

    instrument: Instrument
    quantity: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Contracts of one option: `count` > 0 of them, held or written, as its place says."""

    contract: OptionContract
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Everything held on one underlying.

    Attributes:
        shares: signed. longs, shorts: options, one lot a contract.
        part: of the underlying's price that an uncovered option needs.
    """

    symbol: str
    shares: int = 0
    longs: tuple[Lot, ...] = ()
    shorts: tuple[Lot, ...] = ()
    part: Decimal = OF_EQUITY

    @property
    def multiplier(self) -> int:
        """Shares per contract; one for all options of a group."""
        lots = (*self.longs, *self.shorts)
        return lots[0].contract.multiplier if lots else 1


@dataclass(frozen=True, slots=True)
class Prices:
    """What margin is figured at.

    Attributes:
        spots: by symbol. marks: of written options by con_id. Both currency per share.
    """

    spots: Mapping[str, Decimal]
    marks: Mapping[int, Decimal] = field(default_factory=dict)


def groups_of(lines: Iterable[MarginLine]) -> tuple[tuple[Group, ...], tuple[MarginLine, ...]]:
    """Positions by underlying, and those to which Regulation T does not apply (futures, currencies, coins).

    Options of an unusual multiplier stand apart: shares and options of the usual one do not cover them.
    """
    held: dict[str, Counter[Instrument]] = defaultdict(Counter)
    outside = []
    for line in lines:
        if line.instrument.sec_type in (SecType.STK, SecType.OPT):
            held[line.instrument.symbol][line.instrument] += line.quantity
        elif line.quantity:
            outside.append(line)
    found = (group for symbol, each in held.items() for group in _groups(symbol, each))
    return tuple(found), tuple(outside)


def _groups(symbol: str, held: Mapping[Instrument, int]) -> Iterable[Group]:
    shares = sum(count for each, count in held.items() if isinstance(each, Underlying))
    options = {each: count for each, count in held.items() if isinstance(each, OptionContract) and count}
    sizes = Counter(each.multiplier for each in options).most_common()
    usual = sizes[0][0] if sizes else 1
    for size in [size for size, _ in sizes] or [usual]:
        lots = [(each, count) for each, count in options.items() if each.multiplier == size]
        yield Group(
            symbol=symbol,
            shares=shares if size == usual else 0,
            longs=tuple(Lot(each, count) for each, count in lots if count > 0),
            shorts=tuple(Lot(each, -count) for each, count in lots if count < 0),
            part=part_of(symbol),
        )


def part_of(symbol: str) -> Decimal:
    """Of the underlying's price, what an uncovered option on it needs."""
    return OF_BROAD_INDEX if symbol in BROAD_INDICES else OF_EQUITY


def in_the_money(option: OptionContract, spot: Decimal) -> Decimal:
    """What exercising brings per share, at least 0."""
    return max(Decimal(0), _beyond(option, spot))


def out_of_the_money(option: OptionContract, spot: Decimal) -> Decimal:
    """How far the underlying is from the strike per share, at least 0."""
    return max(Decimal(0), -_beyond(option, spot))


def _beyond(option: OptionContract, spot: Decimal) -> Decimal:
    return spot - option.strike if option.right is Right.CALL else option.strike - spot


def total(lots: Sequence[Lot]) -> int:
    """Contracts in all."""
    return sum(lot.count for lot in lots)
