"""When a contract trades: its sessions by day, which one is on, what opens next, and which days are special.

The contract's own hours win. Days before them are the broker's memory, days beyond them a published calendar,
and each says which; where the calendar contradicts the contract, that is said too. No weekday is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sumppump.data.meaning import Meaning, Meanings
from sumppump.data.new_york_calendar import SpecialDay, special_days
from sumppump.data.off_loop import off_loop
from sumppump.data.sessions import Session, days_off, sessions, zone_named
from sumppump.domain.instruments import Instrument, OptionContract, SecType
from sumppump.domain.schedule import PastSession, is_weekend
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import MarketDataError, SumpPumpError
from sumppump.ports.schedule import TradingSchedule

PAST_DAYS = 10
AHEAD = timedelta(days=60)
# IBKR's overnight venue for US shares by its published hours, Sunday to Friday: not the contract's word.
NIGHT_OPENS, NIGHT_CLOSES = time(20), time(3, 50)
_INSTANT = timedelta(microseconds=1)


class Part(StrEnum):
    """A stretch of a trading day."""

    OVERNIGHT = "overnight"
    PRE_MARKET = "pre_market"
    REGULAR = "regular"
    AFTER_HOURS = "after_hours"


class Source(StrEnum):
    """Who says so."""

    CONTRACT = "contract"
    HISTORY = "history"
    RULE = "rule"


class DayKind(StrEnum):
    """What is special about a day."""

    NORMAL = "normal"
    HALF_DAY = "half_day"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True, order=True)
class PartOfDay:
    """One session: aware UTC, `opens` inside it, `closes` outside."""

    opens: datetime
    closes: datetime
    part: Part
    source: Source = Source.CONTRACT


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDay:
    """A trade date with its sessions, in order; an evening's trading belongs to the next one."""

    day: date
    kind: DayKind
    parts: tuple[PartOfDay, ...]
    source: Source

    @property
    def regular(self) -> PartOfDay | None:
        """Regular trading, None on a day off."""
        return next((part for part in self.parts if part.part is Part.REGULAR), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A contract's days around `now`.

    Attributes:
        days: past ones of the broker's memory, then those of the contract's hours, in order.
        ahead: holidays and half days beyond them by a published calendar; empty where none fits the contract.
        notes: what is missing, what contradicts what.
    """

    instrument: Instrument
    now: datetime
    days: tuple[TradingDay, ...]
    ahead: tuple[SpecialDay, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def on(self) -> PartOfDay | None:
        """The session that is on, the contract's own before one by rule; None while it is closed."""
        running = [part for part in self._parts() if part.opens <= self.now < part.closes]
        return min(running, key=lambda part: part.source is Source.RULE, default=None)

    @property
    def is_open(self) -> bool:
        """Whether regular trading is on."""
        return self.on is not None and self.on.part is Part.REGULAR

    @property
    def next_part(self) -> PartOfDay | None:
        """The session that opens next, None where the hours do not reach that far."""
        return min((part for part in self._parts() if part.opens > self.now), default=None)

    @property
    def next_regular(self) -> PartOfDay | None:
        """Regular trading that opens next."""
        regular = (part for part in self._parts() if part.part is Part.REGULAR)
        return min((part for part in regular if part.opens > self.now), default=None)

    @property
    def current(self) -> TradingDay | None:
        """The trade date whose session is on, else the one that opens next."""
        part = self.on or self.next_part
        return next((day for day in self.days if part in day.parts), None)

    def _parts(self) -> Iterable[PartOfDay]:
        return (part for day in self.days for part in day.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleService:
    """Puts a contract's days together; sends nothing."""

    meanings: Meanings
    memory: TradingSchedule
    clock: Clock

    async def schedule(self, symbol: str) -> Schedule:
        """The days of a contract around now.

        Raises:
            UnknownContract: no such symbol.
            MarketDataError: its hours are not known.
            GatewayUnavailable: no connection or no answer.
        """
        meant = await self.meanings.of(symbol)
        instrument = meant.beneath or meant.instrument
        now = self.clock.now()
        listed = listed_days(instrument)
        past, notes = await self._past(instrument)
        before = [day for day in past if day.day < listed[0].day]
        days = with_kinds([*before, *listed], hours_of(instrument).zone)
        ahead, more = await _ahead(instrument, days, now)
        said = (*_of_options(meant), *notes, *more)
        return Schedule(instrument=instrument, now=now, days=days, ahead=ahead, notes=said)

    async def _past(self, instrument: Instrument) -> tuple[tuple[TradingDay, ...], tuple[str, ...]]:
        try:
            sessions = await self.memory.past_sessions(instrument, days=PAST_DAYS)
        except SumpPumpError as error:
            return (), (f"past days are not known: {error.message}",)
        return past_days(sessions), ()


def _of_options(meant: Meaning) -> tuple[str, ...]:
    """What the hours of an underlying, which are shown, do not say of its options."""
    if meant.beneath is None:
        return ()
    if meant.beneath.sec_type is SecType.IND:
        return (f"these are {meant.beneath.symbol}'s hours; index options may trade longer, also by night",)
    return (f"these are {meant.beneath.symbol}'s hours; its options trade in the regular session alone",)


@dataclass(frozen=True, slots=True)
class Hours:
    """A contract's own hours in IB's words; "" where they are not known."""

    trading: str = ""
    liquid: str = ""
    zone_name: str = ""

    @property
    def zone(self) -> tzinfo:
        """The zone in which its days begin and end."""
        return zone_named(self.zone_name) or NEW_YORK


def hours_of(instrument: Instrument) -> Hours:
    """What the contract says; an option says nothing, its underlying does."""
    if isinstance(instrument, OptionContract):
        return Hours()
    return Hours(
        instrument.trading_hours, instrument.liquid_hours or instrument.trading_hours, instrument.time_zone
    )


def listed_days(instrument: Instrument) -> list[TradingDay]:
    """The days that the contract's own hours name.

    Raises:
        MarketDataError: there are none.
    """
    hours = hours_of(instrument)
    trading = _by_day(sessions(hours.trading, hours.zone_name), hours.zone)
    regular = _by_day(sessions(hours.liquid, hours.zone_name), hours.zone)
    named = sorted({*trading, *regular, *days_off(hours.trading)})
    if not named:
        raise MarketDataError(
            f"TWS names no trading hours of {instrument.label}",
            code="no_hours",
            next_steps=["Ask for an underlying, for example SPY."],
        )
    return [_listed_day(instrument, day, trading.get(day, []), regular.get(day, [])) for day in named]


def _listed_day(
    instrument: Instrument, day: date, trading: Sequence[Session], regular: Sequence[Session]
) -> TradingDay:
    parts = [PartOfDay(each.opens, each.closes, Part.REGULAR) for each in regular]
    parts += [piece for each in trading for piece in _outside(each, regular, day)]
    if parts and instrument.sec_type is SecType.STK:
        parts.append(_night_before(day))
    return TradingDay(day=day, kind=DayKind.NORMAL, parts=tuple(sorted(parts)), source=Source.CONTRACT)


def _by_day(listed: Iterable[Session], zone: tzinfo) -> dict[date, list[Session]]:
    """Sessions by trade date: the one on which they end; what ends at midnight ends on the day before."""
    days: dict[date, list[Session]] = {}
    for each in listed:
        days.setdefault((each.closes - _INSTANT).astimezone(zone).date(), []).append(each)
    return days


def _outside(session: Session, regular: Sequence[Session], day: date) -> list[PartOfDay]:
    """What a session has before and after regular trading."""
    if not regular:
        return [PartOfDay(session.opens, session.closes, Part.REGULAR)]
    first, last = regular[0].opens, regular[-1].closes
    evening = session.opens.astimezone(NEW_YORK).date() < day
    pieces = [
        PartOfDay(session.opens, min(session.closes, first), Part.OVERNIGHT if evening else Part.PRE_MARKET),
        PartOfDay(max(session.opens, last), session.closes, Part.AFTER_HOURS),
    ]
    return [piece for piece in pieces if piece.opens < piece.closes]


def _night_before(day: date) -> PartOfDay:
    return PartOfDay(
        datetime.combine(day - timedelta(days=1), NIGHT_OPENS, NEW_YORK),
        datetime.combine(day, NIGHT_CLOSES, NEW_YORK),
        Part.OVERNIGHT,
        Source.RULE,
    )


def past_days(remembered: Sequence[PastSession]) -> tuple[TradingDay, ...]:
    """The broker's memory as days; what lies between two of them was off."""
    if not remembered:
        return ()
    known = {each.day: each for each in remembered}
    first, last = min(known), max(known)
    return tuple(
        TradingDay(
            day=day,
            kind=DayKind.NORMAL,
            parts=(PartOfDay(at.opens, at.closes, Part.REGULAR, Source.HISTORY),)
            if (at := known.get(day))
            else (),
            source=Source.HISTORY,
        )
        for day in (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    )


def with_kinds(days: Sequence[TradingDay], zone: tzinfo) -> tuple[TradingDay, ...]:
    """The days with what is special about them: a half day closes earlier than the others around it."""
    closing = [(day, _closes(day, zone)) for day in days]
    usual = max((at for _, at in closing if at is not None), default=None)
    return tuple(replace(day, kind=_kind(day, at, usual)) for day, at in closing)


def _closes(day: TradingDay, zone: tzinfo) -> time | None:
    regular = day.regular
    return None if regular is None else (regular.closes - _INSTANT).astimezone(zone).time()


def _kind(day: TradingDay, closes: time | None, usual: time | None) -> DayKind:
    if closes is None:
        return DayKind.WEEKEND if is_weekend(day.day) else DayKind.HOLIDAY
    return DayKind.HALF_DAY if usual is not None and closes < usual else DayKind.NORMAL


async def _ahead(
    instrument: Instrument, days: Sequence[TradingDay], now: datetime
) -> tuple[tuple[SpecialDay, ...], tuple[str, ...]]:
    """Special days beyond the contract's hours, and where the calendar contradicts them."""
    if instrument.sec_type not in (SecType.STK, SecType.IND):
        return (), ("holidays beyond these days are not known for this kind of contract",)
    last = days[-1].day
    found = await off_loop(special_days, days[0].day, now.astimezone(NEW_YORK).date() + AHEAD)
    return tuple(each for each in found if each.day > last), contradictions(days, found)


def contradictions(days: Sequence[TradingDay], calendar: Sequence[SpecialDay]) -> tuple[str, ...]:
    """Listed days that the published calendar sees otherwise; the contract's hours are shown."""
    special = {each.day: DayKind.HALF_DAY if each.closes else DayKind.HOLIDAY for each in calendar}
    return tuple(
        f"{day.day.isoformat()} is a {day.kind} by the {day.source}'s hours and a {expected} by the calendar"
        for day in days
        if day.kind is not DayKind.WEEKEND
        and day.kind is not (expected := special.get(day.day, DayKind.NORMAL))
    )
