"""Which contracts exist, asked once a day.

One request brings all contracts of one expiry. What is not listed is an error that names what is near. BAG
contracts are never asked for: TWS does not answer those.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from ib_async.contract import Contract, ContractDetails
from loguru import logger

from sumppump.domain.instruments import (
    Future,
    Instrument,
    OptionClass,
    OptionContract,
    Right,
    SecType,
    Underlying,
)
from sumppump.domain.names import COINS, CURRENCIES, FUTURE_ROOTS, coin_code, pair_halves
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import AmbiguousContract, GatewayUnavailable, InvalidRequest, UnknownContract
from sumppump.tws import details, unlisted
from sumppump.tws.details import Rule
from sumppump.tws.link import Link
from sumppump.tws.reference import Reference
from sumppump.tws.settings import TwsSettings

SHORTER = 2  # searches for a shorter beginning; TWS takes one a second
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9 .\-]{0,15}")
_EXCHANGE = re.compile(r"[A-Z0-9]{0,12}")
_TEXT = re.compile(r"[\x20-\x7e]{1,60}")
_BAG_CON_ID = 28812380
_PLAIN = frozenset({SecType.STK, SecType.IND, SecType.CASH, SecType.CRYPTO})


@dataclass(slots=True)
class _Day:
    """What was learned on one trading day."""

    day: date
    underlyings: dict[str, Underlying] = field(default_factory=dict)
    classes: dict[int, tuple[OptionClass, ...]] = field(default_factory=dict)
    options: dict[tuple[int, date, str], tuple[OptionContract, ...]] = field(default_factory=dict)
    futures: dict[tuple[str, str], tuple[Future, ...]] = field(default_factory=dict)
    by_con_id: dict[int, Instrument] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)


class TwsDirectory:
    """`ports.market.ContractDirectory` on TWS."""

    def __init__(self, settings: TwsSettings, link: Link, clock: Clock) -> None:
        self._settings, self._link, self._clock = settings, link, clock
        self._cache = _Day(date.min)
        self._asking: dict[object, asyncio.Lock] = {}
        self._ask = Reference(settings, link)

    # --- the port -----------------------------------------------------------------------------

    async def underlying(self, symbol: str) -> Underlying:
        """See `ports.market.ContractDirectory`."""
        ticker = symbol.strip().upper()
        if not _SYMBOL.fullmatch(ticker):
            raise InvalidRequest("a symbol is a ticker", expected="for example SPY", found=repr(symbol[:40]))
        return await self._kept(ticker, lambda: self._find_underlying(ticker))

    async def futures(self, symbol: str, exchange: str = "") -> Sequence[Future]:
        """See `ports.market.ContractDirectory`."""
        name, place = symbol.strip().upper(), exchange.strip().upper()
        if not _SYMBOL.fullmatch(name) or not _EXCHANGE.fullmatch(place):
            raise InvalidRequest("a future is named by its root", expected="for example ES", found=name[:40])
        key = (name, place)
        async with self._alone(key):
            day = self._today()
            if key not in day.futures:
                day.futures[key] = await self._find_futures(name, place)
                day.by_con_id.update({future.con_id: future for future in day.futures[key]})
            now = self._clock.now()
            return tuple(future for future in day.futures[key] if future.last_trade > now)

    async def pair(self, text: str) -> Underlying:
        """See `ports.market.ContractDirectory`."""
        halves = pair_halves(text)
        if halves is None:
            raise InvalidRequest(
                f"{text[:40]!r} is no pair of two known currencies",
                code="invalid_pair",
                expected=f"pair: two of {', '.join(sorted(CURRENCIES))}, for example EUR.USD",
                found=repr(text[:40]),
                next_steps=["Call again with two of them, the base first."],
            )
        base, quote = halves
        return await self._kept(f"{base}.{quote}", lambda: self._find_pair(base, quote))

    async def coin(self, text: str) -> Underlying:
        """See `ports.market.ContractDirectory`."""
        code = coin_code(text)
        if code is None:
            raise InvalidRequest("a coin is a short code", expected="for example BTC", found=repr(text[:40]))
        return await self._kept(f"coin {code}", lambda: self._find_coin(code))

    async def search(self, text: str) -> Sequence[Underlying]:
        """See `ports.market.ContractDirectory`."""
        if not _TEXT.fullmatch(text.strip()):
            raise InvalidRequest("a search is a ticker or a name", expected="1 to 60 ASCII characters")
        samples = await self._ask.samples(text.strip())
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
            raise unlisted.no_strike(underlying, expiry, strike, right, listed)
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
                rows = await self._ask.details(Contract(conId=con_id), what=f"contract {con_id}")
                day.by_con_id[con_id] = await self._instrument_of(rows, con_id)
            return day.by_con_id[con_id]

    # --- asking TWS ---------------------------------------------------------------------------

    async def _find_underlying(self, ticker: str) -> Underlying:
        """A stock on SMART in USD before an index in USD."""
        for wanted in (
            Contract(symbol=ticker, secType="STK", exchange="SMART", currency="USD"),
            Contract(symbol=ticker, secType="IND", currency="USD"),
        ):
            found = await self._plain(wanted, ticker)
            if len(found) == 1:
                return found[0]
            if found:
                raise unlisted.several(ticker, found)
        raise unlisted.no_symbol(ticker, await self._near(ticker), self._settings.symbols)

    async def _plain(self, wanted: Contract, what: str) -> list[Underlying]:
        """Every contract that fits and is no derivative."""
        rows = await self._ask.details(wanted, what=what)
        found = {row.contract.conId: row for row in rows if row.contract is not None}
        return [details.underlying(row) for row in found.values()]

    async def _find_classes(self, underlying: Underlying) -> tuple[OptionClass, ...]:
        rows = await self._ask.option_parameters(underlying)
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
        rows = await self._ask.details(wanted, what=f"{underlying.symbol} {expiry.isoformat()}")
        # Rules by their few ids first: a listing has a thousand rows.
        rule_ids = {details.smart_rule_id(row) for row in rows}
        steps = {rule_id: await self._rule(rule_id) for rule_id in rule_ids if rule_id}
        found = [
            option
            for row in rows
            if (option := _option_of(row, underlying.con_id, steps)) and _is_listed_on(option, expiry)
        ]
        if not found:
            raise unlisted.no_expiry(underlying, expiry, await self._expiries(underlying, trading_class))
        return tuple(sorted(found, key=lambda item: (item.trading_class, item.strike, item.right)))

    async def _expiries(self, underlying: Underlying, trading_class: str) -> set[date]:
        classes = await self.option_classes(underlying)
        return {day for item in classes if trading_class in ("", item.trading_class) for day in item.expiries}

    async def _find_futures(self, name: str, exchange: str) -> tuple[Future, ...]:
        root = FUTURE_ROOTS.get(name)
        wanted = Contract(
            symbol=root.symbol if root else name, secType="FUT", currency="USD",
            exchange=exchange or (root.exchange if root else ""),
            tradingClass=root.trading_class if root else "",
        )  # fmt: skip
        rows = await self._ask.details(wanted, what=f"the futures {name}")
        listed = {future.con_id: future for row in rows if (future := _future_of(row)) is not None}
        found = sorted(listed.values(), key=lambda item: (item.expiry, item.trading_class))
        if not found:
            raise unlisted.no_future(name, exchange)
        if len({item.expiry for item in found}) < len(found):
            raise unlisted.several_futures(name, found)
        return tuple(found)

    async def _find_pair(self, base: str, quote: str) -> Underlying:
        if found := await self._cash(base, quote):
            return found[0]
        raise unlisted.no_pair(base, quote, has_reverse=bool(await self._cash(quote, base)))

    async def _cash(self, base: str, quote: str) -> list[Underlying]:
        wanted = Contract(symbol=base, secType="CASH", exchange="IDEALPRO", currency=quote)
        return await self._plain(wanted, f"{base}.{quote}")

    async def _find_coin(self, code: str) -> Underlying:
        wanted = Contract(symbol=code, secType="CRYPTO", exchange="PAXOS", currency="USD")
        found = await self._plain(wanted, f"the coin {code}")
        if not found:
            raise unlisted.no_coin(code)
        return found[0]

    async def _instrument_of(self, rows: Sequence[ContractDetails], con_id: int) -> Instrument:
        row = next((row for row in rows if row.contract and row.contract.conId == con_id), None)
        if row is None or row.contract is None:
            raise UnknownContract(
                f"TWS knows no contract {con_id}",
                expected="a ticker, a written contract or a con_id of IB",
                found=str(con_id),
                next_steps=["trade_find_contract finds the con_id of a name or ticker."],
            )
        found = await self._read(row)
        if found is None:
            raise unlisted.unreadable(con_id, row.contract.secType)
        return found

    async def _read(self, row: ContractDetails) -> Instrument | None:
        """Details as an instrument of its kind; None for other kinds and for what lacks a multiplier."""
        kind = row.contract.secType if row.contract else ""
        if kind == SecType.OPT:
            rule_id = details.smart_rule_id(row)
            return _option_of(row, row.underConId, {rule_id: await self._rule(rule_id)} if rule_id else {})
        if kind == SecType.FUT:
            return _future_of(row)
        return details.underlying(row) if kind in _PLAIN else None

    async def _rule(self, rule_id: int) -> Rule:
        rules = self._today().rules
        if rule_id not in rules:
            rules[rule_id] = await self._ask.price_steps(rule_id)
        return rules[rule_id]

    async def _near(self, ticker: str) -> list[str]:
        """Tickers like this one: what the search finds, and then what it finds for shorter beginnings."""
        if ticker in CURRENCIES:
            return [f"a pair such as {ticker}.{'JPY' if ticker == 'USD' else 'USD'}"]
        if ticker in FUTURE_ROOTS or ticker in COINS:
            return [f"the future or coin {ticker}"]
        if self._settings.symbols:
            return get_close_matches(ticker, self._settings.symbols, n=unlisted.NEAREST)
        try:
            if found := await self.search(ticker):
                return [item.symbol for item in found][: unlisted.NEAREST * 2]
            for length in range(len(ticker) - 1, max(0, len(ticker) - 1 - SHORTER), -1):
                found = await self.search(ticker[:length])
                if near := get_close_matches(ticker, {item.symbol for item in found}, n=unlisted.NEAREST):
                    return near
        except (GatewayUnavailable, InvalidRequest):
            pass
        return []

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

    async def _kept(self, key: str, find: Callable[[], Awaitable[Underlying]]) -> Underlying:
        """What is known today under this key, found once."""
        async with self._alone(key):
            day = self._today()
            if key not in day.underlyings:
                found = day.underlyings[key] = await find()
                day.by_con_id[found.con_id] = found
            return day.underlyings[key]


def _option_of(
    row: ContractDetails, underlying_con_id: int, steps: Mapping[int, Rule]
) -> OptionContract | None:
    try:
        return details.option(row, underlying_con_id, rule=steps.get(details.smart_rule_id(row), ()))
    except ValueError as error:
        logger.warning("an option without what it takes to trade it is left out: {}", error)
        return None


def _is_listed_on(option: OptionContract, listed: date) -> bool:
    """TWS lists what settles on the opening prints under its last trading day, the day before it expires."""
    return listed == option.expiry or listed == option.last_trade.astimezone(NEW_YORK).date()


def _future_of(row: ContractDetails) -> Future | None:
    try:
        return details.future(row)
    except ValueError as error:
        logger.warning("a future without what it takes to trade it is left out: {}", error)
        return None
