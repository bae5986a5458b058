"""What was closed and what it made: results by hand, losses judged with their sign, ignorance admitted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import MONTH, NOW, SPX, SPY, FakeClock, make_option
from tests.unit.portfolio.journals import ACCOUNT, Diary

from sumppump.domain import events as ev
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Right
from sumppump.domain.orders import Fill, Purpose
from sumppump.domain.trade_endings import ELSEWHERE
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.equity import EquityHistory
from sumppump.portfolio.round_trips import NOT_TOLD, OTHERS, Kind, Source, round_trips
from sumppump.portfolio.trade_history import HistoryQuery, TradeHistory, TradeHistoryService, tally
from sumppump.ports.equity import EquityDay
from sumppump.server.portfolio.trade_history_views import history_answer
from sumppump.server.text import render

D = Decimal
LATER = NOW + timedelta(hours=1)
WORTH = EquityHistory((EquityDay(NOW.date(), NOW, Money.of(100_000)),))


def spread(underlying: object = SPY) -> Combo:
    low, high = (make_option(underlying, MONTH, strike, Right.CALL) for strike in (600, 610))  # type: ignore[arg-type]
    return Combo((Leg(contract=low, ratio=1), Leg(contract=high, ratio=-1)))


def fill(perm_id: int, pnl: str | None, at: datetime = NOW, **said: object) -> Fill:
    """An execution of another hand."""
    made = Fill(
        exec_base=f"other.{perm_id}.{pnl}", revision=1, order_ref="", perm_id=perm_id, order_id=0,
        client_id=0, account=ACCOUNT, con_id=1, sec_type="OPT", symbol="AAPL", side="SELL", quantity=D(2),
        price=D("1.50"), at=at, realized_pnl=None if pnl is None else Money.of(pnl),
    )  # fmt: skip
    return replace(made, **said)  # type: ignore[arg-type]


@dataclass(slots=True)
class Past:
    """A journal, and what the broker tells of today."""

    diary: Diary = field(default_factory=Diary)
    fills: list[Fill] = field(default_factory=list)
    is_silent: bool = False

    async def executions(self) -> list[Fill]:
        if self.is_silent:
            raise GatewayUnavailable("executions did not come")
        return self.fills

    async def history(self, **said: object) -> TradeHistory:
        service = TradeHistoryService(broker=self, book=lambda: self.diary.book, clock=FakeClock(LATER))  # type: ignore[arg-type]
        return await service.history(HistoryQuery(**said))  # type: ignore[arg-type]


def test_a_round_trip_is_what_came_in_less_what_went_out_and_both_commissions() -> None:
    """Two bought at 5.00, sold at 6.20: (6.20 - 5.00) x 200 - 2.60 - 2.60 = 234.80."""
    diary = Diary()
    diary.opens("one", spread(), "5.00", quantity=2, fee="2.60")
    diary.closes("one", "-6.20", quantity=2, fee="2.60")
    (trip,) = round_trips(diary.book)
    assert trip.pnl == Money.of("234.80")
    assert (trip.source, trip.reason, trip.left, trip.quantity) == (Source.EXECUTIONS, "", 0, D(2))
    assert (trip.entry, trip.exit) == (Premium.of("5.00"), Premium.of("-6.20"))
    assert (trip.opened_at, trip.closed_at, trip.kind) == (NOW, LATER, Kind.OPTIONS)
    assert (trip.exits, len(trip.audit_ids)) == (("close",), 2)


def test_a_part_that_was_closed_counts_with_its_share_of_the_entrys_commission() -> None:
    """One of two: -1.00 x 100 - 1.30 - half of 2.60; the other one is still held."""
    diary = Diary()
    diary.opens("one", spread(), "5.00", quantity=2, fee="2.60")
    diary.closes("one", "-4.00", fee="1.30", purpose=Purpose.STOP)
    (trip,) = round_trips(diary.book)
    assert (trip.pnl, trip.left, trip.exits) == (Money.of("-102.60"), 1, ("stop",))


def test_a_result_waits_for_every_commission() -> None:
    """A fee that nobody has told is not zero."""
    diary = Diary()
    diary.opens("one", spread(), "5.00")
    diary.closes("one", "-6.00", fee=None)
    (trip,) = round_trips(diary.book)
    assert (trip.pnl, trip.reason) == (None, NOT_TOLD)


def test_a_credit_that_left_nobody_knows_how_has_no_result_and_says_so() -> None:
    """The account proved that it is gone, nothing tells for how much; the time is the exchange's."""
    diary = Diary()
    diary.opens("one", spread().reversed, "-3.00")
    gone = ev.LeftElsewhere(strategy_id="one", held=0, evidence="positions", at=LATER)
    diary.write(gone, at=LATER + timedelta(days=400))  # the machine's clock is of no account
    (trip,) = round_trips(diary.book)
    assert trip.pnl is None
    assert trip.reason.startswith(ELSEWHERE)
    assert (trip.opened_at, trip.closed_at) == (NOW, LATER)


def test_what_is_held_is_no_round_trip() -> None:
    """Open profit is no result."""
    diary = Diary()
    diary.opens("one", spread(), "5.00")
    assert round_trips(diary.book) == ()


async def test_a_position_of_others_that_we_closed_has_the_brokers_result() -> None:
    """Its realised P&L by average cost; without it the result is unknown."""
    past = Past()
    past.diary.opens("one", spread(), "5.00")
    past.diary.write(ev.Adopted(strategy_id="pos_1", symbol="SPY", title="adopted", quantity=1))
    order = past.diary._order(spread().reversed, 1, "-6.00", Purpose.CLOSE)
    past.diary._filled("pos_1", order, "-6.00", "1.30", LATER)
    (trip,) = (await past.history()).trips
    assert (trip.pnl, trip.reason, trip.opened_at) == (None, OTHERS, None)
    told = ev.Charged(exec_base="exec.2", revision=2, commission=Money.of("1.30"), realized_pnl=Money.of(97))
    past.diary.write(told, at=LATER)
    (trip,) = (await past.history()).trips
    assert (trip.pnl, trip.source) == (Money.of(97), Source.BROKER)


async def test_closing_orders_of_other_hands_count_by_the_brokers_word() -> None:
    """Both executions of one order are one trip; an opening one realises 0 and is none."""
    past = Past(fills=[fill(7, "40"), fill(7, "-15", at=LATER), fill(8, "0"), fill(9, None)])
    found = await past.history()
    (trip,) = found.trips
    assert (trip.trade_id, trip.pnl, trip.closed_at, trip.quantity) == ("perm 7", Money.of(25), LATER, D(4))
    assert found.executions is not None
    assert len(found.executions) == 4


async def test_our_own_executions_are_not_counted_twice() -> None:
    """The broker tells them too."""
    past = Past()
    past.diary.opens("one", spread(), "5.00")
    ref = past.diary.closes("one", "-6.00")
    past.fills = [fill(7, "97.40", order_ref=ref)]
    assert [trip.trade_id for trip in (await past.history()).trips] == ["one"]


def traded(*exits: str) -> Past:
    """One spread for each exit, bought at 5.00 with 1.30 each way."""
    past = Past()
    for number, price in enumerate(exits):
        past.diary.opens(f"t{number}", spread(), "5.00")
        past.diary.closes(f"t{number}", price)
    return past


async def test_statistics_are_counted_by_hand() -> None:
    """+97.40, +197.40, -102.60: 2 of 3 won, 294.80 / 102.60."""
    found = (await traded("-6.00", "-7.00", "-4.00").history()).tally
    assert (found.trades, found.wins, found.losses, found.total) == (3, 2, 1, Money.of("192.20"))
    assert found.win_rate == pytest.approx(2 / 3)
    assert (found.average_win, found.average_loss) == (Money.of("147.40"), Money.of("-102.60"))
    assert found.profit_factor == pytest.approx(294.80 / 102.60)
    assert found.best is not None
    assert found.worst is not None
    assert (found.best.pnl, found.worst.pnl) == (Money.of("197.40"), Money.of("-102.60"))


@pytest.mark.parametrize(
    ("least", "results"),
    [
        (None, {"97.40", "197.40", "-102.60"}),
        ("100", {"197.40"}),
        ("0", {"97.40", "197.40"}),
        ("-102.60", {"97.40", "197.40", "-102.60"}),  # the limit itself is kept
        ("-100", {"97.40", "197.40"}),  # a loss is never judged by its size
    ],
)
async def test_the_least_result_has_a_sign(least: str | None, results: set[str]) -> None:
    """Compared without their signs, losses would pass as gains."""
    past = traded("-6.00", "-7.00", "-4.00")
    found = await past.history(min_pnl=None if least is None else D(least))
    assert {str(trip.pnl.amount) for trip in found.trips if trip.pnl} == results


async def test_trips_without_a_result_are_counted_apart() -> None:
    """They are listed, they are in no rate, and a least result cannot judge them."""
    past = traded("-6.00")
    past.diary.opens("open", spread(), "5.00")
    past.diary.closes("open", "-6.00", fee=None)
    found = await past.history()
    assert (len(found.trips), found.tally.trades, found.unknown) == (2, 1, 1)
    found = await past.history(min_pnl=D(0))
    assert (len(found.trips), found.dropped) == (1, 1)


async def test_days_symbols_and_kinds_narrow_the_list() -> None:
    """Calendar days in New York; SPX is not SPY; shares are stocks."""
    past = traded("-6.00")
    old = NOW - timedelta(days=3)
    past.diary.opens("index", spread(SPX), "5.00", at=old)
    past.diary.closes("index", "-6.00", at=old)
    past.diary.opens("shares", Combo((Leg(contract=SPY, ratio=1),)), "600.00", quantity=10, fee="1.00")
    past.diary.closes("shares", "-601.00", quantity=10, fee="1.00")

    async def names(**said: object) -> set[str]:
        return {trip.trade_id for trip in (await past.history(**said)).trips}

    assert await names() == {"t0", "index", "shares"}
    assert await names(days_back=2) == {"t0", "shares"}
    assert await names(days_back=3) == {"t0", "index", "shares"}
    assert await names(symbol="spx") == {"index"}
    assert await names(kind=Kind.STOCKS) == {"shares"}
    with pytest.raises(InvalidRequest) as refused:
        await past.history(days_back=-1)
    assert refused.value.code == "invalid_days_back"


async def test_shares_sold_dearer_made_their_difference() -> None:
    """10 x 1.00 less 2.00 of commissions."""
    past = Past()
    past.diary.opens("shares", Combo((Leg(contract=SPY, ratio=1),)), "600.00", quantity=10, fee="1.00")
    past.diary.closes("shares", "-601.00", quantity=10, fee="1.00")
    (trip,) = (await past.history()).trips
    assert (trip.pnl, trip.kind) == (Money.of("8.00"), Kind.STOCKS)


async def test_a_silent_broker_leaves_the_journal_and_a_warning() -> None:
    """Not an empty list for "do not know"."""
    past = traded("-6.00")
    past.is_silent = True
    found = await past.history()
    assert (len(found.trips), found.executions) == (1, None)
    assert found.warnings == ("without the broker's executions of today: executions did not come",)


async def test_it_says_how_far_back_the_journal_goes() -> None:
    """From its first row; an empty one has none."""
    assert (await traded("-6.00").history()).journal_since == NOW
    assert (await Past().history()).journal_since is None


def test_two_currencies_have_no_total() -> None:
    """Euros and dollars are not added."""
    diary = Diary()
    diary.opens("one", spread(), "5.00")
    diary.closes("one", "-6.00")
    (trip,) = round_trips(diary.book)
    found = tally([trip, replace(trip, pnl=Money.of(5, "EUR"))])
    assert (found.trades, found.wins, found.total, found.win_rate) == (2, 2, None, None)


async def test_a_long_past_is_cut_to_one_answer_and_says_so() -> None:
    """Text and structure have 8 kB at most; the statistics are over all of it."""
    past = traded(*["-6.00"] * 40)
    past.fills = [fill(number, "0", order_ref=f"SP1-{number:026d}") for number in range(40)]
    shown = history_answer(await past.history(), WORTH)
    assert len(shown.model_dump_json()) <= 8_000
    assert len(render("SIM", shown.payload()).encode()) <= 8_000
    assert (shown.count, shown.statistics.trades, len(shown.trades)) == (40, 40, 10)
    assert [each.split(" are listed")[0] for each in shown.warnings] == [
        "the newest 10 of 40 trades",
        "the newest 10 of 40 executions",
    ]


async def test_the_answer_says_who_knows_what() -> None:
    """Also when nothing is known at all."""
    shown = history_answer(await Past().history(), WORTH)
    assert shown.knows.startswith("Our journal is empty")
    assert "today alone" in shown.knows
    assert (shown.trades, shown.statistics.win_rate, shown.statistics.profit_factor) == ([], None, None)
