"""The listed options that a written one can mean; what is not listed names its neighbours.

TWS lists what settles on the opening prints under its last trading day, a day or two before it expires, so
both days are looked at for an index. A class with an adjusted deliverable is meant only where it is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sumppump.data.arguments import refuse_unlisted_expiry
from sumppump.data.expiries import MOST_DAYS_TO_OPEN
from sumppump.data.option_text import OptionWords
from sumppump.data.series import is_adjusted
from sumppump.domain.instruments import OptionClass, OptionContract, SecType, Underlying
from sumppump.kernel.errors import AmbiguousContract, UnknownContract
from sumppump.ports.market import ContractDirectory

NEAREST = 4


async def fitting(
    directory: ContractDirectory, words: OptionWords
) -> tuple[Underlying, tuple[OptionContract, ...]]:
    """The underlying, and at least one listed option that the words can mean, by class.

    Raises:
        UnknownContract: symbol, class, expiry or strike are not listed; what is near is named.
        GatewayUnavailable: no connection.
    """
    underlying = await directory.underlying(words.symbol)
    classes = _meant(words, await directory.option_classes(underlying))
    names = {each.trading_class for each in classes}
    there: dict[int, OptionContract] = {}
    for day in _listed_days(words.expiry, underlying, classes):
        of_day = await directory.options(underlying, day, right=words.right)
        there |= {each.con_id: each for each in of_day if each.trading_class in names}
    same_day = [each for each in there.values() if each.expiry == words.expiry]
    if not same_day:
        ahead = {each.expiry for each in there.values()} | {day for each in classes for day in each.expiries}
        refuse_unlisted_expiry(words.symbol, words.expiry, ahead - {words.expiry})
    found = [each for each in same_day if each.strike == words.strike]
    if not found:
        raise _no_strike(words, same_day)
    return underlying, tuple(sorted(found, key=lambda each: each.trading_class))


def the_one(words: OptionWords, found: Sequence[OptionContract]) -> OptionContract:
    """The only one of those that fit.

    Raises:
        AmbiguousContract: an index has two classes there, which settle at different times.
    """
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.trading_class for each in found)
    raise AmbiguousContract(
        f"{words.words} is listed in the classes {names}, which settle differently",
        expected="one class",
        found=names,
        next_steps=[f"Write its class: {' or '.join(occ_symbol(each) for each in found)}."],
    )


def occ_symbol(option: OptionContract) -> str:
    """OCC's 21 characters, which name the class: `SPXW  261218C06000000`."""
    thousandths = int(option.strike * 1000)
    return f"{option.trading_class:<6}{option.expiry:%y%m%d}{option.right}{thousandths:08}"


def _meant(words: OptionWords, classes: Sequence[OptionClass]) -> list[OptionClass]:
    named = [each for each in classes if each.trading_class == words.trading_class]
    # The root of OCC's symbol may differ from the name of the class at the broker: BRKB, BRK B.
    if named or (words.trading_class and words.trading_class != words.symbol):
        return named or _no_class(words, classes)
    return [each for each in classes if not is_adjusted(each)] or list(classes)


def _no_class(words: OptionWords, classes: Sequence[OptionClass]) -> list[OptionClass]:
    names = ", ".join(dict.fromkeys(each.trading_class for each in classes))
    raise UnknownContract(
        f"{words.symbol} has no option class {words.trading_class}",
        code="class_not_listed",
        expected=f"one of {names}",
        found=words.trading_class,
        next_steps=["Write another class, or leave it out."],
    )


def _listed_days(expiry: date, underlying: Underlying, classes: Sequence[OptionClass]) -> list[date]:
    listed = {day for each in classes for day in each.expiries}
    most = MOST_DAYS_TO_OPEN if underlying.sec_type is SecType.IND else 0
    days = sorted(day for day in listed if 0 <= (expiry - day).days <= most)
    if not days:
        refuse_unlisted_expiry(underlying.symbol, expiry, listed)
    return days


def _no_strike(words: OptionWords, same_day: Sequence[OptionContract]) -> UnknownContract:
    strikes = {each.strike for each in same_day}
    near = sorted(sorted(strikes, key=lambda strike: abs(strike - words.strike))[:NEAREST])
    names = ", ".join(format(strike.normalize(), "f") for strike in near)
    return UnknownContract(
        f"{words.words} is not listed",
        code="strike_not_listed",
        expected=f"strike: one of the nearest {names}",
        found=format(words.strike.normalize(), "f"),
        next_steps=[f"Choose one of {names}."],
    )
