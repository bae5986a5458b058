"""Answers about what a query can mean. Names are text from outside."""

from __future__ import annotations

from pydantic import Field

from sumppump.data.contracts import Found, ListedClass, kind_words
from sumppump.data.sessions import Session
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.text import clean
from sumppump.server.views import Answer, QualityView, View

MOST_EXPIRIES_SHOWN = 30
_LISTED_EARLY = "Classes that settle on the open (SPX) are listed under the day before, their last one."


class CandidateView(View):
    """One contract that the query can mean; expiry with its weekday, null where it has none."""

    con_id: int
    symbol: str
    label: str
    asset_type: str
    kind: str
    trading_class: str
    expiry: str | None
    multiplier: int
    currency: str
    exchange: str
    name: str


class ClassView(View):
    """One option class: how many strikes and expiries are listed."""

    trading_class: str
    exchange: str
    multiplier: int
    is_adjusted: bool
    strikes: int
    lowest: float | None
    highest: float | None
    expiries: list[str]


class ContractsAnswer(Answer):
    """What a query can mean, best first; hours in New York time."""

    reading: str
    exact_con_id: int | None
    settled: str
    session: str
    trading_hours: list[str]
    expiries_note: str
    candidates: list[CandidateView] = Field(default_factory=list)
    classes: list[ClassView] = Field(default_factory=list)


def contracts_answer(found: Found) -> ContractsAnswer:
    """What a query can mean."""
    return ContractsAnswer(
        summary=_summary(found),
        data_quality=QualityView(state="broker"),
        reading=found.reading,
        exact_con_id=None if found.exact is None else found.exact.con_id,
        settled=found.settled if len(found.candidates) > 1 else "",
        session="" if found.session is None else found.session.words(),
        trading_hours=[_hours(each) for each in found.hours],
        expiries_note=_LISTED_EARLY if found.exact and found.exact.sec_type is SecType.IND else "",
        candidates=[_candidate(each) for each in found.candidates],
        classes=[_class(each) for each in found.classes],
    )


def _summary(found: Found) -> str:
    if found.exact is None:
        names = ", ".join(f"{_told_apart(each)} (con_id {each.con_id})" for each in found.candidates)
        return f"{found.reading} can mean {names}. Use a ticker or con_id of these."
    others = len(found.candidates) - 1
    beside = f"; {others} other candidate(s)" if others else ""
    return f"{found.reading}: {_named(found.exact)}{beside}."


def _told_apart(item: Instrument) -> str:
    """Two classes of one index may list the same strike on one day."""
    return f"{item.label} of class {item.trading_class}" if isinstance(item, OptionContract) else item.label


def _named(item: Instrument) -> str:
    return f"{item.label} (con_id {item.con_id}), {kind_words(item)}"


def _hours(session: Session) -> str:
    opens, closes = (moment.astimezone(NEW_YORK) for moment in (session.opens, session.closes))
    until = f"{closes:%H:%M}" if closes.date() == opens.date() else f"{closes:%a %H:%M}"
    return f"{opens:%a %Y-%m-%d %H:%M}-{until}"


def _candidate(each: Instrument) -> CandidateView:
    plain = each if isinstance(each, Underlying) else None
    derived = None if isinstance(each, Underlying) else each
    return CandidateView(
        con_id=each.con_id,
        symbol=each.symbol,
        label=each.label,
        asset_type=each.sec_type.value,
        kind=kind_words(each),
        trading_class="" if derived is None else derived.trading_class,
        expiry=None if derived is None else f"{derived.expiry:%Y-%m-%d %a}",
        multiplier=each.multiplier,
        currency=each.currency,
        exchange=each.exchange if plain is None else plain.primary_exchange or plain.exchange,
        name="" if plain is None else clean(plain.long_name, limit=60),
    )


def _class(each: ListedClass) -> ClassView:
    return ClassView(
        trading_class=each.trading_class,
        exchange=each.exchange,
        multiplier=each.multiplier,
        is_adjusted=each.is_adjusted,
        strikes=each.strikes,
        lowest=each.lowest,
        highest=each.highest,
        expiries=[day.words for day in each.expiries[:MOST_EXPIRIES_SHOWN]],
    )
