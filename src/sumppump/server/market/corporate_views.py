"""Answers about corporate dates: a date that nobody here can know is null, with the reason beside it."""

from __future__ import annotations

from sumppump.data.corporate import NO_EARNINGS, NO_SPLITS, CorporateDates, PastDividend
from sumppump.domain.statistics import Dividends
from sumppump.server.views import Answer, QualityView, View, moment, num

NEXT_STEPS = (
    "The company's investor relations page names its next earnings date.",
    "trade_get_news may have it; a bump of IV by expiry in the chain's statistics is what is priced in.",
)


class DividendsView(View):
    """Currency per share, as the broker reports it; yield in percent of the last close."""

    next_ex_date: str | None
    next_amount: float | None
    next_12m: float | None
    past_12m: float | None
    yield_pct: float | None


class PastDividendView(View):
    """Currency per share, derived from adjusted against plain prices; `error` is the rounding left open."""

    ex_date: str
    amount: float | None
    error: float | None


class CorporateAnswer(Answer):
    """What is known, and why the rest is not; `past_dividends` is null where the bars prove nothing."""

    symbol: str
    dividends: DividendsView
    past_dividends: list[PastDividendView] | None
    splits: list[str] | None
    splits_reason: str
    next_earnings: str | None
    earnings_reason: str
    gaps: list[str]
    next_steps: list[str]


def corporate_answer(dates: CorporateDates) -> CorporateAnswer:
    """The dates of one share."""
    return CorporateAnswer(
        summary=_summary(dates),
        as_of=moment(dates.as_of),
        data_quality=QualityView(state="broker"),
        symbol=dates.underlying.symbol,
        dividends=_dividends(dates.announced or Dividends(), dates.yield_pct),
        past_dividends=None if dates.past is None else [_past(each) for each in dates.past],
        splits=None,
        splits_reason=NO_SPLITS,
        next_earnings=None,
        earnings_reason=NO_EARNINGS,
        gaps=list(dates.gaps),
        next_steps=list(NEXT_STEPS),
    )


def _dividends(told: Dividends, yield_pct: float | None) -> DividendsView:
    return DividendsView(
        next_ex_date=None if told.next_date is None else told.next_date.isoformat(),
        next_amount=num(told.next_amount, 4),
        next_12m=num(told.next_12m, 4),
        past_12m=num(told.past_12m, 4),
        yield_pct=num(yield_pct, 3),
    )


def _past(each: PastDividend) -> PastDividendView:
    return PastDividendView(
        ex_date=each.ex_date.isoformat(), amount=num(each.amount, 2), error=num(each.error, 3)
    )


def _summary(dates: CorporateDates) -> str:
    told, symbol, currency = dates.announced, dates.underlying.symbol, dates.underlying.currency
    if told is None or told.next_date is None:
        dividend = f"No next dividend of {symbol} is known"
    else:
        paid = "" if told.next_amount is None else f", {told.next_amount:.2f} {currency} a share"
        dividend = f"{symbol} goes ex-dividend next on {told.next_date:%Y-%m-%d (%a)}{paid}"
    return f"{dividend}. Earnings dates and splits are not known here: the reasons say what would tell them."
