"""Errors about contracts that are not listed, or listed several times: each names what there is instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from sumppump.domain.instruments import Future, OptionContract, Right, SecType, Underlying
from sumppump.domain.names import COINS, FUTURE_ROOTS
from sumppump.kernel.errors import AmbiguousContract, UnknownContract

NEAREST = 3
FIND = "Search by name with trade_find_contract."


def no_symbol(ticker: str, near: Sequence[str], symbols: Sequence[str]) -> UnknownContract:
    """No stock or index; `symbols` are all there are where that is known."""
    where = "here" if symbols else "in the US"
    return UnknownContract(
        f"no stock, ETF or index in USD is listed as {ticker}",
        expected=f"perhaps {', '.join(near)}" if near else f"a ticker listed {where}",
        found=ticker,
        next_steps=[f"Choose one of all there are here: {', '.join(symbols)}."]
        if symbols
        else ["Search by the company's name with trade_find_contract."],
    )


def several(ticker: str, found: Sequence[Underlying]) -> AmbiguousContract:
    """One ticker, several contracts."""
    names = ", ".join(
        f"{item.primary_exchange or item.exchange} ({item.long_name}, con_id {item.con_id})" for item in found
    )
    return AmbiguousContract(
        f"{ticker} names several contracts",
        expected="one contract",
        found=f"listed at {names}",
        next_steps=["Call again with the con_id of the one that is meant."],
    )


def unreadable(con_id: int, kind: str) -> UnknownContract:
    """A contract of a kind that is not quoted here, or without what it takes to trade it."""
    lacks = kind in (SecType.OPT, SecType.FUT)
    return UnknownContract(
        f"TWS describes contract {con_id} without multiplier or strike"
        if lacks
        else f"contract {con_id} is a {kind}",
        expected="a stock, ETF, index, option, future, currency pair or coin",
    )


def no_expiry(underlying: Underlying, expiry: date, listed: Iterable[date]) -> UnknownContract:
    """No options of that day."""
    near = sorted(sorted(listed, key=lambda day: abs(day - expiry))[:NEAREST])
    return UnknownContract(
        f"no {underlying.symbol} options expire on {expiry.isoformat()}",
        expected=f"nearest expiries: {', '.join(day.isoformat() for day in near) or 'none'}",
        found=expiry.isoformat(),
    )


def no_strike(
    underlying: Underlying, expiry: date, strike: Decimal, right: Right, listed: Sequence[OptionContract]
) -> UnknownContract:
    """The expiry has no such strike."""
    near = sorted(sorted({option.strike for option in listed}, key=lambda k: abs(k - strike))[:NEAREST])
    return UnknownContract(
        f"{underlying.symbol} {expiry.isoformat()} has no {right.word} with strike {strike}",
        expected=f"nearest strikes: {', '.join(format(k.normalize(), 'f') for k in near)}",
        found=str(strike),
    )


def no_future(name: str, exchange: str) -> UnknownContract:
    """No months of that root trade there."""
    near = get_close_matches(name, FUTURE_ROOTS, n=NEAREST) or ["ES", "MES", "VX"]
    return UnknownContract(
        f"no future {name} trades{f' on {exchange}' if exchange else ' here'}",
        expected=f"a root such as {', '.join(near)}",
        found=name,
        next_steps=[FIND],
    )


def several_futures(name: str, found: Sequence[Future]) -> AmbiguousContract:
    """One month, several contracts."""
    kinds = sorted({f"{one.trading_class} on {one.exchange} (x{one.multiplier})" for one in found})
    return AmbiguousContract(
        f"the future {name} is listed in several kinds",
        expected="one kind",
        found=", ".join(kinds),
        next_steps=["Call again with the class instead of the symbol, or with a con_id."],
    )


def no_pair(base: str, quote: str, *, has_reverse: bool) -> UnknownContract:
    """IDEALPRO has no such pair, perhaps its reverse."""
    return UnknownContract(
        f"{base}.{quote} is no pair on IDEALPRO",
        expected=f"{quote}.{base}, which is listed" if has_reverse else "a pair such as EUR.USD or USD.JPY",
        found=f"{base}.{quote}",
        next_steps=[f"Call again with {quote}.{base} and read the price upside down."]
        if has_reverse
        else ["Give it as the broker does: mostly EUR, GBP, AUD before USD, and USD before others."],
    )


def no_coin(code: str) -> UnknownContract:
    """PAXOS does not trade it."""
    return UnknownContract(
        f"no coin {code} trades in USD on PAXOS",
        expected=f"one of {', '.join(sorted(COINS))}",
        found=code,
        next_steps=["Call again with one of them; what an account may trade depends on its permissions."],
    )
