"""Answers about what a query can mean. Names are text from outside."""

from __future__ import annotations

from pydantic import Field

from sumppump.data.contracts import Found, ListedClass, kind_words
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.kernel.text import clean
from sumppump.server.views import Answer, QualityView, View

MOST_EXPIRIES_SHOWN = 30


class CandidateView(View):
    """One contract that the query can mean."""

    con_id: int
    symbol: str
    label: str
    asset_type: str
    kind: str
    currency: str
    exchange: str
    name: str
    multiplier: int


class ClassView(View):
    """One option class: how many strikes and expiries are listed."""

    trading_class: str
    exchange: str
    multiplier: int
    strikes: int
    lowest: float | None
    highest: float | None
    expiries: list[str]


class ContractsAnswer(Answer):
    """What a query can mean, best first; names are text from outside."""

    reading: str
    exact_con_id: int | None
    settled: str
    session: str
    candidates: list[CandidateView] = Field(default_factory=list)
    classes: list[ClassView] = Field(default_factory=list)


def contracts_answer(found: Found) -> ContractsAnswer:
    """What a query can mean."""
    exact = "no contract of exactly that name" if found.exact is None else found.exact.label
    return ContractsAnswer(
        summary=f"{found.reading}: {exact}; {len(found.candidates)} candidate(s).",
        data_quality=QualityView(state="broker"),
        reading=found.reading,
        exact_con_id=None if found.exact is None else found.exact.con_id,
        settled=found.settled,
        session="" if found.session is None else found.session.words(),
        candidates=[_candidate(each) for each in found.candidates],
        classes=[_class(each) for each in found.classes],
    )


def _candidate(each: Instrument) -> CandidateView:
    return CandidateView(
        con_id=each.con_id,
        symbol=each.symbol,
        label=each.label,
        asset_type=each.sec_type.value,
        kind=kind_words(each),
        currency=each.currency,
        exchange=(each.primary_exchange or each.exchange) if isinstance(each, Underlying) else each.exchange,
        name=clean(each.long_name, limit=80) if isinstance(each, Underlying) else "",
        multiplier=each.multiplier if isinstance(each, OptionContract) else 1,
    )


def _class(each: ListedClass) -> ClassView:
    return ClassView(
        trading_class=each.trading_class,
        exchange=each.exchange,
        multiplier=each.multiplier,
        strikes=each.strikes,
        lowest=each.lowest,
        highest=each.highest,
        expiries=[day.words for day in each.expiries[:MOST_EXPIRIES_SHOWN]],
    )
