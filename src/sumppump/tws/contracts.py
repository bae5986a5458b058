"""Which contracts exist, asked once a day.

One request brings all contracts of one expiry. What is not listed is an error that names what is near. BAG
contracts are never asked for: TWS does not answer those.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from ib_async.contract import Contract, ContractDescription, ContractDetails
from ib_async.objects import OptionChain
from loguru import logger

from sumppump.domain.instruments import Instrument, OptionClass, OptionContract, Right, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import (
    AmbiguousContract,
    BrokerRejected,
    GatewayUnavailable,
    InvalidRequest,
    UnknownContract,
)
from sumppump.tws import details
from sumppump.tws.details import NO_SUCH_CONTRACT, Rule
from sumppump.tws.inbox import market_rule_key
from sumppump.tws.link import Link
from sumppump.tws.settings import TwsSettings

NEAREST = 3
SHORTER = 2  # searches for a shorter beginning; TWS takes one a second
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9 .\-]{0,15}")
_TEXT = re.compile(r"[\x20-\x7e]{1,60}")
_BAG_CON_ID = 28812380


@dataclass(slots=True)
class _Day:
    """What was learned on one trading day."""

    day: date
    underlyings: dict[str, Underlying] = field(default_factory=dict)
    classes: dict[int, tuple[OptionClass, ...]] = field(default_factory=dict)
    options: dict[tuple[int, date, str], tuple[OptionContract, ...]] = field(default_factory=dict)
    by_con_id: dict[int, Instrument] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)


class TwsDirectory:
    """`ports.market.ContractDirectory` on TWS."""

    def __init__(self, settings: TwsSettings, link: Link, clock: Clock) -> None:
        self._settings, self._link, self._clock = settings, link, clock
        self._cache = _Day(date.min)
        self._asking: dict[object, asyncio.Lock] = {}
        self._last_search = -1e9

    # --- the port -----------------------------------------------------------------------------

    async def underlying(self, symbol: str) -> Underlying:
        """See `ports.market.ContractDirectory`."""
        ticker = symbol.strip().upper()
        if not _SYMBOL.fullmatch(ticker):
            raise InvalidRequest("a symbol is a ticker", expected="for example SPY", found=repr(symbol[:40]))
        async with self._alone(ticker):
            day = self._today()
            if ticker not in day.underlyings:
                day.underlyings[ticker] = await self._find_underlying(ticker)
            return self._learned(day.underlyings[ticker])

    async def search(self, text: str) -> Sequence[Underlying]:
        """See `ports.market.ContractDirectory`."""
        if not _TEXT.fullmatch(text.strip()):
            raise InvalidRequest("a search is a ticker or a name", expected="1 to 60 ASCII characters")
        samples = await self._samples(text.strip())
        found = (details.sampled(sample) for sample in samples)
        return tuple(item for item in found if item is not None)

    async def option_classes(self, underlying: Underlying) -> Sequence[OptionClass]:
        """See `ports.market.ContractDirectory`."""
        async with self._alone(("classes", underlying.con_id)):
            day = self._today()
            if underlying.con_id not in day.classes:
                day.classes[underlying.con_id] = await self._find_classes(underlying)
            return day.classes[underlying.con_id]

    async def options(
        self, underlying: Underlying, expiry: date, *, right: Right | None = None, trading_class: str = ""
    ) -> Sequence[OptionContract]:
        """See `ports.market.ContractDirectory`."""
        key = (underlying.con_id, expiry, trading_class)
        async with self._alone(key):
            day = self._today()
            if key not in day.options:
                day.options[key] = await self._find_options(underlying, expiry, trading_class)
                day.by_con_id.update({option.con_id: option for option in day.options[key]})
            return tuple(option for option in day.options[key] if right in (None, option.right))

    async def option(
        self, underlying: Underlying, expiry: date, strike: Decimal, right: Right, *, trading_class: str = ""
    ) -> OptionContract:
        """See `ports.market.ContractDirectory`."""
        listed = await self.options(underlying, expiry, right=right, trading_class=trading_class)
        fitting = [option for option in listed if option.strike == strike]
        if not fitting:
            raise _no_strike(underlying, expiry, strike, right, listed)
        if len(fitting) > 1:
            names = ", ".join(option.trading_class for option in fitting)
            raise AmbiguousContract(
                f"{fitting[0].label} is listed in several classes", expected=f"one of {names}"
            )
        return fitting[0]

    async def instrument(self, con_id: int) -> Instrument:
        """See `ports.market.ContractDirectory`."""
        if con_id <= 0 or con_id == _BAG_CON_ID:
            raise UnknownContract("a combo or an id below 1 is no contract", found=str(con_id))
        async with self._alone(con_id):
            day = self._today()
            if con_id not in day.by_con_id:
                rows = await self._details(Contract(conId=con_id), what=f"contract {con_id}")
                day.by_con_id[con_id] = await self._instrument_of(rows, con_id)
            return day.by_con_id[con_id]

    # --- asking TWS ---------------------------------------------------------------------------

    async def _find_underlying(self, ticker: str) -> Underlying:
        for wanted in (
            Contract(symbol=ticker, secType="STK", exchange="SMART", currency="USD"),
            Contract(symbol=ticker, secType="IND", currency="USD"),
        ):
            rows = await self._details(wanted, what=ticker)
            found = {row.contract.conId: row for row in rows if row.contract is not None}
            if len(found) == 1:
                return details.underlying(next(iter(found.values())))
            if found:
                raise _several(ticker, [details.underlying(row) for row in found.values()])
        raise await self._unknown(ticker)

    async def _find_classes(self, underlying: Underlying) -> tuple[OptionClass, ...]:
        session = self._link.session()
        try:
            rows: list[OptionChain] = await session.ask(
                lambda client, request_id: client.reqSecDefOptParams(
                    request_id, underlying.symbol, "", underlying.sec_type.value, underlying.con_id
                ),
                what=f"the options of {underlying.symbol}",
            )
        except BrokerRejected as error:
            raise _refused(error, f"the options of {underlying.symbol}") from error
        smart = [details.option_class(underlying, row) for row in rows if row.exchange == "SMART"]
        if not smart:
            raise UnknownContract(f"no options are listed on {underlying.symbol}")
        return tuple(sorted(smart, key=lambda item: item.trading_class))

    async def _find_options(
        self, underlying: Underlying, expiry: date, trading_class: str
    ) -> tuple[OptionContract, ...]:
        wanted = Contract(
            symbol=underlying.symbol, secType="OPT", lastTradeDateOrContractMonth=f"{expiry:%Y%m%d}",
            exchange="SMART", currency=underlying.currency, tradingClass=trading_class,
        )  # fmt: skip
        rows = await self._details(wanted, what=f"{underlying.symbol} {expiry.isoformat()}")
        found = [
            option
            for row in rows
            if (option := await self._option_of(row, underlying.con_id)) and _is_listed_on(option, expiry)
        ]
        if not found:
            raise await self._no_expiry(underlying, expiry, trading_class)
        return tuple(sorted(found, key=lambda item: (item.trading_class, item.strike, item.right)))

    async def _details(self, wanted: Contract, *, what: str) -> list[ContractDetails]:
        """Contract details; an empty list where TWS knows none."""
        session = self._link.session()
        try:
            return await session.ask(
                lambda client, request_id: client.reqContractDetails(request_id, wanted),
                what=f"contract details of {what}",
            )
        except BrokerRejected as error:
            if error.ib_code == NO_SUCH_CONTRACT:
                return []
            raise _refused(error, what) from error

    async def _instrument_of(self, rows: Sequence[ContractDetails], con_id: int) -> Instrument:
        row = next((row for row in rows if row.contract and row.contract.conId == con_id), None)
        if row is None or row.contract is None:
            raise UnknownContract(f"TWS knows no contract {con_id}")
        if row.contract.secType == SecType.OPT:
            option = await self._option_of(row, row.underConId)
            if option is None:
                raise UnknownContract(f"TWS describes contract {con_id} without multiplier or strike")
            return option
        if row.contract.secType not in ("STK", "IND"):
            raise UnknownContract(
                f"contract {con_id} is a {row.contract.secType}", expected="a stock, ETF, index or option"
            )
        return details.underlying(row)

    async def _option_of(self, row: ContractDetails, underlying_con_id: int) -> OptionContract | None:
        rule_id = details.smart_rule_id(row)
        steps = await self._rule(rule_id) if rule_id else ()
        try:
            return details.option(row, underlying_con_id, rule=steps)
        except ValueError as error:
            logger.warning("an option without what it takes to trade it is left out: {}", error)
            return None

    async def _rule(self, rule_id: int) -> Rule:
        rules = self._today().rules
        if rule_id not in rules:
            session = self._link.session()
            rows = await session.ask_keyed(
                market_rule_key(rule_id), lambda client: client.reqMarketRule(rule_id), strict=False
            )
            rules[rule_id] = details.rule(rows)
        return rules[rule_id]

    async def _samples(self, text: str) -> list[ContractDescription]:
        """Matching symbols; TWS takes one such question a second."""
        async with self._alone("search"):
            wait_s = self._last_search + self._settings.symbol_pacing_s - time.monotonic()
            await asyncio.sleep(max(0.0, wait_s))
            session = self._link.session()
            try:
                return await session.ask(
                    lambda client, request_id: client.reqMatchingSymbols(request_id, text),
                    what="matching symbols",
                )
            except BrokerRejected as error:
                raise _refused(error, "matching symbols") from error
            finally:
                self._last_search = time.monotonic()

    # --- what is not there --------------------------------------------------------------------

    async def _unknown(self, ticker: str) -> UnknownContract:
        near, all_of_them = await self._near(ticker), self._settings.symbols
        where = "here" if all_of_them else "in the US"
        steps = ["Search by the company's name with trade_find_contract."]
        return UnknownContract(
            f"no stock, ETF or index in USD is listed as {ticker}",
            expected=f"perhaps {', '.join(near)}" if near else f"a ticker listed {where}",
            found=ticker,
            next_steps=[f"Choose one of all there are here: {', '.join(all_of_them)}."]
            if all_of_them
            else steps,
        )

    async def _near(self, ticker: str) -> list[str]:
        """Tickers like this one: what the search finds, and then what it finds for shorter beginnings."""
        if self._settings.symbols:
            return get_close_matches(ticker, self._settings.symbols, n=NEAREST)
        try:
            if found := await self.search(ticker):
                return [item.symbol for item in found][: NEAREST * 2]
            for length in range(len(ticker) - 1, max(0, len(ticker) - 1 - SHORTER), -1):
                found = await self.search(ticker[:length])
                if near := get_close_matches(ticker, {item.symbol for item in found}, n=NEAREST):
                    return near
        except (GatewayUnavailable, InvalidRequest):
            pass
        return []

    async def _no_expiry(self, underlying: Underlying, expiry: date, trading_class: str) -> UnknownContract:
        classes = await self.option_classes(underlying)
        listed = {
            day for item in classes if trading_class in ("", item.trading_class) for day in item.expiries
        }
        near = sorted(sorted(listed, key=lambda day: abs(day - expiry))[:NEAREST])
        return UnknownContract(
            f"no {underlying.symbol} options expire on {expiry.isoformat()}",
            expected=f"nearest expiries: {', '.join(day.isoformat() for day in near) or 'none'}",
            found=expiry.isoformat(),
        )

    # --- the day's cache ----------------------------------------------------------------------

    def _today(self) -> _Day:
        today = self._clock.now().astimezone(NEW_YORK).date()
        # A clock that goes back by a day is a new simulation or a correction; both make the cache worthless.
        if today != self._cache.day:
            self._cache = _Day(today)
            self._asking = {key: lock for key, lock in self._asking.items() if lock.locked()}
        return self._cache

    def _alone(self, key: object) -> asyncio.Lock:
        """One question per thing; whoever comes second finds the answer in the cache."""
        return self._asking.setdefault(key, asyncio.Lock())

    def _learned(self, item: Underlying) -> Underlying:
        self._today().by_con_id[item.con_id] = item
        return item


def _is_listed_on(option: OptionContract, listed: date) -> bool:
    """TWS lists what settles on the opening prints under its last trading day, the day before it expires."""
    return listed in (option.expiry, option.last_trade.astimezone(NEW_YORK).date())


def _no_strike(
    underlying: Underlying, expiry: date, strike: Decimal, right: Right, listed: Sequence[OptionContract]
) -> UnknownContract:
    near = sorted(sorted({option.strike for option in listed}, key=lambda k: abs(k - strike))[:NEAREST])
    return UnknownContract(
        f"{underlying.symbol} {expiry.isoformat()} has no {right.word} with strike {strike}",
        expected=f"nearest strikes: {', '.join(format(k.normalize(), 'f') for k in near)}",
        found=str(strike),
    )


def _several(ticker: str, found: Sequence[Underlying]) -> AmbiguousContract:
    names = ", ".join(f"{item.primary_exchange or item.exchange} ({item.long_name})" for item in found)
    return AmbiguousContract(
        f"{ticker} names several contracts", expected="one contract", found=f"listed at {names}"
    )


def _refused(error: BrokerRejected, what: str) -> GatewayUnavailable | UnknownContract:
    if error.ib_code == NO_SUCH_CONTRACT:
        return UnknownContract(f"TWS knows no contract for {what}", found=error.text)
    return GatewayUnavailable(
        f"TWS would not answer {what}: {error.text}",
        code="request_refused",
        found=f"TWS error {error.ib_code}",
    )
