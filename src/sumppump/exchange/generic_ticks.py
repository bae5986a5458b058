"""Generic ticks: which a client may ask for, and the ticks that each number brings.

The list of legal numbers and the words of the refusal are those of a TWS of 2022 that others wrote down; 104
is not on that list but in the documentation, so it is taken. A series for which an instrument has nothing
stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.market.market_statistics import MarketStatistics
from sumppump.exchange.market.tick_record import Turnover
from sumppump.exchange.reports import BookTop, Refusal
from sumppump.exchange.wire.market_answers import TickGeneric, TickPrice, TickSize, TickString

Value = float | str
Fact = tuple[int, Value]
"""Tick type and value."""


@dataclass(frozen=True, slots=True)
class Series:
    """One number of a generic tick list; `alias` is its older number, 0 for none."""

    number: int
    name: str
    alias: int = 0
    kinds: tuple[str, ...] = ()


_SERIES = (
    Series(100, "Option Volume"),
    Series(101, "Option Open Interest"),
    Series(105, "Average Opt Volume"),
    Series(106, "impvolat"),
    Series(162, "Index Future Premium", kinds=("IND",)),
    Series(165, "Misc. Stats"),
    Series(221, "Creditman Mark Price", 220),
    Series(225, "Auction"),
    Series(232, "Pl Price", 221),
    Series(233, "RTVolume"),
    Series(236, "inventory"),
    Series(258, "Fundamentals", 47),
    Series(292, "Wide_news"),
    Series(293, "TradeCount"),
    Series(294, "TradeRate"),
    Series(295, "VolumeRate"),
    Series(318, "LastRTHTrade"),
    Series(375, "RTTrdVolume"),
    Series(411, "rthistvol"),
    Series(456, "IBDividends", 59),
    Series(460, "Bond Factor Multiplier"),
    Series(576, "EtfNavBidAsk(navbidask)", kinds=("STK",)),
    Series(577, "EtfNavLast(navlast)"),
    Series(578, "EtfNavClose(navclose)", kinds=("STK",)),
    Series(586, "IPOHLMPRC"),
    Series(587, "Pl Price Delayed"),
    Series(588, "Futures Open Interest"),
    Series(595, "Short-Term Volume X Mins"),
    Series(614, "EtfNavMisc(high/low)"),
    Series(619, "Creditman Slow Mark Price"),
    Series(623, "EtfFrozenNavLast(fznavlast)"),
)
_UNLISTED = frozenset({104})
_WORDS = frozenset({"", "mdoff"})
_ALIASES = {one.alias: one.number for one in _SERIES if one.alias not in (0, 221)}
NEWS, RT_VOLUME, RT_TRADE_VOLUME = 292, 233, 375
RT_TICKS = {RT_VOLUME: 48, RT_TRADE_VOLUME: 77}
DELAYED_TOO = frozenset({101, 106, 165, 221, 232, 236, 258})
"""Series that come with delayed data as well."""


def _numbers(text: str) -> Iterator[str]:
    return (part.split(":")[0].strip() for part in text.split(","))


def fault_of(text: str, sec_type: str) -> Refusal | None:
    """What is wrong with a generic tick list for this kind of instrument."""
    legal = [one for one in _SERIES if not one.kinds or sec_type in one.kinds]
    taken = {str(number) for one in legal for number in (one.number, one.alias)} | set(map(str, _UNLISTED))
    if all(number in taken | _WORDS and number != "0" for number in _numbers(text)):
        return None
    names = ",".join(f"{one.number}{f'/{one.alias}' * bool(one.alias)}({one.name})" for one in legal)
    return Refusal(
        321,
        f"Error validating request.-'bW' : cause - Incorrect generic tick list of {text}."
        f"  Legal ones for ({sec_type}) are: {names}",
    )


def read_generics(text: str) -> frozenset[int]:
    """The numbers of a sound list; words are left out, old numbers become new ones."""
    found = (int(number) for number in _numbers(text) if number.isdecimal() and number.isascii())
    return frozenset(_ALIASES.get(number, number) for number in found)


def news_providers(text: str) -> frozenset[str]:
    """The providers that a list names for news, `292:BRFG+DJNL`; empty for all of them."""
    parts = (part.strip().split(":", 1) for part in text.split(","))
    named = (words[1] for words in parts if len(words) > 1 and words[0] == str(NEWS))
    return frozenset(code for word in named for code in word.split("+") if code)


# -- what each number brings ------------------------------------------------------------------
_WITH_OPTIONS = (SecType.STOCK, SecType.INDEX)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a series is asked about."""

    statistics: MarketStatistics
    listing: Listing
    book: BookTop


def _option_volume(of: Subject) -> Iterator[Fact]:
    if of.listing.is_option:
        yield (29 if of.listing.right == "C" else 30), of.book.volume
    elif of.listing.sec_type in _WITH_OPTIONS:
        activity = of.statistics.option_activity(of.listing)
        yield 29, activity.call_volume
        yield 30, activity.put_volume


def _open_interest(of: Subject) -> Iterator[Fact]:
    interest = of.book.open_interest
    if of.listing.is_option and interest is not None:
        # Both ticks come for every option; the one of the other right is zero.
        calls = interest if of.listing.right == "C" else 0
        yield 27, calls
        yield 28, interest - calls
    elif of.listing.sec_type == SecType.FUTURE:
        yield 22, of.statistics.future_interest(of.listing)
    elif of.listing.sec_type in _WITH_OPTIONS:
        activity = of.statistics.option_activity(of.listing)
        yield 27, activity.call_interest
        yield 28, activity.put_interest


def _future_interest(of: Subject) -> Iterator[Fact]:
    if of.listing.sec_type == SecType.FUTURE:
        yield 86, of.statistics.future_interest(of.listing)


def _dividends(of: Subject) -> Iterator[Fact]:
    found = of.statistics.dividends(of.listing)
    if found is not None:
        following = found.following
        ahead = f"{following.ex_date:%Y%m%d},{following.amount}" if following else ","
        yield 59, f"{found.past_year},{found.next_year},{ahead}"


def _future_premium(of: Subject) -> Iterator[Fact]:
    premium = of.statistics.future_premium(of.listing, of.book.last)
    if premium is not None:
        yield 31, premium


def _average_option_volume(of: Subject) -> Iterator[Fact]:
    if of.listing.sec_type in _WITH_OPTIONS:
        yield 87, of.statistics.option_activity(of.listing).average_volume


def _implied(of: Subject) -> Iterator[Fact]:
    if of.book.implied_volatility is not None:
        yield 24, of.book.implied_volatility


def _historical(tick_type: int) -> Callable[[Subject], Iterator[Fact]]:
    def facts(of: Subject) -> Iterator[Fact]:
        if of.book.historical_volatility is not None:
            yield tick_type, of.book.historical_volatility

    return facts


OF_A_YEAR = frozenset({165, 258})
"""What needs the lowest and the highest price of a year, which takes a while the first time on a day."""


def _miscellaneous(of: Subject) -> Iterator[Fact]:
    extremes = of.statistics.extremes(of.listing)
    if extremes is None:
        return
    for place, (low, high) in enumerate(zip(extremes.lows, extremes.highs, strict=True)):
        yield 15 + 2 * place, low
        yield 16 + 2 * place, high
    yield 21, extremes.average_volume // 100  # told in hundreds of shares


def _mark(of: Subject) -> Iterator[Fact]:
    price = mark(of.book)
    if price is not None:
        yield 37, float(price)


def _auction(of: Subject) -> Iterator[Fact]:
    last = of.book.last
    auction = None if last is None else of.statistics.auction(of.listing, float(last))
    if auction is not None:
        yield 34, auction.volume
        yield 35, auction.price
        yield 36, auction.imbalance
        yield 61, auction.imbalance


def _lending(of: Subject) -> Iterator[Fact]:
    if of.listing.sec_type == SecType.STOCK:
        lending = of.statistics.lending(of.listing)
        yield 46, lending.level
        yield 89, lending.shares


def _fundamentals(of: Subject) -> Iterator[Fact]:
    price = of.book.close
    if of.listing.stock_type == "COMMON" and price:
        yield 47, of.statistics.fundamentals(of.listing, price)


def _trade_count(of: Subject) -> Iterator[Fact]:
    yield 54, of.statistics.turnover(of.listing).count


def _trade_rate(of: Subject) -> Iterator[Fact]:
    yield 55, of.statistics.recent(of.listing, 1).count


def _volume_rate(of: Subject) -> Iterator[Fact]:
    yield 56, of.statistics.recent(of.listing, 1).size


def _last_regular_trade(of: Subject) -> Iterator[Fact]:
    if of.book.last is not None:
        yield 57, float(of.book.last)


def _short_volumes(of: Subject) -> Iterator[Fact]:
    for tick_type, minutes in ((63, 3), (64, 5), (65, 10)):
        yield tick_type, of.statistics.recent(of.listing, minutes).size


def _asset_value(*parts: tuple[int, str]) -> Callable[[Subject], Iterator[Fact]]:
    """Net asset values of a fund: it trades at them here."""

    def facts(of: Subject) -> Iterator[Fact]:
        if of.listing.stock_type == "ETF":
            for tick_type, name in parts:
                price: Decimal | None = getattr(of.book, name)
                if price is not None:
                    yield tick_type, float(price)

    return facts


FACTS: Mapping[int, Callable[[Subject], Iterator[Fact]]] = {
    100: _option_volume,
    101: _open_interest,
    104: _historical(23),
    105: _average_option_volume,
    106: _implied,
    162: _future_premium,
    165: _miscellaneous,
    221: _mark,
    225: _auction,
    232: _mark,
    236: _lending,
    258: _fundamentals,
    293: _trade_count,
    294: _trade_rate,
    295: _volume_rate,
    318: _last_regular_trade,
    411: _historical(58),
    456: _dividends,
    576: _asset_value((94, "bid"), (95, "ask")),
    577: _asset_value((96, "last")),
    578: _asset_value((92, "close"), (93, "close")),
    588: _future_interest,
    595: _short_volumes,
    614: _asset_value((98, "high"), (99, "low")),
    623: _asset_value((97, "last")),
}


def facts(generics: frozenset[int], of: Subject) -> Iterator[Fact]:
    """Everything that the series of a list say now."""
    for number in sorted(generics & FACTS.keys()):
        yield from FACTS[number](of)


def mark(book: BookTop) -> Decimal | None:
    """The mark: the last price inside the quote, the nearer side outside of it, the mid without a trade."""
    if book.bid is None or book.ask is None:
        return book.last if book.last is not None else book.close
    if book.last is None:
        return (book.bid + book.ask) / 2
    return min(max(book.last, book.bid), book.ask)


# -- as messages ------------------------------------------------------------------------------
_PRICES = frozenset({15, 16, 17, 18, 19, 20, 35, 37, 57, *range(92, 100)})
_GENERICS = frozenset({23, 24, 31, 46, 54, 55, 56, 58})


def message_of(req_id: int, fact: Fact) -> TickPrice | TickSize | TickGeneric | TickString:
    """The message that tells a fact."""
    tick_type, value = fact
    if isinstance(value, str):
        return TickString(req_id=req_id, tick_type=tick_type, value=value)
    if tick_type in _PRICES:
        return TickPrice(req_id=req_id, tick_type=tick_type, price=float(value), size=Decimal(0))
    if tick_type in _GENERICS:
        return TickGeneric(req_id=req_id, tick_type=tick_type, value=float(value))
    return TickSize(req_id=req_id, tick_type=tick_type, size=Decimal(value))


def rt_volume(req_id: int, number: int, book: BookTop, turnover: Turnover) -> TickString | None:
    """The last trade with the day's volume and its average price; None before the first trade."""
    if book.last is None or book.last_at is None:
        return None
    moment = int(book.last_at.timestamp() * 1000)
    average = float(turnover.value / turnover.size) if turnover.size else ""
    parts = (float(book.last), book.last_size, moment, book.volume, average, "true")
    return TickString(req_id=req_id, tick_type=RT_TICKS[number], value=";".join(str(part) for part in parts))
