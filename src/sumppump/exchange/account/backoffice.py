"""What is done for the account when no order asks for it: at the open, at the close, and in between.

At the open, with the marks of the close before: interest accrues, shares go ex and split, dividends are paid,
futures are settled, the day's books begin; then what the open settles ends. At the close: expiry, what
holders wished to exercise, and what is assigned to us early. In between the margin is watched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sumppump.exchange.account import corporate_actions as actions
from sumppump.exchange.account.account import Account
from sumppump.exchange.account.backoffice_state import BackofficeState
from sumppump.exchange.account.corporate_actions import Ratio
from sumppump.exchange.account.early_assignment import Evening, exercised_share
from sumppump.exchange.account.exercise import Holdings, Wish, Wishes, refusal_of, wish_view
from sumppump.exchange.account.interest import BENCHMARKS, accrue
from sumppump.exchange.account.liquidation import LOOK_EVERY_MS, Liquidation
from sumppump.exchange.account.margin_check import MarginDesk
from sumppump.exchange.account.settlement import Outcome, Settlement, in_money
from sumppump.exchange.calendar.trading_days import (
    TradingSession,
    new_york_date,
    next_trading_day,
    previous_trading_day,
    session_of,
    to_ms,
)
from sumppump.exchange.commands import AccountCommand, ExerciseOption, MoveCash, OrderAssignment
from sumppump.exchange.events import AccountChanged, OrderOpened, OrderRejected, OrderStatusChanged
from sumppump.exchange.listing.contract_ids import OptionKey, option_key
from sumppump.exchange.listing.instruments import Instrument, Listing
from sumppump.exchange.listing.listing import option_listing
from sumppump.exchange.market.corporate import Corporate
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.orders.intake import Resolve
from sumppump.exchange.orders.life import BY_SYSTEM, OrderLife
from sumppump.exchange.orders.orders import legs_of
from sumppump.exchange.reports import OrderState, Refusal
from sumppump.kernel.clock import NEW_YORK

_ZERO = Decimal(0)
_DAY_MS = 86_400_000


@dataclass(slots=True)
class Backoffice:
    """Keeps one account.

    Attributes:
        forced: short options that are assigned at the next close, whether it pays their holders or not.
        reset_minute: when profit and loss begin anew, minutes after midnight in New York; None: at the open,
            from the marks of the close before.
    """

    desk: MarginDesk
    life: OrderLife
    corporate: Corporate
    settlement: Settlement
    liquidation: Liquidation
    wishes: Wishes = field(default_factory=Wishes)
    forced: frozenset[int] = frozenset()
    reset_minute: int | None = None

    @classmethod
    def of(cls, seed: int, desk: MarginDesk, life: OrderLife, corporate: Corporate) -> Backoffice:
        """The back office of an account that has done nothing yet."""
        settlement = Settlement(seed, life.clearing, desk)
        return cls(desk, life, corporate, settlement, Liquidation(desk, life))

    @property
    def account(self) -> Account:
        """The account that is kept."""
        return self.desk.account

    def state(self) -> BackofficeState:
        """What has to be kept."""
        return BackofficeState(
            wishes=self.wishes.rows,
            is_warned=self.liquidation.is_warned,
            forced=tuple(sorted(self.forced)),
            permissions=self.account.permissions,
            reset_minute=self.reset_minute,
        )

    def load(self, state: BackofficeState) -> None:
        """Takes over what a saved state holds."""
        self.wishes = Wishes(state.wishes)
        self.liquidation.is_warned = state.is_warned
        self.forced = frozenset(state.forced)
        self.account.permissions = state.permissions
        self.reset_minute = state.reset_minute

    # -- commands ---------------------------------------------------------------------------
    def carry_out(self, command: AccountCommand, resolve: Resolve, moment: Moment) -> None:
        """An instruction of a holder, or what somebody from outside does to the account."""
        match command:
            case ExerciseOption():
                self._exercise_by_hand(command, resolve(command.contract), moment)
            case MoveCash():
                self.account.pay(-command.amount, command.currency)
                self.life.out.append(AccountChanged(moment.at))
            case OrderAssignment():
                self.forced |= set(command.con_ids)

    def _exercise_by_hand(self, command: ExerciseOption, found: Instrument | Refusal, moment: Moment) -> None:
        wish = Wish(
            client_id=command.client_id,
            order_id=command.request_id,
            action=command.action,
            quantity=command.quantity,
        )
        if isinstance(found, Refusal):
            self._refuse(wish, found, moment)
        else:
            self._take(wish, found, moment, override=command.override)

    # -- the open ---------------------------------------------------------------------------
    def open(self, session: TradingSession) -> None:
        """Everything that is dated before the first trade of a day."""
        yesterday = previous_trading_day(session.day)
        before = Moment.of(session_of(yesterday).close_ms)
        marks, first = self.desk.marks(before), yesterday + timedelta(1)
        accrue(self.account, marks, session.day)
        if self.reset_minute is None:
            self.account.begin_day(marks)
        else:
            self.account.settle_futures(marks)
        actions.go_ex(self.account, self.corporate.dividends, first, session.day)
        if actions.pay_dividends(self.account, session.day):
            self.life.out.append(AccountChanged(before.at))
        self._split(first, session.day, before)

    def settle_morning(self, moment: Moment) -> None:
        """Ends what the open settles."""
        self.life.out += self.settlement.expire(Wishes(), moment)

    def _split(self, first: date, last: date, before: Moment) -> None:
        held = [self.account.find(line.con_id) for line in self.account.open_lines()]
        ordered = [leg.listing for one in self.life.books.live() for leg in legs_of(one.instrument)]
        for symbol in sorted({one.underlying for one in (*held, *ordered)}):
            for split in self.corporate.splits(symbol, first, last):
                self.split_symbol(symbol, Ratio(split.numerator, split.denominator), before)

    def split_symbol(self, symbol: str, ratio: Ratio, before: Moment) -> None:
        """Gives new shares of a symbol for old ones, at the marks of a moment before, and ends its orders."""
        for perm_id in self.life.books.live_ids():
            order = self.life.books.orders[perm_id]  # a parent takes its children along
            if order.is_live and any(leg.listing.underlying == symbol for leg in legs_of(order.instrument)):
                self.life.cancel(order, before, BY_SYSTEM)
        for line in self.account.open_lines():
            listing = self.account.find(line.con_id)
            if listing.underlying != symbol:
                continue
            told = [listing]
            if listing.is_option:
                told += self._split_option(listing, ratio, before)
            else:
                price = self.desk.mark(listing, before) * ratio.denominator / ratio.numerator
                actions.split_shares(self.account, listing, ratio, price)
            self.life.out += self.life.clearing.position_events(told, before)

    def _split_option(self, option: Listing, ratio: Ratio, before: Moment) -> list[Listing]:
        new = adjusted(option, ratio)
        actions.split_options(self.account, option, ratio, new, self.desk.mark(option, before))
        return [] if new is None else [new]

    # -- the day ----------------------------------------------------------------------------
    def next_stop(self, moment_ms: int, span: TradingSession) -> int:
        """When something is to be done next that is no order's business."""
        return min(self._next_look(moment_ms, span), self._next_reset(moment_ms))

    def _next_reset(self, moment_ms: int) -> int:
        if self.reset_minute is None:
            return moment_ms + _DAY_MS
        today = new_york_date(moment_ms)
        resets = (self._reset_on(today + timedelta(ahead)) for ahead in (0, 1))
        return next(at for at in resets if at > moment_ms)

    def _reset_on(self, day: date) -> int:
        hour, minute = divmod(self.reset_minute or 0, 60)
        return to_ms(datetime.combine(day, time(hour, minute), tzinfo=NEW_YORK))

    def _next_look(self, moment_ms: int, span: TradingSession) -> int:
        """When the margin is looked at next; never by night, nor while nothing is held."""
        if not span.is_regular or not (self.account.lines or self.life.books.live_ids()):
            return span.close_ms
        return moment_ms - (moment_ms - span.open_ms) % LOOK_EVERY_MS + LOOK_EVERY_MS

    def look(self, moment: Moment) -> None:
        """Does what is due, on a grid so that it does not matter how time is cut up."""
        if self.reset_minute is not None and moment.ms == self._reset_on(new_york_date(moment.ms)):
            self.account.begin_day(self.desk.marks(moment))
            self.life.out.append(AccountChanged(moment.at))
        if moment.is_open and (moment.ms - moment.session.open_ms) % LOOK_EVERY_MS == 0:
            self.liquidation.look(moment)

    def _take(self, wish: Wish, instrument: Instrument, moment: Moment, *, override: bool) -> None:
        """Takes an instruction of a holder, or says why not."""
        fault = refusal_of(wish, instrument, self._at(instrument, moment), override=override)
        if fault is not None:
            self._refuse(wish, fault, moment)
            return
        wish = replace(wish, con_id=instrument.con_id, perm_id=self.life.books.new_perm_id())
        self.wishes = Wishes((*self.wishes.rows, wish))
        self._tell(wish, instrument, OrderState.PRE_SUBMITTED, moment)

    def _refuse(self, wish: Wish, fault: Refusal, moment: Moment) -> None:
        """Says why an instruction is not taken."""
        self.life.out.append(OrderRejected(moment.at, wish.client_id, wish.order_id, fault.code, fault.text))

    def _tell(self, wish: Wish, option: Instrument, state: OrderState, moment: Moment) -> None:
        view = wish_view(wish, option, state, moment.at)
        self.life.out += (OrderOpened(moment.at, view), OrderStatusChanged(moment.at, view))

    def _at(self, instrument: Instrument, moment: Moment) -> Holdings:
        if not isinstance(instrument, Listing) or not instrument.is_option:
            return Holdings(held=_ZERO, named=0, gain=_ZERO, is_last_day=False)
        price = self.desk.mark(self.account.find(instrument.under_con_id), moment)
        day = session_of(moment.session.day) if moment.is_open else moment.session
        ends = instrument.last_trade
        return Holdings(
            held=self.account.quantity(instrument.con_id),
            named=self.wishes.named(instrument.con_id),
            gain=in_money(instrument, price),
            is_last_day=ends is not None and ends.date() <= day.day,
        )

    # -- the close --------------------------------------------------------------------------
    def close(self, moment: Moment) -> None:
        """Everything that is dated after the last trade of a day."""
        held = {wish.con_id: self.account.quantity(wish.con_id) for wish in self.wishes.rows}
        self.life.out += self.settlement.expire(self.wishes, moment)
        self._exercise(moment)
        self._assign(moment)
        for wish in self.wishes.rows:
            state = OrderState.FILLED if held[wish.con_id] > 0 else OrderState.CANCELLED
            self._tell(wish, self.account.find(wish.con_id), state, moment)
        self.wishes, self.forced = Wishes(), frozenset()

    def _exercise(self, moment: Moment) -> None:
        for con_id in self.wishes.early():
            held = self.account.quantity(con_id)
            count = self.wishes.exercised(con_id, held, _ZERO) if held > 0 else _ZERO
            if count:
                outcome = Outcome(self.account.find(con_id), held, count)
                self.life.out += self.settlement.turn(outcome, moment, is_early=True)

    def _assign(self, moment: Moment) -> None:
        for line in self.account.open_lines():
            option = self.account.find(line.con_id)
            if line.quantity >= 0 or not option.is_option or option.is_cash_settled:
                continue
            forced = option.con_id in self.forced
            share = 1.0 if forced else exercised_share(option, self._evening(option, moment))
            count = self.settlement.drawn(option, -line.quantity, share, f"{moment.session.day}")
            if count:
                outcome = Outcome(option, line.quantity, -count)
                self.life.out += self.settlement.turn(outcome, moment, is_early=True)

    def _evening(self, option: Listing, moment: Moment) -> Evening:
        today = moment.session.day
        tomorrow = next_trading_day(today)
        due = self.corporate.dividends(option.underlying, today + timedelta(1), tomorrow)
        return Evening(
            spot=self.desk.mark(self.account.find(option.under_con_id), moment),
            bid=self.desk.bid(option, moment),
            dividend=sum((one.amount for one in due), start=_ZERO),
            rate=BENCHMARKS["USD"],
            nights=(tomorrow - today).days,
        )


def adjusted(option: Listing, ratio: Ratio) -> Listing | None:
    """The same option for the new shares; None where no such strike can be listed."""
    key = option_key(option.con_id)
    if key is None or ratio.numerator % ratio.denominator:
        return None
    units, rest = divmod(key.units * ratio.denominator, ratio.numerator)
    if rest or not units:
        return None
    return option_listing(OptionKey(key.trading_class, key.expiry, key.right, units))
