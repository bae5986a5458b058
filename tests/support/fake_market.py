"""A small listed market without a wire: SPY with four expiries, SPX with two classes on one day, two
months of ES and of VX, EUR.USD and BTC.

Quotes come from Black and Scholes on a smile that falls with the strike, with a spread of a few cents
about the model and bids and asks on the tick. Contract ids, prices and times are the same in every run.
With `ex` set, options on shares are American and price that cash dividend in, and the broker announces it.
Everything can be changed by a test: `spot`, `now`, `vol`, `missing` (ids without a market, waited for
`slow_s`), `greeks`, `halted`, the directory's `hours`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sumppump.domain.instruments import (
    SECONDS_PER_YEAR,
    Future,
    Instrument,
    OptionClass,
    OptionContract,
    Right,
    SecType,
    Underlying,
)
from sumppump.domain.names import FUTURE_ROOTS, coin_code, pair_halves
from sumppump.domain.pricing import OptionValue, american, european
from sumppump.domain.quotes import Bar, Feed, Greeks, GreeksSource, Quote
from sumppump.domain.revaluation import CashDividend
from sumppump.domain.statistics import ALL_FIGURES, Dividends, Figure, MarketStatistics
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import UnknownContract
from sumppump.kernel.money import Premium
from sumppump.ports.market import Need

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)  # Wednesday, 10:00 in New York
SPOT = Decimal("600.00")
RATE = 0.04

SPY = Underlying(con_id=756733, symbol="SPY", primary_exchange="ARCA", long_name="SPDR S&P 500 ETF TRUST")
SPX = Underlying(con_id=416904, symbol="SPX", sec_type=SecType.IND, exchange="CBOE", long_name="S&P 500")

EURUSD = Underlying(
    con_id=12087792, symbol="EUR", sec_type=SecType.CASH, exchange="IDEALPRO", long_name="Euro",
    min_tick=Decimal("0.00005"),
)  # fmt: skip
BITCOIN = Underlying(
    con_id=479624278, symbol="BTC", sec_type=SecType.CRYPTO, exchange="PAXOS", long_name="Bitcoin",
    min_tick=Decimal("0.25"),
)  # fmt: skip

TODAY = date(2026, 11, 18)
WEEK = date(2026, 11, 27)
MONTH = date(2026, 12, 18)
FAR = date(2027, 1, 15)
SPY_EXPIRIES = (TODAY, WEEK, MONTH, FAR)
SPX_EXPIRIES = (MONTH, FAR)


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when told to; both times move together."""

    at: datetime = NOW
    seconds: float = 1_000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


def strikes_of(expiry: date) -> tuple[Decimal, ...]:
    """Every dollar from 540 to 660 for near expiries, every five from 450 to 750 for the others."""
    if expiry in (TODAY, WEEK):
        return tuple(Decimal(price) for price in range(540, 661))
    return tuple(Decimal(price) for price in range(450, 751, 5))


def closes(expiry: date, hour: int = 16, minute: int = 0) -> datetime:
    """A time of day in New York, in UTC."""
    return datetime(expiry.year, expiry.month, expiry.day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def make_option(
    underlying: Underlying, expiry: date, strike: Decimal | int, right: Right, trading_class: str = ""
) -> OptionContract:
    """The listed contract; its id follows from what it is."""
    name = trading_class or underlying.symbol
    price = Decimal(strike)
    key = (expiry - date(2026, 1, 1)).days * 100_000 + int(price * 10) * 2 + (right is Right.PUT)
    offset = {"SPY": 0, "SPX": 1, "SPXW": 2}[name] * 100_000_000
    is_morning = name == "SPX"
    return OptionContract(
        con_id=700_000_000 + offset + key,
        symbol=underlying.symbol,
        right=right,
        strike=price,
        expiry=expiry,
        # SPX stops the evening before it settles; everything else trades to the close.
        last_trade=closes(expiry - timedelta(days=1), 17) if is_morning else closes(expiry),
        multiplier=100,
        underlying_con_id=underlying.con_id,
        trading_class=name,
        min_tick=Decimal("0.01"),
    )


def make_future(root: str, expiry: date) -> Future:
    """The listed month; its id follows from what it is."""
    multiplier = {"ES": 50, "VX": 1000}[root]
    known, number = FUTURE_ROOTS[root], (expiry - date(2026, 1, 1)).days
    return Future(
        con_id=600_000_000 + multiplier * 1_000 + number,
        symbol=known.symbol,
        expiry=expiry,
        last_trade=closes(expiry, 9, 30),
        multiplier=multiplier,
        exchange=known.exchange,
        trading_class=known.trading_class,
        local_symbol=f"{root}{'FGHJKMNQUVXZ'[expiry.month - 1]}{expiry.year % 10}",
        min_tick=Decimal("0.05") if root == "VX" else Decimal("0.25"),
    )


ES_MONTHS = (make_future("ES", MONTH), make_future("ES", date(2027, 3, 19)))
VX_MONTHS = (make_future("VX", date(2026, 12, 16)), make_future("VX", date(2027, 1, 20)))
FUTURES = {"ES": ES_MONTHS, "VX": VX_MONTHS, "VIX": VX_MONTHS}
ELSEWHERE = (EURUSD, BITCOIN, *ES_MONTHS, *VX_MONTHS)


@dataclass(slots=True)
class FakeDirectory:
    """The listed contracts; `asked` counts what would be requests to TWS."""

    asked: list[str] = field(default_factory=list)
    hours: str = ""

    async def underlying(self, symbol: str) -> Underlying:
        self.asked.append(f"underlying {symbol}")
        known = {"SPY": SPY, "SPX": SPX}
        if symbol not in known:
            raise UnknownContract(
                f"no symbol {symbol!r} is known",
                code="unknown_symbol",
                expected="symbol: a listed ticker; near ones are SPX, SPY",
                found=symbol,
            )
        return replace(known[symbol], trading_hours=self.hours) if self.hours else known[symbol]

    async def futures(self, symbol: str, exchange: str = "") -> Sequence[Future]:
        self.asked.append(f"futures {symbol}")
        if symbol.upper() not in FUTURES:
            raise UnknownContract(f"no future {symbol} trades here", expected="a root such as ES, VX")
        return FUTURES[symbol.upper()]

    async def pair(self, text: str) -> Underlying:
        self.asked.append(f"pair {text}")
        if pair_halves(text) != ("EUR", "USD"):
            raise UnknownContract(f"{text} is no pair on IDEALPRO", found=text)
        return EURUSD

    async def coin(self, text: str) -> Underlying:
        self.asked.append(f"coin {text}")
        if coin_code(text) != "BTC":
            raise UnknownContract(f"no coin {text} trades in USD on PAXOS", found=text)
        return BITCOIN

    async def search(self, text: str) -> Sequence[Underlying]:
        self.asked.append(f"search {text}")
        return [each for each in (SPX, SPY) if text.upper() in each.symbol]

    async def option_classes(self, underlying: Underlying) -> Sequence[OptionClass]:
        self.asked.append(f"classes {underlying.symbol}")
        if underlying == SPX:
            return [_class(SPX, "SPX", SPX_EXPIRIES), _class(SPX, "SPXW", SPX_EXPIRIES)]
        return [_class(SPY, "SPY", SPY_EXPIRIES)]

    async def options(
        self, underlying: Underlying, expiry: date, *, right: Right | None = None, trading_class: str = ""
    ) -> Sequence[OptionContract]:
        self.asked.append(f"options {underlying.symbol} {expiry}")
        classes = await self.option_classes(underlying)
        self.asked.pop()
        return [
            make_option(underlying, expiry, strike, side, each.trading_class)
            for each in classes
            if expiry in each.expiries and trading_class in ("", each.trading_class)
            for strike in strikes_of(expiry)
            for side in (Right.CALL, Right.PUT)
            if right in (None, side)
        ]

    async def option(
        self, underlying: Underlying, expiry: date, strike: Decimal, right: Right, *, trading_class: str = ""
    ) -> OptionContract:
        for each in await self.options(underlying, expiry, right=right, trading_class=trading_class):
            if each.strike == strike:
                return each
        raise UnknownContract(f"{underlying.symbol} {expiry} {strike}{right} is not listed")

    async def instrument(self, con_id: int) -> Instrument:
        for each in ELSEWHERE:
            if each.con_id == con_id:
                return each
        for underlying, expiries in ((SPY, SPY_EXPIRIES), (SPX, SPX_EXPIRIES)):
            if underlying.con_id == con_id:
                return underlying
            for expiry in expiries:
                for each in await self.options(underlying, expiry):
                    if each.con_id == con_id:
                        return each
        raise UnknownContract(f"no contract {con_id}")


def _class(underlying: Underlying, name: str, expiries: tuple[date, ...]) -> OptionClass:
    strikes = tuple(sorted({strike for expiry in expiries for strike in strikes_of(expiry)}))
    return OptionClass(
        underlying=underlying,
        exchange="SMART",
        trading_class=name,
        multiplier=100,
        expiries=expiries,
        strikes=strikes,
    )


def smile(strike: float, spot: float) -> float:
    """Volatility of a strike: 18 % at the money, more below, a little less above, never under 12 %."""
    return max(0.12, 0.18 - 0.25 * (strike / spot - 1.0) + 0.6 * (strike / spot - 1.0) ** 2)


@dataclass(slots=True, eq=False)
class FakeStream:
    """A contract that is followed: its quote is the market's now. A test may end it or call it stale."""

    market: FakeMarket
    instrument: Instrument
    changed: Callable[[int], None]
    ended: str = ""
    is_stale: bool = False

    def quote(self) -> Quote:
        return replace(self.market.quote(self.instrument), is_stale=self.is_stale)

    def close(self) -> None:
        self.ended = self.ended or "closed"


@dataclass(slots=True)
class FakeMarket:
    """Quotes from a model; `asked` holds the labels of every batch of quotes."""

    clock: FakeClock = field(default_factory=FakeClock)
    spot: Decimal = SPOT
    vol: Callable[[float, float], float] = smile
    feed: Feed = Feed.LIVE
    missing: set[int] = field(default_factory=set)
    no_greeks: set[int] = field(default_factory=set)
    half_spread: Decimal = Decimal("0.03")
    asked: list[tuple[str, ...]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)
    room: int = 100
    slow_s: float = 0.0
    halted: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    ex: CashDividend | None = None

    async def quotes(
        self,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = 10.0,
        greeks: bool = True,
        need: Need = Need.LOOKUP,
        arrived: Callable[[Quote], None] | None = None,
    ) -> Sequence[Quote]:
        self.asked.append(tuple(each.label for each in instruments))
        late = [each for each in instruments if each.con_id in self.missing]
        self.clock.advance(self.slow_s if late else 0.0)
        found = [self.quote(each, greeks=greeks) for each in instruments]
        for quote in found if arrived else ():
            arrived(quote)
        return found

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[FakeStream]:
        opened = [FakeStream(self, each, changed) for each in instruments[: self.room]]
        self.streams += opened
        return opened

    async def statistics(
        self,
        underlyings: Sequence[Underlying],
        *,
        deadline_s: float = 10.0,
        figures: frozenset[Figure] = ALL_FIGURES,
    ) -> Sequence[MarketStatistics]:
        facts = {"dividends": self._announced, **self.facts} if self.ex else self.facts
        return [MarketStatistics(con_id=each.con_id, **facts) for each in underlyings]

    @property
    def _announced(self) -> Dividends | None:
        if self.ex is None:
            return None
        day = self.ex.ex.astimezone(NEW_YORK).date()
        return Dividends(next_date=day, next_amount=self.ex.cash, next_12m=4 * self.ex.cash)

    def value(self, option: OptionContract) -> OptionValue:
        """Price and Greeks of the model, per share."""
        spot, strike, years = float(self.spot), float(option.strike), option.years(self.clock.now())
        inputs = (spot, strike, years, RATE, 0.0, self.vol(strike, spot), option.right)
        if self.ex is None or option.symbol != SPY.symbol:
            return european(*inputs)
        when = (self.ex.ex - self.clock.now()).total_seconds() / SECONDS_PER_YEAR
        return american(*inputs, dividends=[(when, self.ex.cash)])

    def tick(self) -> None:
        """Every followed contract has news."""
        for stream in self.streams:
            if not stream.ended:
                stream.changed(stream.instrument.con_id)

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        """One quote at the clock's time."""
        now, taken = self.clock.now(), self.clock.monotonic()
        if instrument.con_id in self.missing:
            return Quote(
                instrument=instrument,
                as_of=now,
                taken=taken,
                feed=Feed.NONE,
                greeks_missing="No market data came in time.",
                notice="No market data came in time.",
            )
        if not isinstance(instrument, OptionContract):
            return self._share(instrument, now, taken)
        return self._option(instrument, now, taken, greeks=greeks)

    def _share(self, underlying: Underlying, now: datetime, taken: float) -> Quote:
        last = Premium(self.spot)
        if underlying.sec_type is SecType.IND:
            return Quote(instrument=underlying, as_of=now, taken=taken, feed=self.feed, last=last)
        half = Premium.of("0.01")
        return Quote(
            instrument=underlying,
            as_of=now,
            taken=taken,
            feed=self.feed,
            bid=last - half,
            ask=last + half,
            last=last,
            halted=self.halted,
            bid_size=300,
            ask_size=200,
            close=Premium.of("597.50"),
            volume=41_000_000,
        )

    def _option(self, option: OptionContract, now: datetime, taken: float, *, greeks: bool) -> Quote:
        spot, strike = float(self.spot), float(option.strike)
        vol, value = self.vol(strike, spot), self.value(option)
        middle = Decimal(str(value.price)).quantize(Decimal("0.01"))
        has_greeks = greeks and option.con_id not in self.no_greeks
        return Quote(
            instrument=option,
            as_of=now,
            taken=taken,
            feed=self.feed,
            bid=Premium(max(Decimal("0.00"), middle - self.half_spread)),
            ask=Premium(middle + self.half_spread),
            last=Premium(middle),
            bid_size=20,
            ask_size=25,
            volume=1_000,
            open_interest=5_000,
            greeks=Greeks(
                iv=vol,
                delta=value.delta,
                gamma=value.gamma,
                theta=value.theta,
                vega=value.vega,
                source=GreeksSource.IBKR_MODEL,
                underlying_price=spot,
            )
            if has_greeks
            else None,
            greeks_missing="" if has_greeks else "The broker sent no model.",
        )

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        deadline_s: float = 40.0,
        waiting: Callable[[float], None] | None = None,
    ) -> Sequence[Bar]:
        """Five daily bars that end yesterday, each a dollar above the one before."""
        return [
            Bar(
                start=datetime(2026, 11, 11 + day, 5, 0, tzinfo=UTC),
                open=self.spot - 6 + day,
                high=self.spot - 4 + day,
                low=self.spot - 7 + day,
                close=self.spot - 5 + day,
                volume=40_000_000,
            )
            for day in range(5)
        ]

    def lines(self) -> tuple[int, int]:
        return 0, 100
