"""Finding contracts: what a text can mean, what is listed, and how an ambiguous symbol is settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sumppump.data.arguments import refuse
from sumppump.data.expiries import ExpiryDay, described
from sumppump.data.future_text import read_future
from sumppump.data.meaning import SETTLED, Meaning, Meanings, kind_by_looks, written_con_id
from sumppump.data.option_text import read_option
from sumppump.data.quotes import session_of
from sumppump.data.series import is_adjusted
from sumppump.data.sessions import Session, SessionStatus, sessions
from sumppump.data.written_options import fitting
from sumppump.domain.instruments import Future, Instrument, OptionClass, OptionContract, SecType, Underlying
from sumppump.domain.names import COINS, FUTURE_ROOTS
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import AmbiguousContract, SumpPumpError, UnknownContract
from sumppump.ports.market import ContractDirectory

MOST_CANDIDATES = 10
MOST_SESSIONS = 3
_OPTIONABLE = frozenset({SecType.STK, SecType.IND})
_TICKER = re.compile(r"[A-Z][A-Z0-9.]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedClass:
    """One option class of an underlying, as it is shown.

    Attributes:
        multiplier: shares per contract.
        strikes: how many; lowest and highest per share, None where there are none.
        expiries: from today on, as TWS lists them.
        is_adjusted: whether its deliverable is not the standard one.
    """

    trading_class: str
    exchange: str
    multiplier: int
    strikes: int
    lowest: float | None
    highest: float | None
    expiries: tuple[ExpiryDay, ...]
    is_adjusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a query can mean, best first.

    Attributes:
        candidates: contracts of any kind that go by that ticker, name or text.
        exact: the one that the rest of the program would take, None when it would refuse.
        classes: option classes of `exact` when that is a stock, ETF or index.
        session: whether `exact` trades now, None when its hours are not known.
        hours: its next sessions, aware UTC.
        settled: how ambiguity is settled.
        reading: how the query was understood.
    """

    candidates: tuple[Instrument, ...]
    exact: Instrument | None
    classes: tuple[ListedClass, ...] = ()
    session: SessionStatus | None = None
    hours: tuple[Session, ...] = ()
    settled: str = SETTLED
    reading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractService:
    """Looks contracts up; quotes and sends nothing."""

    directory: ContractDirectory
    clock: Clock

    async def find(self, query: str) -> Found:
        """Everything that a ticker, a name, a con_id or a written contract can mean.

        Raises:
            InvalidRequest: the text is empty or too long.
            UnknownContract: nothing is listed under it; near names are given.
            GatewayUnavailable: no connection.
        """
        text = " ".join(query.split())
        if not 1 <= len(text) <= 60:
            refuse("query", "is empty or too long", expected="1 to 60 characters", found=query[:60])
        if written_con_id(text) is not None:
            return await self._described(await self._meanings().of(text))
        kind = kind_by_looks(text)
        if kind is SecType.OPT:
            return await self._option(text)
        if kind is SecType.FUT:
            return await self._future(text)
        if kind is not None:
            return await self._described(await self._meanings().of(text))
        return await self._bare(text)

    async def _option(self, text: str) -> Found:
        words = read_option(text, self.clock.now().astimezone(NEW_YORK).date())
        underlying, found = await fitting(self.directory, words)
        if len(found) > 1:
            return Found(candidates=found, exact=None, reading=words.words)
        return await self._described(
            Meaning(instrument=found[0], reading=words.words, beneath=underlying), found
        )

    async def _future(self, text: str) -> Found:
        root = read_future(text, self.clock.now().date()).root
        meant = await self._meanings().of(text, SecType.FUT)
        return await self._described(meant, await self.directory.futures(root))

    async def _bare(self, text: str) -> Found:
        symbol = text.upper()
        listed = (*await self.directory.search(text), *await self._elsewhere(symbol))
        is_named = any(each.symbol == symbol for each in listed) or symbol in FUTURE_ROOTS
        if listed and not is_named:
            return Found(candidates=listed[:MOST_CANDIDATES], exact=None, reading=f"the name {text!r}")
        if _TICKER.fullmatch(symbol) is None:
            raise _nothing(text)
        try:
            meant = await self._meanings().of(symbol)  # its error names tickers like this one
        except AmbiguousContract:
            return Found(candidates=listed[:MOST_CANDIDATES], exact=None, reading=f"the ticker {symbol}")
        return await self._described(meant, listed)

    async def _elsewhere(self, symbol: str) -> tuple[Instrument, ...]:
        """The futures and the coin of this name; nothing is no error here."""
        found: list[Instrument] = []
        try:
            found += await self.directory.futures(symbol) if symbol in FUTURE_ROOTS else ()
            found += [await self.directory.coin(symbol)] if symbol in COINS else []
        except UnknownContract:
            return tuple(found)
        return tuple(found)

    async def _described(self, meant: Meaning, others: Sequence[Instrument] = ()) -> Found:
        item, now = meant.instrument, self.clock.now()
        rest = [each for each in others if each.con_id != item.con_id]
        return Found(
            candidates=(item, *rest)[:MOST_CANDIDATES],
            exact=item,
            classes=await self._classes(item),
            session=session_of(meant, now),
            hours=_next_sessions(meant.beneath or item, now),
            reading=meant.reading,
        )

    async def _classes(self, item: Instrument) -> tuple[ListedClass, ...]:
        """Option classes; () for what has none."""
        if not isinstance(item, Underlying) or item.sec_type not in _OPTIONABLE:
            return ()
        try:
            return tuple(_shown(each, self.clock) for each in await self.directory.option_classes(item))
        except UnknownContract:
            return ()

    def _meanings(self) -> Meanings:
        return Meanings(directory=self.directory, clock=self.clock)


def _nothing(text: str) -> SumpPumpError:
    return UnknownContract(
        f"nothing is listed under {text!r}",
        expected="query: a ticker, a company's name or a written contract",
        found=repr(text),
        next_steps=["Check the spelling, or search by a part of the name."],
    )


def _next_sessions(item: Instrument, now: datetime) -> tuple[Session, ...]:
    if isinstance(item, OptionContract):
        return ()
    listed = sessions(item.trading_hours, item.time_zone)
    return tuple(each for each in listed if each.closes > now)[:MOST_SESSIONS]


def _shown(each: OptionClass, clock: Clock) -> ListedClass:
    return ListedClass(
        trading_class=each.trading_class,
        exchange=each.exchange,
        multiplier=each.multiplier,
        strikes=len(each.strikes),
        lowest=float(min(each.strikes)) if each.strikes else None,
        highest=float(max(each.strikes)) if each.strikes else None,
        expiries=described(each.expiries, clock.now().astimezone(NEW_YORK).date()),
        is_adjusted=is_adjusted(each),
    )


_KIND_WORDS: dict[SecType, str] = {
    SecType.STK: "stock or ETF",
    SecType.IND: "index",
    SecType.CASH: "currency pair",
    SecType.CRYPTO: "coin",
}


def kind_words(instrument: Instrument) -> str:
    """What a contract is, in a few words."""
    if isinstance(instrument, OptionContract):
        return f"{instrument.right.word}, {instrument.multiplier} shares, class {instrument.trading_class}"
    if isinstance(instrument, Future):
        return f"future {instrument.local_symbol}, {instrument.multiplier} {instrument.currency} a point"
    return _KIND_WORDS.get(instrument.sec_type, str(instrument.sec_type))
