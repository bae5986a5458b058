"""The embedded exchange without its doors: commands in, events out, no clock but its own, no I/O.

Same seed, start and commands give the same events and the same answers, however `advance` is cut
into pieces and whoever asks for quotes: the market is a pure function of seed and time, and orders look at it
on its own grid of steps. The parts, from the bottom: `market` (paths), `quotes` and `tape` (what shows),
`listing` (what is traded), `matching` and `margin` (rules), `life` and `intake` (orders), `account`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from sumppump.exchange.account.account import load, new_account, state_of
from sumppump.exchange.account.account_rows import account_rows
from sumppump.exchange.account.backoffice import Backoffice
from sumppump.exchange.account.clearing import Clearing
from sumppump.exchange.account.currencies import ExchangeRates
from sumppump.exchange.account.endowment import STARTING_CASH
from sumppump.exchange.account.figures import Figures
from sumppump.exchange.account.margin_check import MarginDesk
from sumppump.exchange.account.valuation import Marks
from sumppump.exchange.calendar.trading_days import (
    TradingSession,
    latest_session,
    new_york_date,
    session_of,
    span_at,
    to_datetime,
    to_ms,
    trading_day_on_or_before,
)
from sumppump.exchange.commands import (
    BindOrders,
    CancelOrder,
    Command,
    ExerciseOption,
    GlobalCancel,
    ManualCancel,
    ManualOrder,
    MoveCash,
    OrderAssignment,
    PlaceOrder,
    ReviseExecution,
)
from sumppump.exchange.events import Event, SessionClosed, SessionOpened
from sumppump.exchange.history.bar_series import BarSeries
from sumppump.exchange.history.history import History
from sumppump.exchange.listing.board import Board
from sumppump.exchange.listing.contract_search import NO_DEFINITION, each_contract, match_symbols, resolve
from sumppump.exchange.listing.instruments import BAG_CON_ID, Bag, ContractQuery, Instrument, Listing
from sumppump.exchange.listing.listing import listing_of
from sumppump.exchange.listing.market_rules import MARKET_RULES
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.calculator import Calculator
from sumppump.exchange.market.daily_figures import DailyFigures
from sumppump.exchange.market.depth_books import DepthBooks
from sumppump.exchange.market.exchange_maps import ExchangeMaps
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.market_statistics import MarketStatistics
from sumppump.exchange.market.option_data import OptionData
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.randomness import key_of
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.market.steps import Steps, finished
from sumppump.exchange.market.stock_data import StockData
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.market.tick_arrays import TickArrays
from sumppump.exchange.market.tick_record import TickRecord
from sumppump.exchange.market.tops import Moment, TopSource
from sumppump.exchange.newsroom.news import NewsWire
from sumppump.exchange.newsroom.scanner import Scanner
from sumppump.exchange.orders.agenda import Agenda
from sumppump.exchange.orders.books import Books
from sumppump.exchange.orders.conditions import Conditions
from sumppump.exchange.orders.corrections import revised
from sumppump.exchange.orders.intake import Intake
from sumppump.exchange.orders.life import OrderLife
from sumppump.exchange.orders.locating import Locator
from sumppump.exchange.orders.matching import price_from, touch_of
from sumppump.exchange.orders.orders import legs_of, scale_of
from sumppump.exchange.orders.stepping import Stepping
from sumppump.exchange.reports import (
    AccountValue,
    Bar,
    BarsQuery,
    BookTop,
    CommissionReport,
    Execution,
    ExecutionFilter,
    OptionParams,
    OrderView,
    PnL,
    PortfolioRow,
    PositionView,
    Refusal,
)
from sumppump.exchange.state import VERSION, Packing, VenueState, unpacked

EVERY_EXECUTION = ExecutionFilter()
_SIDES = {"BUY": "BOT", "SELL": "SLD"}
_FIRST_PERM_ID, _PERM_IDS = 1_200_000_000, 700_000_000


def account_of(seed: int) -> str:
    """The account that belongs to a seed: SIM and seven digits."""
    return f"SIM{1_000_000 + key_of(seed, 'account') % 9_000_000}"


class Venue:
    """One exchange with one account."""

    def __init__(
        self, *, seed: int, start: datetime, account: str | None = None, cash: Decimal = STARTING_CASH
    ) -> None:
        """A venue at `start` (aware); `account` defaults to SIM and seven digits drawn from the seed."""
        self._seed = seed
        self._start_ms = self._now_ms = to_ms(start)
        start_day = trading_day_on_or_before(new_york_date(self._start_ms))
        market = self.market = Market(seed, start_day)
        self._quoter = Quoter(market)
        self._tape = Tape(self._quoter)
        self._stocks = StockData(self._quoter, self._tape)
        self._options = OptionData(self._quoter, self._tape)
        arrays = TickArrays(self._quoter, self._tape, self._options)
        self.history = History(BarSeries(self._quoter, self._stocks, arrays), market)
        self.news = NewsWire(market)
        self._board = Board(start_day, market.close)
        self.ticks = TickRecord(seed, arrays, self._listed, lambda: self._now_ms)
        self.calculator = Calculator(self._quoter, self._options)
        self.depth = DepthBooks(seed)
        self.exchange_maps = ExchangeMaps(seed, self.ticks)
        daily = DailyFigures(market, self._tape, self._bars_in_steps, self.history.first_day)
        self.statistics = MarketStatistics(market, self.ticks, daily, self._moment, self.quote)
        self.scanner = Scanner(self, market, self._stocks, self._tape, self.statistics)
        self._source = TopSource(self._quoter, self._options)
        # A tape is read forwards, so what is shown with a delay needs readers of its own.
        self._late_options = OptionData(self._quoter, self._tape)
        self._late_source = TopSource(self._quoter, self._late_options)
        first_perm_id = _FIRST_PERM_ID + key_of(seed, "perm id") % _PERM_IDS
        self._books = Books(next_perm_id=first_perm_id)
        self._account = new_account(account or account_of(seed), cash, listing_of, self.today)
        self._desk = MarginDesk(self._account, self._source, ExchangeRates(self._source))
        clearing = Clearing(seed, self._books, self._account)
        conditions = Conditions(self._books, self._source, self._book_at, self.listing, self._desk.cushion)
        self._life = OrderLife(self._books, clearing, self._source, conditions, key_of(seed, "luck"))
        self.backoffice = Backoffice.of(seed, self._desk, self._life, market.corporate)
        locator = Locator(
            key_of(seed, "locate"), lambda one: self.statistics.lending(one), self._account.quantity
        )
        self._intake = Intake(self._books, self._life, self._desk, locator, self.resolve)
        self._agenda = Agenda(self._books, self._life, self._intake)
        self._stepping = Stepping(self._books, self._life, self._agenda)
        self._packing = Packing()

    # -- time and commands ------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The exchange's time, UTC."""
        return to_datetime(self._now_ms)

    @property
    def account(self) -> str:
        """The account's id."""
        return self._account.name

    @property
    def seed(self) -> int:
        """The market's seed."""
        return self._seed

    @property
    def start(self) -> datetime:
        """The exchange's time when it began."""
        return to_datetime(self._start_ms)

    @property
    def today(self) -> date:
        """The date in New York."""
        return new_york_date(self._now_ms)

    @property
    def books(self) -> Books:
        """Orders, executions and ids; `books.quirks` is where trouble with orders is laid out."""
        return self._books

    def is_open(self) -> bool:
        """Whether regular trading is on at `now`."""
        return self._moment().is_open

    def apply(self, command: Command) -> Sequence[Event]:
        """Carries a command out at `now`."""
        moment = self._moment()
        match command:
            case PlaceOrder():
                self._intake.place(command, moment)
            case CancelOrder():
                self._intake.cancel(command, moment)
            case GlobalCancel():
                self._intake.cancel_all(moment)
            case ManualOrder() | ManualCancel() | BindOrders():
                self._intake.by_hand(command, moment)
            case ReviseExecution():
                self._life.out += revised(self._life.clearing, command, moment)
            case ExerciseOption() | MoveCash() | OrderAssignment():
                self.backoffice.carry_out(command, self.resolve, moment)
        return self._emptied()

    def advance(self, until: datetime) -> Sequence[Event]:
        """Moves the clock to `until` (never back) and returns what happened on the way."""
        target = to_ms(until)
        while self._now_ms < target:
            span = span_at(self._now_ms)
            end = min(target, span.close_ms, self.backoffice.next_stop(self._now_ms, span))
            self._stepping.work(span, self._now_ms, end)
            if end == span.close_ms and not span.is_regular:
                self._open(session_of(span.day))
            self._now_ms = end
            if end == span.close_ms and span.is_regular:
                self._close(span)
            self.backoffice.look(self._moment())
        return self._emptied()

    def _open(self, session: TradingSession) -> None:
        self.backoffice.open(session)
        self._split_until(session.day)
        self._books.forget_before(session.day)
        self._now_ms = session.open_ms
        moment = self._moment()
        self._life.out.append(SessionOpened(moment.at, session.day))
        self.backoffice.settle_morning(moment)
        self._agenda.step(moment)

    def _split_until(self, day: date) -> None:
        if self.market.split_until(day):
            self._board.forget_strikes()

    def _close(self, session: TradingSession) -> None:
        moment = self._moment()
        self._life.close_auction(moment)
        self._agenda.come_due(moment)
        self.backoffice.close(moment)
        self._life.out.append(SessionClosed(moment.at, session.day))

    def moment(self, delay_ms: int = 0) -> Moment:
        """Now, or some time ago."""
        return Moment.of(self._now_ms - delay_ms)

    def shock(self, *shocks: Shock) -> None:
        """Orders moves of the market that the seed knows nothing of, from now on.

        Raises:
            ValueError: one of them began in the past.
        """
        if any(one.at_ms < self._now_ms for one in shocks):
            raise ValueError("a shock cannot begin in the past")
        self.market.order_shocks((*self.market.shocks, *shocks))

    def _moment(self) -> Moment:
        return Moment.of(self._now_ms)

    def _emptied(self) -> Sequence[Event]:
        events = tuple(self._life.out)
        self._life.out.clear()
        return events

    # -- reference data ---------------------------------------------------------------------
    def contracts(self, query: ContractQuery) -> tuple[Listing, ...]:
        """Every listed contract that fits; () for none. Also expired ones with `include_expired`."""
        return tuple(self.each_contract(query))

    def each_contract(self, query: ContractQuery) -> Iterator[Listing]:
        """The same one by one, made as they are asked for."""
        found = each_contract(self._board, query, self.today)
        return found if query.include_expired else filter(self._trades, found)

    def listing(self, con_id: int) -> Listing | None:
        """The contract with this id, None if it is not listed."""
        found = self._board.find(con_id, self.today)
        return found if found is not None and self._trades(found) else None

    def resolve(self, query: ContractQuery) -> Instrument | Refusal:
        """Exactly one instrument (BAGs too), or code 200 or 321 in TWS's words."""
        found = resolve(self._board, query, self.today)
        if isinstance(found, Refusal) or all(self._trades(leg.listing) for leg in legs_of(found)):
            return found
        return NO_DEFINITION

    def match_symbols(self, pattern: str) -> tuple[Listing, ...]:
        """Stocks whose symbol begins with, or whose name contains, `pattern`; best first."""
        return match_symbols(pattern)

    def option_params(self, symbol: str) -> tuple[OptionParams, ...]:
        """Expiries and strikes, one row per class and exchange; () for a symbol without options."""
        return tuple(self._board.params(symbol, self.now))

    def market_rule(self, rule_id: int) -> tuple[tuple[Decimal, Decimal], ...] | None:
        """Pairs (price from which on, increment), rising; None for an unknown id."""
        return MARKET_RULES.get(rule_id)

    def _trades(self, listing: Listing) -> bool:
        return listing.last_trade is None or to_ms(listing.last_trade) > self._now_ms

    def _listed(self, con_id: int) -> Listing | None:
        """The contract with this id, expired or not; None if it is not listed."""
        return self._board.find(con_id, self.today, include_expired=True)

    # -- market data ------------------------------------------------------------------------
    def quote(self, con_id: int) -> BookTop | None:
        """The market of one listed contract now; None if unknown."""
        return self.quotes((con_id,))[0]

    def quotes(
        self, con_ids: Sequence[int], *, side_greeks: bool = True, delay_ms: int = 0
    ) -> tuple[BookTop | None, ...]:
        """As `quote`, for many at once and much faster; as it was `delay_ms` ago (0 or one delay)."""
        data = self._late_options if delay_ms else self._options
        return self._quotes_at(con_ids, self.moment(delay_ms), data, side_greeks=side_greeks)

    def _book_at(self, con_id: int, moment: Moment) -> BookTop | None:
        return self._quotes_at((con_id,), moment, self._options, side_greeks=False)[0]

    def _quotes_at(
        self, con_ids: Sequence[int], moment: Moment, data: OptionData, *, side_greeks: bool
    ) -> tuple[BookTop | None, ...]:
        listings = [self.listing(con_id) for con_id in con_ids]
        options = [one for one in listings if one is not None and one.is_option]
        places = [moment.place(one) for one in options]
        tops = iter(data.tops(options, places, moment.session, moment.step, side_greeks=side_greeks))
        return tuple(self._top(one, moment, tops) for one in listings)

    def _top(self, listing: Listing | None, moment: Moment, options: Iterator[BookTop]) -> BookTop | None:
        if listing is None:
            return None
        if listing.is_option:
            return next(options)
        return self._stocks.top(BY_SYMBOL[listing.underlying], *moment.place(listing))

    def bag_quote(self, bag: Bag, *, delay_ms: int = 0) -> BookTop:
        """A combo's market, from the best quotes of its legs; prices may be negative, sizes in combos."""
        moment = self.moment(delay_ms)
        source = self._late_source if delay_ms else self._source
        touch = touch_of(bag, source.tops((leg.listing for leg in bag.legs), moment))
        scale = scale_of(bag)
        return BookTop(
            con_id=BAG_CON_ID,
            at=to_datetime(moment.session.time_of(moment.step)),
            bid=None if touch.bid is None else price_from(touch.bid, scale),
            ask=None if touch.ask is None else price_from(touch.ask, scale),
            bid_size=touch.bid_size,
            ask_size=touch.ask_size,
        )

    def bars(self, query: BarsQuery) -> tuple[Bar, ...] | Refusal:
        """History, oldest first; code 162, 321 or 200 in TWS's words otherwise."""
        return finished(self._bars_in_steps(query))

    def _bars_in_steps(self, query: BarsQuery) -> Steps[tuple[Bar, ...] | Refusal]:
        listing = self._listed(query.con_id)
        if listing is None:
            return NO_DEFINITION
        return (yield from self.history.bars_in_steps(listing, query, self._now_ms))

    def head_timestamp(self, con_id: int, what: str = "TRADES") -> datetime | None:
        """The first moment for which there is history of a kind."""
        listing = self.listing(con_id)
        return None if listing is None else self.history.head(listing, what)

    # -- orders -----------------------------------------------------------------------------
    def next_order_id(self, client_id: int) -> int:
        """An id greater than any that this client ever used; survives restarts."""
        return self._books.highest_ids.get(client_id, 0) + 1

    def roll_back_ids(self, by: int) -> None:
        """The next order ids fall behind ids that were used (a TWS whose memory was lost)."""
        self._books.roll_back_ids(by)

    def open_orders(self, client_id: int | None = None) -> tuple[OrderView, ...]:
        """Orders that live and were transmitted, of one client or of all, in order of perm id."""
        return tuple(
            order.view()
            for order in self._books.live()
            if order.is_transmitted and client_id in (None, order.client_id)
        )

    def completed_orders(self) -> tuple[OrderView, ...]:
        """Orders that ended on the exchange's current date."""
        return tuple(
            order.view()
            for _, order in sorted(self._books.orders.items())
            if order.completed_at is not None and new_york_date(to_ms(order.completed_at)) == self.today
        )

    def executions(self, wanted: ExecutionFilter = EVERY_EXECUTION) -> tuple[Execution, ...]:
        """Executions of the exchange's current date, oldest first."""
        return tuple(
            one
            for one in self._books.executions
            if new_york_date(to_ms(one.at)) == self.today and _passes(one, wanted)
        )

    def commission(self, exec_id: str) -> CommissionReport | None:
        """The commission report of one execution."""
        return self._books.commissions.get(exec_id)

    # -- account ----------------------------------------------------------------------------
    def account_values(self) -> tuple[AccountValue, ...]:
        """The account's rows, keys in alphabetical order."""
        return account_rows(self.figures())

    def figures(self) -> Figures:
        """The account's sums, from which every row is made."""
        return self._desk.figures(self._moment())

    def positions(self) -> tuple[PositionView, ...]:
        """Open positions by con id."""
        return tuple(self._account.position_view(line.con_id) for line in self._account.open_lines())

    def portfolio(self) -> tuple[PortfolioRow, ...]:
        """Open positions at the mark, and those closed today."""
        marks = self._mark_now()
        return tuple(self._account.portfolio_row(con_id, marks) for con_id in sorted(self._account.lines))

    def pnl(self) -> PnL:
        """Profit and loss of the account."""
        return self._account.pnl(self._mark_now())

    def pnl_single(self, con_id: int) -> PnL | None:
        """Profit and loss of one position; None if it was not held today."""
        return self._account.pnl_single(con_id, self._mark_now())

    def _mark_now(self) -> Marks:
        return self._desk.marks(self._moment())

    # -- state ------------------------------------------------------------------------------
    def snapshot(self) -> bytes:
        """Everything that `restore` needs, as JSON."""
        books, account = self._books, self._account
        # What was taken in a second that is over no longer means anything.
        taken = books.taken if books.taken_at == self._moment().second else {}
        return self._packing.packed(
            VenueState(
                version=VERSION,
                seed=self._seed,
                start_ms=self._start_ms,
                now_ms=self._now_ms,
                account=account.name,
                holdings=state_of(account),
                backoffice=self.backoffice.state(),
                next_perm_id=books.next_perm_id,
                next_exec=books.next_exec,
                orders=tuple(order for _, order in sorted(books.orders.items())),
                highest_ids=tuple(sorted(books.highest_ids.items())),
                executions=tuple(books.executions),
                commissions=tuple(books.commissions.values()),
                taken_at=books.taken_at if taken else 0,
                taken=tuple(sorted((*key, count) for key, count in taken.items())),
                shocks=self.market.shocks,
            )
        )

    @classmethod
    def restore(cls, state: bytes) -> Venue:
        """The venue as it was.

        Raises:
            StoreFailed: the bytes are not a snapshot of this version.
        """
        kept = unpacked(state, listing_of)
        venue = cls(seed=kept.seed, start=to_datetime(kept.start_ms), account=kept.account)
        venue._now_ms = kept.now_ms
        load(venue._account, kept.holdings)
        venue.backoffice.load(kept.backoffice)
        venue._books.load(kept)
        venue.market.order_shocks(kept.shocks)
        venue._split_until(latest_session(kept.now_ms).day)
        return venue


def _passes(execution: Execution, wanted: ExecutionFilter) -> bool:
    instrument = execution.instrument
    named = (
        (wanted.account, execution.account),
        (wanted.symbol, instrument.symbol),
        (wanted.sec_type, instrument.sec_type),
        (wanted.exchange, execution.exchange),
        (_SIDES.get(wanted.side, wanted.side), execution.side),
    )
    return (
        wanted.client_id in (0, execution.client_id)
        and (wanted.since is None or execution.at >= wanted.since)
        and all(not text or text == found for text, found in named)
    )
