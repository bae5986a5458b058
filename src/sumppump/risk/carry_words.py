"""What the prices of a whole book rest on, in one sentence for the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sumppump.domain.revaluation import Assumptions, ExpiryRates
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.first_few import first_few
from sumppump.portfolio.carries import Carries

MOST_NAMED = 4


def carry_words(carries: Carries, now: datetime) -> str:
    """Where rates, yields and dividends are from; what is assumed is called so.

    Args:
        carries: by symbol what options are priced with.
        now: of the answer; dividends before it are past.
    """
    if not carries:
        return ""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for symbol, each in carries.items():
        for source, words in _told(each).items():
            told[source].append(f"{symbol} {words}".strip())
    paid = [f"{symbol} {words}" for symbol, each in carries.items() if (words := _paid(each, now))]
    parts = [f"{_list(rows)} by {source}" for source, rows in told.items()]
    if paid:
        parts.append(f"dividends as announced and on at that rhythm: {_list(paid)}")
    return f"carry (rate less dividend yield): {'; '.join(parts)}"


def _told(each: Assumptions) -> dict[str, str]:
    """By whom the figures are, with the first of them and how many expiries have their own."""
    if not each.by_expiry:
        figures = f"{each.rate * 100:g} % less {each.dividend_yield * 100:g} %"
        return {f"assumption of {figures}{', which parity confirms' if each.is_confirmed else ''}": ""}
    rows: defaultdict[str, list[ExpiryRates]] = defaultdict(list)
    for rates in each.by_expiry:
        rows[rates.source].append(rates)
    return {source: _rates(some) for source, some in rows.items()}


def _rates(rows: list[ExpiryRates]) -> str:
    more = f" (+{len(rows) - 1} expiries)" if len(rows) > 1 else ""
    return f"{rows[0].rate:.1%} less {rows[0].dividend_yield:.1%}{more}"


def _paid(each: Assumptions, now: datetime) -> str:
    coming = [paid for paid in each.dividends if paid.ex > now]
    if not coming:
        return ""
    more = f" (+{len(coming) - 1})" if len(coming) > 1 else ""
    return f"{coming[0].cash:.2f} on {coming[0].ex.astimezone(NEW_YORK).date()}{more}"


def _list(rows: Iterable[str]) -> str:
    return first_few(list(rows), MOST_NAMED)
