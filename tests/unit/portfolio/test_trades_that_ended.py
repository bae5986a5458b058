"""Trades that no order of theirs closed: a result where it is certain, else a reason; the exchange's time."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import MONTH, NOW, SPX, SPY, FakeClock, FakeDirectory, closes, make_option
from tests.unit.portfolio.journals import ACCOUNT, Diary

from sumppump.domain import events as ev
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.expiry_close import DayClose
from sumppump.domain.instruments import Instrument, OptionContract, Right
from sumppump.domain.leg_ends import LegEnd, LegFate
from sumppump.domain.orders import Fill
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.expiry_closes import ExpiryCloses
from sumppump.portfolio.round_trips import RoundTrip, Source, round_trips, trips_of_others
from sumppump.portfolio.trade_history import HistoryQuery, TradeHistoryService

D = Decimal
CALL_600, CALL_610 = (make_option(SPY, MONTH, strike, Right.CALL) for strike in (600, 610))
SPX_CALL = make_option(SPX, MONTH, 600, Right.CALL, "SPXW")
EXPIRY, BEFORE = closes(MONTH), NOW + timedelta(days=2)


def combo(*legs: tuple[int, Instrument]) -> Combo:
    return Combo(tuple(Leg(contract=contract, ratio=ratio) for ratio, contract in legs))


def end(
    contract: Instrument,
    quantity: int,
    fate: LegFate,
    price: str | None = "0",
    *,
    shares: int = 0,
) -> LegEnd:
    return LegEnd(
        con_id=contract.con_id,
        label=contract.label,
        symbol=contract.symbol,
        quantity=quantity,
        fate=fate,
        multiplier=contract.multiplier,
        price=None if price is None else D(price),
        shares=shares,
        strike=contract.strike if isinstance(contract, OptionContract) and shares else None,
    )


def left(held: Combo, price: str, *ends: LegEnd, at: datetime | None = EXPIRY, quantity: int = 1) -> Diary:
    """A journal of one trade, entered with a fee of 1.30, of which everything left so."""
    diary = Diary()
    diary.opens("one", held, price, quantity=quantity)
    gone = ev.LeftElsewhere(strategy_id="one", held=0, evidence="expired", at=at, legs=ends)
    diary.write(gone, at=NOW + timedelta(days=300))  # the machine's clock is wrong, and does not matter
    return diary


def trip_of(diary: Diary) -> RoundTrip:
    (trip,) = round_trips(diary.book)
    return trip


def test_a_credit_that_expires_worthless_keeps_its_premium_less_its_fees() -> None:
    """3.00 received on two: 600.00 less 1.30."""
    spread = combo((-1, CALL_600), (1, CALL_610))
    trip = trip_of(
        left(
            spread, "-3.00", end(CALL_600, -2, LegFate.EXPIRED), end(CALL_610, 2, LegFate.EXPIRED), quantity=2
        )
    )
    assert (trip.pnl, trip.reason, trip.source) == (Money.of("598.70"), "", Source.EXECUTIONS)
    assert (trip.exit, trip.quantity, trip.left) == (Premium.of("0"), D(2), 0)
    assert (trip.opened_at, trip.closed_at) == (NOW, EXPIRY)
    assert trip.exits == ("expired worthless",)


def test_cash_settlement_pays_what_the_clearing_house_told() -> None:
    """Sold at 5.00, settled at 7.25: -225.00 and the fee."""
    trip = trip_of(left(combo((-1, SPX_CALL)), "-5.00", end(SPX_CALL, -1, LegFate.CASH_SETTLED, "7.25")))
    assert trip.pnl == Money.of("-226.30")
    assert (trip.exit, trip.exits) == (Premium.of("7.25"), ("settled in cash",))


def test_a_spread_of_which_both_legs_brought_shares_made_its_width() -> None:
    """Bought at 600 by exercise and delivered at 610: nothing is left, 1,000 less 4.00 and the fee."""
    trip = trip_of(
        left(
            combo((1, CALL_600), (-1, CALL_610)),
            "4.00",
            end(CALL_600, 1, LegFate.EXERCISED, shares=100),
            end(CALL_610, -1, LegFate.ASSIGNED, shares=-100),
        )
    )
    assert trip.pnl == Money.of("598.70")


def test_a_covered_call_that_was_called_away_made_strike_less_entry() -> None:
    """590.00 a share net, sold at 610: 2,000 less the fee."""
    trip = trip_of(
        left(
            combo((100, SPY), (-1, CALL_610)),
            "590.00",
            end(SPY, 100, LegFate.DELIVERED, "610"),
            end(CALL_610, -1, LegFate.ASSIGNED, shares=-100),
        )
    )
    assert (trip.pnl, trip.reason) == (Money.of("1998.70"), "")


def test_shares_that_stay_leave_the_result_open_and_the_reason_says_at_what() -> None:
    """A call sold at 5.00 and assigned: the premium is no win while 100 shares are owed at 600."""
    trip = trip_of(left(combo((-1, CALL_600)), "-5.00", end(CALL_600, -1, LegFate.ASSIGNED, shares=-100)))
    assert trip.pnl is None
    assert "assigned: 100 shares of SPY are owed at 600" in trip.reason
    assert "what ended made +498.70 USD alone" in trip.reason


def test_shares_that_came_and_went_at_two_strikes_have_made_the_difference() -> None:
    """A put butterfly at 0.66: 100 sold at 688, 200 bought at 685; 300 less 66 and the fee, 100 stay."""
    low, body, high = (make_option(SPY, MONTH, strike, Right.PUT) for strike in (682, 685, 688))
    trip = trip_of(
        left(
            combo((1, low), (-2, body), (1, high)),
            "0.66",
            end(low, 1, LegFate.EXPIRED),
            end(body, -2, LegFate.ASSIGNED, shares=200),
            end(high, 1, LegFate.EXERCISED, shares=-100),
        )
    )
    assert trip.pnl is None
    assert trip.reason == ("assigned: 100 shares of SPY came in at 685; what ended made +232.70 USD alone")


def test_shares_that_stay_at_two_strikes_are_named_with_both() -> None:
    """Two puts that were owed at 600 and 610: nothing is won or lost by the shares yet."""
    low, high = (make_option(SPY, MONTH, strike, Right.PUT) for strike in (600, 610))
    ends = (end(put, -1, LegFate.ASSIGNED, shares=100) for put in (low, high))
    trip = trip_of(left(combo((-1, low), (-1, high)), "-5.00", *ends))
    assert "100 shares of SPY came in at 600; assigned: 100 shares of SPY came in at 610" in trip.reason
    assert "what ended made +498.70 USD alone" in trip.reason


def test_a_leg_that_lives_on_leaves_the_result_open() -> None:
    later = make_option(SPY, MONTH + timedelta(days=28), 600, Right.CALL)
    calendar = combo((-1, CALL_600), (1, later))
    ends = (end(CALL_600, -1, LegFate.EXPIRED), end(later, 1, LegFate.KEPT, "9.00"))
    trip = trip_of(left(calendar, "4.00", *ends))
    assert trip.pnl is None
    assert trip.reason.startswith("still held: +1 SPY 2027-01-15 600C")
    assert trip.closed_at == EXPIRY


def test_a_leg_whose_end_nobody_told_leaves_no_result() -> None:
    trip = trip_of(left(combo((-1, CALL_600)), "-5.00", end(CALL_600, -1, LegFate.UNTOLD, None)))
    assert (trip.pnl, trip.exit) == (None, None)
    assert "no execution tells the result" in trip.reason


@pytest.mark.parametrize(
    ("seen", "closed"),
    [
        (EXPIRY + timedelta(days=3), EXPIRY),
        (NOW + timedelta(days=2), NOW + timedelta(days=2)),
        (None, EXPIRY),
    ],
)
def test_a_trade_ended_when_it_was_seen_to_or_when_its_options_had_ended(
    seen: datetime | None, closed: datetime
) -> None:
    """The program was off over the expiry; the position was closed in TWS before it; a row of old."""
    trip = trip_of(left(combo((-1, CALL_600)), "-5.00", end(CALL_600, -1, LegFate.EXPIRED), at=seen))
    assert trip.closed_at == closed


def test_what_was_closed_and_what_expired_make_one_result() -> None:
    """Two sold at 3.00: one bought back at 1.00, one worthless: 200 + 300 less 1.30 and 1.30."""
    diary = Diary()
    diary.opens("one", combo((-1, CALL_600)), "-3.00", quantity=2)
    diary.closes("one", "1.00")
    ends = (end(CALL_600, -1, LegFate.EXPIRED),)
    diary.write(ev.LeftElsewhere(strategy_id="one", held=0, evidence="expired", at=EXPIRY, legs=ends))
    trip = trip_of(diary)
    assert (trip.pnl, trip.quantity, trip.closed_at) == (Money.of("497.40"), D(2), EXPIRY)
    assert trip.exits == ("close", "expired worthless")


def cleared(contract: Instrument, side: str, price: str, realized: str, *, number: int = 1) -> Fill:
    return Fill(
        exec_base=f"clear.{number}", revision=1, order_ref="", perm_id=0, order_id=0, client_id=0,
        account=ACCOUNT, con_id=contract.con_id, sec_type=contract.sec_type, symbol=contract.symbol,
        side=side, quantity=D(1), price=D(price), at=EXPIRY, commission=Money.of(0),
        realized_pnl=Money.of(realized),
    )  # fmt: skip


def test_what_the_clearing_house_did_to_our_legs_is_no_trade_of_others() -> None:
    """And what it did to contracts of strangers is one trip each, not one for all that has no order."""
    diary = left(combo((-1, CALL_600)), "-5.00", end(CALL_600, -1, LegFate.ASSIGNED, shares=-100))
    fills = [
        cleared(CALL_600, "BUY", "0", "498.70"),
        cleared(SPY, "SELL", "600", "120.00", number=2),
        cleared(SPX_CALL, "BUY", "3.35", "-174.04", number=3),
        cleared(CALL_610, "SELL", "0", "-80.00", number=4),
    ]
    trips = trips_of_others(diary.book, fills)
    assert sorted((trip.trade_id, trip.pnl) for trip in trips) == [
        ("exec clear.3", Money.of("-174.04")),
        ("exec clear.4", Money.of("-80.00")),
    ]
    assert {trip.exits for trip in trips} == {("expiry, exercise or assignment",)}


class _Silent:
    async def executions(self) -> list[Fill]:
        return []


async def test_a_long_trade_that_expired_today_is_among_todays_and_counts_as_won() -> None:
    """Opened 30 days before: by the time of its entry it would be no trade of today."""
    diary = left(combo((-1, CALL_600)), "-5.00", end(CALL_600, -1, LegFate.EXPIRED))
    clock = FakeClock(EXPIRY + timedelta(hours=1))
    service = TradeHistoryService(broker=_Silent(), book=lambda: diary.book, clock=clock)  # type: ignore[arg-type]
    today = await service.closed_today()
    assert (today.tally.wins, today.unknown) == (1, 0)
    assert len((await service.history(HistoryQuery(days_back=5))).trips) == 1


SPX_610 = make_option(SPX, MONTH, 610, Right.CALL, "SPXW")
MORNING = make_option(SPX, MONTH, 600, Right.CALL, "SPX")


def by_close(held: Combo, price: str, close: str, *, symbol: str = "SPX", is_cash: bool = True) -> RoundTrip:
    """A trade of which the broker told nothing, with the underlying's close of its last day."""
    ends = (end(leg.contract, leg.ratio, LegFate.UNTOLD, None) for leg in held.legs)
    diary = left(held, price, *ends)
    (trip,) = round_trips(diary.book, {(symbol, MONTH): DayClose(D(close), is_cash)})
    return trip


def test_an_index_option_that_nobody_told_of_is_settled_by_the_close_of_its_day() -> None:
    """Sold at 5.00 and bought at 2.00: at 604.25 the lower one pays 4.25, the other nothing."""
    trip = by_close(combo((-1, SPX_CALL), (1, SPX_610)), "-3.00", "604.25")
    assert trip.pnl == Money.of("-126.30")
    assert (trip.source, trip.exit) == (Source.CLOSE, Premium.of("4.25"))
    assert trip.exits == ("settled in cash", "expired worthless")


def test_what_is_settled_on_opening_prints_is_not_told_by_a_close() -> None:
    trip = by_close(combo((-1, MORNING)), "-5.00", "550")
    assert (trip.pnl, trip.source) == (None, None)


@pytest.mark.parametrize(
    ("close", "pnl"), [("590", "598.70"), ("597", None), ("605", None), ("613", None), ("620", "-401.30")]
)
def test_far_from_the_strikes_the_close_tells_what_options_on_shares_made(
    close: str, pnl: str | None
) -> None:
    """A credit of 6.00 for ten dollars: kept, lost in full; in doubt near a strike and between the two."""
    trip = by_close(combo((-1, CALL_600), (1, CALL_610)), "-6.00", close, symbol="SPY", is_cash=False)
    assert trip.pnl == (None if pnl is None else Money.of(pnl))


class _Bars:
    """Daily bars, counted; a broker that has none may be asked again."""

    def __init__(self, *days: tuple[datetime, str]) -> None:
        self.days, self.asked = days, 0

    async def bars(self, instrument: Instrument, **said: object) -> list[Bar]:
        self.asked += 1
        if not self.days:
            raise GatewayUnavailable("no history came")
        return [
            Bar(start=day, open=D(1), high=D(1), low=D(1), close=D(close), volume=1)
            for day, close in self.days
        ]


async def test_closes_are_asked_for_once_and_their_absence_is_no_error() -> None:
    diary = left(combo((-1, SPX_CALL)), "-5.00", end(SPX_CALL, -1, LegFate.UNTOLD, None))
    clock = FakeClock(EXPIRY + timedelta(days=3))
    midnight = EXPIRY.replace(hour=5, minute=0)
    market = _Bars((midnight, "604.25"), (midnight + timedelta(days=1), "900"))
    closes = ExpiryCloses(directory=FakeDirectory(), market=market, clock=clock)  # type: ignore[arg-type]
    for _ in range(2):
        assert await closes.of(diary.book) == {("SPX", MONTH): DayClose(D("604.25"), is_cash=True)}
    assert market.asked == 1
    silent = ExpiryCloses(directory=FakeDirectory(), market=_Bars(), clock=clock)  # type: ignore[arg-type]
    assert await silent.of(diary.book) == {}
