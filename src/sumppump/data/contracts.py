"""Finding contracts: what a text can mean, what is listed, and how an ambiguous symbol is settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.data.arguments import refuse, refuse_unlisted_expiry, ticker
from sumppump.data.expiries import ExpiryDay, described, listed_expiries
from sumppump.data.option_text import looks_like_option, read_option
from sumppump.data.sessions import SessionStatus, underlying_status
from sumppump.domain.instruments import Instrument, OptionClass, OptionContract, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import UnknownContract
from sumppump.ports.market import ContractDirectory

MOST_CANDIDATES = 10
_TICKER = re.compile(r"[A-Z][A-Z0-9.]{0,5}")
SETTLED = (
    "An exact ticker in USD on SMART is taken; every other candidate is reached by its own ticker or con_id. "
    "Orders are built from con_ids only."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedClass:
    """One option class of an underlying, as it is shown.

    Attributes:
        multiplier: shares per contract.
        strikes: how many; lowest and highest per share, None where there are none.
        expiries: from today on.
    """

    trading_class: str
    exchange: str
    multiplier: int
    strikes: int
    lowest: float | None
    highest: float | None
    expiries: tuple[ExpiryDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a query can mean, best first.

    Attributes:
        candidates: shares, ETFs and indexes of that ticker or name; or the one option it names.
        exact: the candidate that the rest of the program would take, None when it would refuse.
        classes: option classes of `exact` when that is an underlying.
        session: whether its options trade now, None when the hours are not known.
        settled: one sentence on how ambiguity is settled.
        reading: how the query was understood.
    """

    candidates: tuple[Instrument, ...]
    exact: Instrument | None
    classes: tuple[ListedClass, ...] = ()
    session: SessionStatus | None = None
    settled: str = SETTLED
    reading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractService:
    """Looks contracts up; quotes and sends nothing."""

    directory: ContractDirectory
    clock: Clock

    async def find(self, query: str) -> Found:
        """Everything that a ticker, a name, a con_id or a written option can mean.

        Raises:
            InvalidRequest: the text is empty or too long.
            UnknownContract: nothing is listed under it; near names are given.
            GatewayUnavailable: no connection.
        """
        text = " ".join(query.split())
        if not 1 <= len(text) <= 60:
            refuse("query", "is empty or too long", expected="1 to 60 characters", found=query[:60])
        if text.isdecimal():
            return await self._by_con_id(int(text))
        if looks_like_option(text):
            return await self._option(text)
        return await self._underlying(text)

    async def _by_con_id(self, con_id: int) -> Found:
        instrument = await self.directory.instrument(con_id)
        if isinstance(instrument, Underlying):
            return await self._described(instrument, (instrument,), f"con_id {con_id}")
        return Found(candidates=(instrument,), exact=instrument, reading=f"con_id {con_id}")

    async def _option(self, text: str) -> Found:
        words = read_option(text, self.clock.now().astimezone(NEW_YORK).date())
        underlying = await self.directory.underlying(words.symbol)
        listed = listed_expiries(await self.directory.option_classes(underlying))
        if words.expiry not in listed:
            refuse_unlisted_expiry(words.symbol, words.expiry, listed)
        same_day = await self.directory.options(underlying, words.expiry, right=words.right)
        found = tuple(each for each in same_day if each.strike == words.strike)
        if not found:  # the directory's own error names the neighbouring strikes
            found = (await self.directory.option(underlying, words.expiry, words.strike, words.right),)
        return Found(candidates=found, exact=found[0] if len(found) == 1 else None, reading=words.words)

    async def _underlying(self, text: str) -> Found:
        listed = tuple(await self.directory.search(text))[:MOST_CANDIDATES]
        if not listed:
            return await self._by_ticker(text)
        exact = [each for each in listed if each.symbol == text.upper() and each.currency == "USD"]
        if not exact:
            return Found(candidates=listed, exact=None, reading=f"the name or ticker {text!r}")
        # The full contract: what a search returns lacks the trading hours.
        taken = await self.directory.underlying(ticker(text)) if len(exact) == 1 else None
        if taken is None:
            return Found(candidates=listed, exact=None, reading=f"the ticker {text.upper()}")
        return await self._described(taken, listed, f"the ticker {text.upper()}")

    async def _by_ticker(self, text: str) -> Found:
        if _TICKER.fullmatch(text.upper()) is None:
            raise UnknownContract(
                f"nothing is listed under {text!r}",
                expected="query: a ticker or a company's name",
                found=repr(text),
                next_steps=["Check the spelling, or search by a part of the name."],
            )
        taken = await self.directory.underlying(ticker(text))  # its own error names tickers like this one
        return await self._described(taken, (taken,), f"the ticker {taken.symbol}")

    async def _described(self, taken: Underlying, candidates: Sequence[Instrument], reading: str) -> Found:
        now = self.clock.now()
        classes = await self.directory.option_classes(taken)
        return Found(
            candidates=tuple(candidates),
            exact=taken,
            classes=tuple(_shown(each, self.clock) for each in classes),
            session=underlying_status(taken, now),
            reading=reading,
        )


def _shown(each: OptionClass, clock: Clock) -> ListedClass:
    return ListedClass(
        trading_class=each.trading_class,
        exchange=each.exchange,
        multiplier=each.multiplier,
        strikes=len(each.strikes),
        lowest=float(min(each.strikes)) if each.strikes else None,
        highest=float(max(each.strikes)) if each.strikes else None,
        expiries=described(each.expiries, clock.now().astimezone(NEW_YORK).date()),
    )


def kind_words(instrument: Instrument) -> str:
    """What a contract is, in a few words."""
    if isinstance(instrument, OptionContract):
        return f"{instrument.right.word}, {instrument.multiplier} shares, class {instrument.trading_class}"
    return "index" if instrument.sec_type is SecType.IND else "stock or ETF"
