"""What the prices of a whole book rest on, in one sentence for the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sumppump.domain.revaluation import Assumptions
from sumppump.kernel.clock import NEW_YORK
from sumppump.portfolio.carries import Carries

MOST_NAMED = 6


def carry_words(carries: Carries, now: datetime) -> str:
    """Where rates, yields and dividends are from; what is assumed is called so.

    Args:
        carries: by symbol what options are priced with.
        now: of the answer; dividends before it are past.
    """
    told = {symbol: _implied(each) for symbol, each in carries.items() if each.by_expiry}
    paid = {symbol: words for symbol, each in carries.items() if (words := _paid(each, now))}
    assumed = [symbol for symbol in carries if symbol not in told]
    parts = (
        f"put-call parity: {_named(told)}" if told else "",
        f"{_base(carries[assumed[0]])} assumed for {_list(assumed)}" if assumed else "",
        f"announced dividends and their rhythm: {_named(paid)}" if paid else "",
    )
    return f"carry: {'; '.join(part for part in parts if part)}" if carries else ""


def _base(each: Assumptions) -> str:
    return f"rate {each.rate * 100:g} % and yield {each.dividend_yield * 100:g} %"


def _implied(each: Assumptions) -> str:
    first, count = each.by_expiry[0], len(each.by_expiry)
    more = f" ({count} expiries)" if count > 1 else ""
    return f"rate {first.rate:.1%} yield {first.dividend_yield:.1%}{more}"


def _paid(each: Assumptions, now: datetime) -> str:
    coming = [paid for paid in each.dividends if paid.ex > now]
    if not coming:
        return ""
    more = f" and {len(coming) - 1} more" if len(coming) > 1 else ""
    return f"{coming[0].cash:.2f} on {coming[0].ex.astimezone(NEW_YORK).date()}{more}"


def _named(words: Mapping[str, str]) -> str:
    return _list([f"{symbol} {text}" for symbol, text in words.items()])


def _list(names: Iterable[str]) -> str:
    rows = list(names)
    more = len(rows) - MOST_NAMED
    return ", ".join(rows[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
