"""Answers about exercise and assignment. Prices are per share; probabilities are fractions."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.domain.assignment import EarlyExercise, ExDividend, ExpiryDay, HeldOption
from sumppump.domain.instruments import Right
from sumppump.domain.missing import Missing
from sumppump.portfolio.assignment import LEVEL_RULE, Level, Radar, ShortOption, assigned_short, last_hours
from sumppump.risk.carry_words import carry_words
from sumppump.server.room import fullest
from sumppump.server.views import STALE_AFTER_S, Answer, QualityView, View, feed_state, moment, num

MOST_WORDS = 6
EARLY_RULE = (
    "early_exercise_probability: risk-neutral chance that the underlying closes beyond exercised_beyond "
    "(a call: above it on the eve of the ex-date; a put: below it tonight), where exercise brings more than "
    "holding; lognormal, at the option's own volatility. A call is worth exercising for a dividend greater "
    "than its extrinsic value"
)


class DividendView(View):
    """The next dividend before the last trade, cash per share; exceeds_extrinsic is asked of calls alone."""

    ex_date: str
    amount: float | None
    exceeds_extrinsic: bool | None


class ShortOptionView(View):
    """One written contract. in_the_money below 0 is out of the money; quantity is signed."""

    con_id: int
    label: str
    quantity: int
    strategies: list[str]
    settlement: str
    last_trade: str
    underlying_price: float | None
    in_the_money: float | None
    extrinsic: float | None
    dividend: DividendView | None
    no_dividend: str
    early_exercise_probability: float | None
    exercised_beyond: float | None
    early_exercise_note: str
    pin_reach: float | None
    level: Level
    reasons: list[str]


class ExpiryDayView(View):
    """What one expiry does as prices stand: shares in (+) or out (-), cash received (+) or paid (-).

    `may`: what may end on either side of its strike; `exit_by`: on the last day, 15 minutes before its end.
    """

    symbol: str
    expiry: str
    settlement: str
    shares: int
    cash: float | None
    assigned: list[str]
    exercised: list[str]
    unknown: list[str]
    may: list[str]
    exit_by: str | None


class AssignmentAnswer(Answer):
    """Written options under watch, the gravest first, and expiry days, the nearest first."""

    level: Level
    level_rule: str = LEVEL_RULE
    early_exercise_rule: str = EARLY_RULE
    carry: str
    short_options: list[ShortOptionView]
    expiry_days: list[ExpiryDayView]
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How many written options and expiry days one answer lists."""

    shorts: int
    days: int


_DETAILS = tuple(
    _Detail(shorts, days) for shorts, days in ((12, 8), (10, 6), (8, 6), (8, 4), (6, 4), (4, 3), (2, 2))
)


def assignment_answer(radar: Radar) -> AssignmentAnswer:
    """The radar in full, as far as one answer holds."""
    return fullest(lambda detail: _answer(radar, detail), _DETAILS)


def _answer(radar: Radar, detail: _Detail) -> AssignmentAnswer:
    age = radar.oldest_s
    stale = age is not None and age > STALE_AFTER_S
    return AssignmentAnswer(
        summary=_summary(radar),
        warnings=[*radar.warnings, *assigned_short(radar), *last_hours(radar)],
        as_of=moment(radar.as_of),
        data_quality=QualityView(state="stale" if stale else feed_state(radar.feed), age_s=num(age, 1)),
        level=radar.level,
        carry=carry_words(radar.carries, radar.as_of),
        short_options=[_short(each) for each in radar.shorts[: detail.shorts]],
        expiry_days=[_day(each) for each in radar.days[: detail.days]],
        left_out=_beyond(radar, detail),
    )


def _beyond(radar: Radar, detail: _Detail) -> list[str]:
    """What one answer does not hold."""
    more = (
        (len(radar.shorts) - detail.shorts, "written options of the same level or a lower one"),
        (len(radar.days) - detail.days, "later expiry days"),
    )
    return [f"{count} more {name}" for count, name in more if count > 0]


def _summary(radar: Radar) -> str:
    if not radar.shorts:
        held = "No written options." if not radar.days else "No written options; held ones are exercised."
        return f"{held} Nothing can be assigned."
    grave = [each for each in radar.shorts if each.level is radar.level]
    named = "; ".join(f"{each.held.contract.label}: {', '.join(each.reasons)}" for each in grave[:3])
    words = f" {named}." if radar.level is not Level.LOW else ""
    return f"Assignment risk {radar.level}: {len(radar.shorts)} written contracts watched.{words}"


def _short(each: ShortOption) -> ShortOptionView:
    held, early = each.held, each.early
    known = early if isinstance(early, EarlyExercise) else None
    return ShortOptionView(
        con_id=held.contract.con_id,
        label=held.contract.label,
        quantity=held.quantity,
        strategies=list(dict.fromkeys(each.strategies)),
        settlement=held.settlement,
        last_trade=moment(held.contract.last_trade),
        underlying_price=num(held.spot, 4),
        in_the_money=num(held.beyond, 4),
        extrinsic=num(held.extrinsic, 4),
        dividend=None if each.dividend is None else _dividend(each.dividend, held),
        no_dividend=each.no_dividend,
        early_exercise_probability=None if known is None else num(known.probability, 4),
        exercised_beyond=None if known is None else num(known.beyond, 2),
        early_exercise_note=_note(early),
        pin_reach=num(each.pin_reach, 2),
        level=each.level,
        reasons=list(each.reasons),
    )


def _note(early: EarlyExercise | Missing) -> str:
    """Why there is no figure, or none but 0; the rule at the top of the answer says the rest."""
    if isinstance(early, Missing):
        return early.reason
    return early.why if early.beyond is None else ""


def _dividend(dividend: ExDividend, held: HeldOption) -> DividendView:
    """With the comparison that tempts the holder of a call; a put gains by the fall of the share."""
    tempts = held.contract.right is Right.CALL and held.extrinsic is not None
    return DividendView(
        ex_date=dividend.day.isoformat(),
        amount=num(dividend.amount, 4),
        exceeds_extrinsic=dividend.amount > (held.extrinsic or 0) if tempts else None,
    )


def _day(day: ExpiryDay) -> ExpiryDayView:
    return ExpiryDayView(
        symbol=day.symbol,
        expiry=day.expiry.isoformat(),
        settlement=day.settlement,
        shares=day.shares,
        cash=num(day.cash, 2),
        assigned=list(day.assigned[:MOST_WORDS]),
        exercised=list(day.exercised[:MOST_WORDS]),
        unknown=list(day.unknown[:MOST_WORDS]),
        may=list(day.may[:MOST_WORDS]),
        exit_by=None if day.exit_by is None else moment(day.exit_by),
    )
