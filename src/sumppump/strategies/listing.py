"""What is listed: picking expiries and contracts exactly, or saying what stands next to the one asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sumppump.domain.instruments import OptionClass, OptionContract, Right, SecType, Underlying
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, UnknownContract
from sumppump.ports.market import ContractDirectory
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.words import day

DEFAULT_DTE = 30


@dataclass(frozen=True, slots=True)
class Chain:
    """All contracts of one expiry and one class that still trade.

    Attributes:
        by_key: contract by (strike, right).
    """

    underlying: Underlying
    expiry: date
    by_key: dict[tuple[Decimal, Right], OptionContract]

    @classmethod
    def of(cls, underlying: Underlying, expiry: date, contracts: Iterable[OptionContract]) -> Chain:
        """A chain from the contracts of one class."""
        return cls(underlying, expiry, {(c.strike, c.right): c for c in contracts})

    def strikes(self, right: Right) -> tuple[Decimal, ...]:
        """Listed strikes of one right, rising."""
        return tuple(sorted(strike for strike, listed in self.by_key if listed is right))

    @property
    def any_contract(self) -> OptionContract:
        """Some contract, for what all of them share."""
        return next(iter(self.by_key.values()))

    def contract(self, strike: Decimal, right: Right) -> OptionContract:
        """The contract of this strike.

        Raises:
            UnknownContract: not listed; the nearest strikes are named.
        """
        if (strike, right) in self.by_key:
            return self.by_key[strike, right]
        near = nearest(self.strikes(right), strike)
        names = " and ".join(f"{price.normalize():f}" for price in near) or "none"
        raise UnknownContract(
            f"{self.underlying.symbol} {self.expiry.isoformat()} has no {right.word} with strike {strike:f}",
            code="strike_not_listed",
            expected=f"strikes: listed prices; the nearest are {names}",
            found=f"{strike:f}",
            next_steps=[f"Use {' or '.join(f'{price.normalize():f}' for price in near)}."]
            if near
            else ["Choose another expiry."],
        )


def nearest(listed: Sequence[Decimal], wanted: Decimal) -> tuple[Decimal, ...]:
    """The neighbours of a price: at most two below and two above, rising."""
    below = [price for price in listed if price < wanted][-2:]
    above = [price for price in listed if price > wanted][:2]
    return (*below, *above)


def usable_classes(
    classes: Sequence[OptionClass], underlying: Underlying, trading_class: str
) -> tuple[OptionClass, ...]:
    """The classes to choose from: the named one, or the standard ones.

    After a split or merger a stock has a second class, whose contracts deliver something else than its
    shares: nothing that is reckoned here would hold for it. An index may have several on purpose (SPX, SPXW).

    Raises:
        UnknownContract: there are no options, or none of that class.
        InvalidRequest: the named class is an adjusted one.
    """
    standard = [each for each in classes if each.trading_class == underlying.symbol.replace(" ", "")]
    if underlying.sec_type is SecType.IND or not standard:
        standard = list(classes)
    chosen = [each for each in classes if trading_class in ("", each.trading_class)]
    if chosen and not any(each in standard for each in chosen):
        raise _adjusted(underlying, trading_class, standard[0].trading_class)
    chosen = [each for each in chosen if each in standard]
    if chosen:
        return tuple(chosen)
    names = sorted({each.trading_class for each in classes})
    raise UnknownContract(
        f"{underlying.symbol} has no listed options"
        + (f" of class {trading_class}" if trading_class else ""),
        code="no_options",
        expected=f"trading_class: one of {', '.join(names)}" if names else "an underlying with options",
        found=trading_class or underlying.symbol,
    )


def _adjusted(underlying: Underlying, named: str, standard: str) -> InvalidRequest:
    return InvalidRequest(
        f"class {named} of {underlying.symbol} is adjusted: it delivers something else than its shares",
        code="adjusted_class",
        expected=f"trading_class: {standard}, or none",
        found=named,
        next_steps=["Leave trading_class out; look at single adjusted contracts with the options chain."],
    )


def listed_expiries(classes: Sequence[OptionClass], today: date) -> tuple[date, ...]:
    """Expiries from today on, rising."""
    return tuple(sorted({when for each in classes for when in each.expiries if when >= today}))


def choose_expiry(request: StrategyRequest, listed: Sequence[date], today: date, notes: list[str]) -> date:
    """The named expiry if it is listed, else the listed one nearest to the wanted days.

    Raises:
        InvalidRequest: it is past.
        UnknownContract: it is not listed; its neighbours are named.
    """
    if request.expiry is not None:
        return _listed(request.expiry, "expiry", listed, today)
    _need_some(listed, request.symbol)
    wanted = DEFAULT_DTE if request.dte is None else request.dte
    chosen = min(listed, key=lambda when: (abs((when - today).days - wanted), when))
    days = (chosen - today).days
    asked = f"dte {wanted}" if request.dte is not None else f"No expiry was given; about {wanted} days"
    notes.append(f"{asked}: the nearest listed expiry is {day(chosen)}, {days} days away.")
    return chosen


def choose_far(
    request: StrategyRequest, near: date, listed: Sequence[date], today: date, notes: list[str]
) -> date:
    """The later expiry: the named one, or the one nearest to the days that the row aims at (a month).

    Raises:
        InvalidRequest: it is past or not later.
        UnknownContract: it is not listed, or nothing later is.
    """
    later = [when for when in listed if when > near]
    if request.far_expiry is not None:
        if request.far_expiry <= near:
            raise InvalidRequest(
                "far_expiry must be after the nearer expiry",
                code="invalid_far_expiry",
                expected=f"far_expiry: a listed date after {near.isoformat()}",
                found=request.far_expiry.isoformat(),
            )
        return _listed(request.far_expiry, "far_expiry", listed, today)
    _need_some(later, request.symbol)
    chosen = min(later, key=lambda when: abs((when - near).days - request.shape.aim.far_days))
    notes.append(f"The later expiry is {day(chosen)}, {(chosen - near).days} days after the first.")
    return chosen


def _listed(wanted: date, field: str, listed: Sequence[date], today: date) -> date:
    if wanted < today:
        raise InvalidRequest(
            f"{field} {wanted.isoformat()} is past",
            code="expiry_past",
            expected=f"{field}: {today.isoformat()} or later",
            found=wanted.isoformat(),
            next_steps=["Name a listed expiry that is still to come."],
        )
    if wanted in listed:
        return wanted
    near = [*[when for when in listed if when < wanted][-2:], *[when for when in listed if when > wanted][:2]]
    names = ", ".join(day(when) for when in near)
    raise UnknownContract(
        f"{field} {day(wanted)} is not listed",
        code="expiry_not_listed",
        expected=f"{field}: a listed date; the nearest are {names}",
        found=wanted.isoformat(),
        next_steps=[f"Use one of {names}."],
    )


def _need_some(listed: Sequence[date], symbol: str) -> None:
    if not listed:
        raise UnknownContract(f"no expiry of {symbol} options is listed", code="no_options", found=symbol)


async def chain_of(
    directory: ContractDirectory,
    underlying: Underlying,
    expiry: date,
    *,
    trading_class: str,
    named: bool,
    now: datetime,
) -> Chain | None:
    """The contracts of one expiry that still trade, one request; None when all have stopped trading.

    Args:
        directory: where contracts are looked up.
        underlying: what they are written on.
        expiry: a listed date.
        trading_class: "" takes the only usable one.
        named: the caller named the date; then two classes on it are an error, and a date that has
            stopped trading too. Otherwise the class that trades longest is taken.
        now: exchange time.

    Raises:
        AmbiguousContract: two classes expire on that date; they are named.
        InvalidRequest: the named expiry has stopped trading.
        UnknownContract: TWS lists nothing there.
    """
    listed = await directory.options(underlying, expiry, trading_class=trading_class)
    contracts = [each for each in listed if each.last_trade > now]
    if not contracts:
        if named and listed:
            raise InvalidRequest(
                f"options expiring {expiry.isoformat()} stopped trading",
                code="expiry_past",
                expected="expiry: a date whose options still trade",
                found=f"last trade {max(each.last_trade for each in listed).isoformat()}",
            )
        return None
    name = _one_class(contracts, underlying, named=named)
    return Chain.of(underlying, expiry, (each for each in contracts if each.trading_class == name))


def _one_class(contracts: Sequence[OptionContract], underlying: Underlying, *, named: bool) -> str:
    names = sorted({each.trading_class for each in contracts})
    if len(names) == 1:
        return names[0]
    if underlying.sec_type is not SecType.IND and underlying.symbol in names:
        return underlying.symbol
    if named:
        raise AmbiguousContract(
            f"{underlying.symbol} has several classes on that date",
            expected=f"trading_class: one of {', '.join(names)}",
            found=", ".join(names),
            next_steps=[
                "Name the class: its settlement time may differ (SPX in the morning, SPXW at the close)."
            ],
        )
    return max(contracts, key=lambda each: each.last_trade).trading_class
