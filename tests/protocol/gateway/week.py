"""An account that lives through a week on the embedded exchange, seen through the ports alone.

The clock stands still and is moved from close to close; at each of them everything is asked at one moment. A
`Day` lies between two of these looks, and knows what became of what is no longer held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from tests.protocol.gateway.desks import desk_of
from tests.protocol.gateway.scripted import Pulse

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.book import Holding, Marked, UnderlyingMarket, Walk, book_at_marks, walk
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import (
    SECONDS_PER_YEAR,
    Instrument,
    OptionContract,
    Right,
    SecType,
    Underlying,
)
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Environment, Fill, Order, OrderType
from sumppump.domain.revaluation import Assumptions
from sumppump.exchange.account.endowment import Endowment
from sumppump.exchange.control import parse
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.closes import Closes, DailyCloses
from sumppump.risk.day_pnl import DayPnl
from sumppump.risk.day_service import DayPnlService
from sumppump.risk.held_book import HeldBooks
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

MONDAY = datetime(2026, 12, 14, 15, 0, tzinfo=UTC)  # 10:00; on Friday SPY goes ex and the quarter expires
DAY_3, FRIDAY, AFTER = date(2026, 12, 16), date(2026, 12, 18), date(2026, 12, 24)
SHARES = 300
SYMBOLS = ("SPY", "QQQ", "IWM", "AAPL", "SPX")
CASH_SETTLED = ("SPX",)
CLOSES = tuple(f"2026-12-{day}T16:00" for day in (14, 15, 16, 17, 18, 21))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One leg by rule: strike nearest to spot times (1 + off)."""

    symbol: str
    expiry: date
    off: float
    right: Right
    ratio: int = 1
    trading_class: str = ""


C, P = Right.CALL, Right.PUT
ORDERS: Mapping[str, tuple[int, tuple[Wanted, ...]]] = {
    "covered call": (2, (Wanted("SPY", AFTER, 0.01, C, -1),)),
    "covered call before a dividend": (1, (Wanted("SPY", AFTER, -0.08, C, -1),)),
    "vertical": (2, (Wanted("QQQ", AFTER, 0.0, C), Wanted("QQQ", AFTER, 0.02, C, -1))),
    "condor": (
        2,
        (
            Wanted("SPX", DAY_3, -0.02, P, 1, "SPXW"),
            Wanted("SPX", DAY_3, -0.01, P, -1, "SPXW"),
            Wanted("SPX", DAY_3, 0.01, C, -1, "SPXW"),
            Wanted("SPX", DAY_3, 0.02, C, 1, "SPXW"),
        ),
    ),
    "short put": (2, (Wanted("IWM", FRIDAY, 0.02, P, -1),)),
    "long call": (3, (Wanted("AAPL", FRIDAY, -0.04, C),)),
    "index, morning": (1, (Wanted("SPX", FRIDAY, -0.01, P, 1, "SPX"),)),
    "index, afternoon": (1, (Wanted("SPX", FRIDAY, 0.01, P, -1, "SPXW"),)),
    "calendar": (2, (Wanted("SPY", FRIDAY, -0.01, P, -1), Wanted("SPY", AFTER, -0.01, P))),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the ports say at one moment.

    Attributes:
        fills: of today, legs alone. spots: by symbol; the broker's mark where shares are held.
        dividends: by symbol, as the broker announces the next one: ex-date and cash per share.
        told: the day as the portfolio's summary tells it.
    """

    at: datetime
    figures: AccountFigures
    positions: tuple[Position, ...]
    fills: tuple[Fill, ...]
    spots: Mapping[str, Decimal]
    dividends: Mapping[str, tuple[date, float]]
    told: DayPnl | Missing | None

    @property
    def held(self) -> Mapping[int, Position]:
        """Positions by con_id."""
        return {each.instrument.con_id: each for each in self.positions}

    @property
    def marks(self) -> Mapping[int, Decimal]:
        """As the broker values positions, per share, by con_id."""
        rows = {con_id: each.market_price for con_id, each in self.held.items()}
        return {con_id: mark for con_id, mark in rows.items() if mark is not None}

    def book(
        self, positions: Iterable[Position], marks: Mapping[int, Decimal], spots: Mapping[str, Decimal]
    ) -> Marked:
        """Positions at these marks and spots, and what is known of dividends now."""
        return book_at_marks(
            [Holding(instrument=each.instrument, quantity=each.quantity) for each in positions],
            {con_id: float(mark) for con_id, mark in marks.items()},
            {symbol: self._market(symbol, spot) for symbol, spot in spots.items()},
            now=self.at,
        )

    def _market(self, symbol: str, spot: Decimal) -> UnderlyingMarket:
        return UnderlyingMarket(
            symbol=symbol,
            spot=float(spot),
            assume=Assumptions(is_american=symbol != "SPX"),
            dividends=[self._years(symbol)] if symbol in self.dividends else (),
        )

    def _years(self, symbol: str) -> tuple[float, float]:
        day, cash = self.dividends[symbol]
        opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=NEW_YORK)
        return (opens - self.at).total_seconds() / SECONDS_PER_YEAR, cash


@dataclass(frozen=True, slots=True)
class Day:
    """From one look to the next.

    Attributes:
        widths: half of the quote when it was bought, currency per share, by con_id.
    """

    before: Look
    after: Look
    widths: Mapping[int, Decimal]

    @property
    def name(self) -> str:
        """The day, and whether it is the morning on which everything is bought."""
        return f"{self.after.at:%a %d %H:%M}"

    @property
    def days(self) -> float:
        """Calendar days between the looks."""
        return (self.after.at - self.before.at) / timedelta(days=1)

    @property
    def change(self) -> Decimal:
        """Of the account's net liquidation value, cash."""
        return amount(self.after.figures.nlv) - amount(self.before.figures.nlv)

    @property
    def interest(self) -> Decimal:
        """Accrued between the looks, cash."""
        return amount(self.after.figures.accrued_interest) - amount(self.before.figures.accrued_interest)

    @property
    def accrued_dividends(self) -> Decimal:
        """What the broker says of them, cash."""
        return amount(self.after.figures.accrued_dividends) - amount(self.before.figures.accrued_dividends)

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Executions between the looks, those of the clearing house among them."""
        seen = {fill.exec_base for fill in self.before.fills}
        return tuple(fill for fill in self.after.fills if fill.exec_base not in seen)

    @property
    def fees(self) -> Decimal:
        """Commissions of our own orders; the clearing house, whose executions have no order, charges none."""
        ours = [fill.commission for fill in self.fills if fill.order_ref]
        assert None not in ours
        return sum((each.amount for each in ours if each), start=Decimal(0))

    @property
    def instruments(self) -> Mapping[int, Instrument]:
        """Everything held at either look."""
        return {
            each.instrument.con_id: each.instrument
            for each in (*self.before.positions, *self.after.positions)
        }

    @property
    def gone(self) -> tuple[Position, ...]:
        """What was held and is not: expired, exercised, assigned, or shares that were called away."""
        return tuple(each for con_id, each in self.before.held.items() if con_id not in self.after.held)

    @property
    def ends(self) -> Mapping[int, Decimal]:
        """What is gone was worth at its end, per share: its cash, what its exercise brings, or its price."""
        return {each.instrument.con_id: self._end(each.instrument) for each in self.gone}

    def _end(self, option: Instrument) -> Decimal:
        if not isinstance(option, OptionContract):
            return self.after.spots[option.symbol]
        if option.symbol in CASH_SETTLED:
            (fill,) = [fill for fill in self.fills if fill.con_id == option.con_id]
            return fill.price
        return max(Decimal(0), sign(option) * (self.after.spots[option.symbol] - option.strike))

    def _level(self, option: Instrument) -> Decimal:
        """The underlying's price at which something ended: its settlement, where that paid something."""
        if isinstance(option, OptionContract) and option.symbol in CASH_SETTLED and self.ends[option.con_id]:
            return option.strike + sign(option) * self.ends[option.con_id]
        return self.after.spots[option.symbol]

    @property
    def last(self) -> Mapping[int, Decimal]:
        """Marks of the second look, and the worth of what is gone."""
        return {**self.after.marks, **self.ends}

    @property
    def of_marks(self) -> Decimal:
        """What the rows held gained by their marks, cash."""
        then, now = self.before.marks, self.last
        return sum(
            (
                (now[con_id] - then[con_id]) * each.quantity * each.instrument.multiplier
                for con_id, each in self.before.held.items()
            ),
            start=Decimal(0),
        )

    @property
    def of_trades(self) -> Decimal:
        """What executions gained until the second look, cash: premiums, exercise and settlement."""
        return sum((self._gain(fill) for fill in self.fills), start=Decimal(0))

    def _gain(self, fill: Fill) -> Decimal:
        quantity = fill.quantity if fill.side == "BUY" else -fill.quantity
        return (self.last[fill.con_id] - fill.price) * quantity * self.instruments[fill.con_id].multiplier

    @property
    def dividends(self) -> Decimal:
        """Cash of shares that were held when they went ex, as the broker announced it."""
        total = Decimal(0)
        for each in self.before.positions:
            ex, cash = self.before.dividends.get(each.instrument.symbol, (date.max, 0.0))
            is_due = self.before.at.date() < ex <= self.after.at.date()
            if is_due and each.instrument.sec_type is SecType.STK:
                total += Decimal(str(cash)) * each.quantity
        return total

    @property
    def walks(self) -> tuple[Walk, ...]:
        """What was held, from the first marks to the last; each gone option to its own settlement."""
        alive = [each for con_id, each in self.before.held.items() if con_id not in self.ends]
        ways = [self._walk(alive, {})]
        ways += [
            self._walk([each], {each.instrument.symbol: self._level(each.instrument)}) for each in self.gone
        ]
        return tuple(ways)

    def _walk(self, positions: Sequence[Position], levels: Mapping[str, Decimal]) -> Walk:
        first = self.before.book(positions, self.before.marks, self.before.spots)
        last = self.after.book(positions, self.last, {**self.after.spots, **levels})
        return walk(first, last, days=self.days)


def amount(told: Money | None) -> Decimal:
    """Of a figure that the broker must have told."""
    assert told is not None
    return told.amount


def sign(option: OptionContract) -> int:
    """1 for a call, -1 for a put."""
    return 1 if option.right is Right.CALL else -1


@dataclass(slots=True)
class Account:
    """The account's gateway and the exchange's clock."""

    server: EmbeddedServer
    gateway: TwsGateway
    days: DayPnlService
    books: HeldBooks
    widths: dict[int, Decimal] = field(default_factory=dict)

    @classmethod
    async def opened(cls, seed: int) -> Account:
        """On a Monday morning, with cash and shares and nothing else."""
        endowment = Endowment(cash=Decimal(2_000_000), holdings=(("SPY", SHARES),))
        rules = Rules(rate=10**9)
        server = EmbeddedServer(
            SimSettings(seed=seed, start=MONDAY, frozen=True, rules=rules, endowment=endowment)
        )
        await server.start()
        gateway = TwsGateway(TwsSettings(port=server.port, messages_per_s=1000, linger_s=0.01))
        pulse = Pulse()
        gateway.broker.subscribe(pulse.beat)
        await gateway.start()
        await pulse.until(lambda: gateway.broker.link().connected)
        return cls(server, gateway, *_services(gateway))

    async def close(self) -> None:
        """Let go of both."""
        await self.gateway.stop()
        await self.server.close()

    async def lived(self) -> tuple[Day, ...]:
        """The morning of the purchases, then from close to close."""
        looks = [await self.look()]
        await self.buy()
        looks.append(await self.look())
        for moment in CLOSES:
            self.server.run(parse(f"advance {moment}"))
            looks.append(await self.look())
        return tuple(Day(*pair, self.widths) for pair in pairwise(looks))

    def forget(self) -> None:
        """What the day's P&L has kept, as a program that has just begun."""
        self.days, self.books = _services(self.gateway)

    async def buy(self) -> None:
        """Every order of the table, at a limit that the market takes."""
        for name, (quantity, legs) in ORDERS.items():
            combo = Combo(tuple([await self._leg(each) for each in legs]))
            quotes = {
                quote.instrument.con_id: quote
                for quote in await self.gateway.market.quotes([leg.contract for leg in combo.legs])
            }
            self.widths |= {
                con_id: quote.quote_width.amount / 2 for con_id, quote in quotes.items() if quote.quote_width
            }
            limit = (combo.net_ask(quotes) + Premium.of("0.30")).rounded_to(Decimal("0.05"))
            self._send(name, combo, quantity, limit)

    async def _leg(self, wanted: Wanted) -> Leg:
        underlying = await self.gateway.directory.underlying(wanted.symbol)
        spot = (await self._spots([underlying]))[wanted.symbol] * Decimal(str(1 + wanted.off))
        listed = await self.gateway.directory.options(
            underlying, wanted.expiry, right=wanted.right, trading_class=wanted.trading_class
        )
        return Leg(contract=min(listed, key=lambda each: abs(each.strike - spot)), ratio=wanted.ratio)

    def _send(self, name: str, combo: Combo, quantity: int, limit: Premium) -> None:
        broker = self.gateway.broker
        order = Order(
            combo=combo, quantity=quantity, order_type=OrderType.LMT, limit=limit,
            account=broker.link().account, environment=Environment.SIM, order_ref=f"SP1-{name}",
        )  # fmt: skip
        order_id = broker.reserve_order_id()
        broker.transmit(broker.encode(order, order_id), order_id)

    async def look(self) -> Look:
        """Everything at this moment; values of positions are told before the answers that are waited for."""
        gateway = self.gateway
        await gateway.sync_clock()
        underlyings = [await gateway.directory.underlying(each) for each in SYMBOLS]
        figures = await gateway.accounts.figures()
        positions = tuple(await gateway.accounts.positions())
        statistics = await gateway.market.statistics(underlyings)
        executions = await gateway.broker.executions()
        return Look(
            at=self.server.venue.now,
            figures=figures,
            positions=positions,
            fills=tuple(fill for fill in executions if fill.sec_type != SecType.BAG),
            told=await self.days.of(await self.books.now(group_by=GroupBy.LEG)),
            spots=await self._spots(underlyings) | _marked_shares(positions),
            dividends={
                each.symbol: (said.dividends.next_date, said.dividends.next_amount)
                for each, said in zip(underlyings, statistics, strict=True)
                if said.dividends and said.dividends.next_date and said.dividends.next_amount
            },
        )

    async def _spots(self, underlyings: Sequence[Underlying]) -> dict[str, Decimal]:
        quotes = await self.gateway.market.quotes(underlyings)
        return {each.instrument.symbol: each.last.amount for each in quotes if each.last is not None}


class NoPast(DailyCloses):
    """A year of bars is long to make, and no day's P&L rests on it."""

    async def of(self, underlyings: Iterable[Underlying]) -> Mapping[str, Closes | Missing]:
        return {each.symbol: Missing("not_asked", "not asked") for each in underlyings}


def _services(gateway: TwsGateway) -> tuple[DayPnlService, HeldBooks]:
    summary = desk_of(gateway).summary
    past = NoPast(market=gateway.market, clock=gateway.clock)
    return summary.day, replace(summary.books, closes=past)


def _marked_shares(positions: Iterable[Position]) -> dict[str, Decimal]:
    return {
        each.instrument.symbol: each.market_price
        for each in positions
        if each.instrument.sec_type is SecType.STK and each.market_price is not None
    }
