"""Market scans: what is known of every underlying, what a scan code ranks by, and which filters there are.

A scan looks at every stock of the exchange at one moment. A row without the number that a code or a filter
asks for is left out; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market_statistics import OptionActivity

Number = float | None
MOST_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One stock at one moment; prices in its currency, volatilities per year.

    Attributes:
        closes: daily closes of the last year, oldest first, without today's.
        average_volume: shares per day over the last three months, without the auctions.
        implied_before: implied volatility at the last close.
    """

    listing: Listing
    last: float
    open: Number
    high: Number
    low: Number
    close: Number
    volume: int
    implied: Number
    historical: Number
    implied_before: Number
    closes: tuple[float, ...]
    average_volume: Number
    options: OptionActivity

    @property
    def change(self) -> Number:
        """Change since the close, per cent."""
        return _percent(self.last, self.close)


_QUARTER, _HALF_YEAR, _YEAR = 63, 126, 252


def _percent(value: Number, base: Number) -> Number:
    return 100.0 * (value / base - 1.0) if value is not None and base else None


def _ratio(value: Number, base: Number) -> Number:
    return value / base if value is not None and base else None


def _place_in_range(facts: Facts, days: int) -> Number:
    """Where the price is in the range of its closes: 0 at the low, 100 at the high."""
    closes = (*facts.closes[-days:], facts.last)
    high, low = max(closes), min(closes)
    return 100.0 * (facts.last - low) / (high - low) if high > low else None


def _put_call(facts: Facts) -> Number:
    return _ratio(facts.options.put_volume, facts.options.call_volume)


def _option_volume(facts: Facts) -> Number:
    return facts.options.call_volume + facts.options.put_volume


def _day_range(facts: Facts) -> Number:
    return None if facts.high is None or facts.low is None else _ratio(facts.high - facts.low, facts.last)


@dataclass(frozen=True, slots=True)
class ScanCode:
    """What a scan ranks by.

    Attributes:
        label: the name that TWS shows.
        measure: the number, None where there is none.
        lowest_first: whether the smallest number is the best.
    """

    code: str
    label: str
    measure: Callable[[Facts], Number]
    lowest_first: bool = False


def _both(
    high: str, low: str, high_label: str, low_label: str, measure: Callable[[Facts], Number]
) -> tuple[ScanCode, ScanCode]:
    return ScanCode(high, high_label, measure), ScanCode(low, low_label, measure, lowest_first=True)


CODES: dict[str, ScanCode] = {
    one.code: one
    for one in (
        *_both("TOP_PERC_GAIN", "TOP_PERC_LOSE", "Top % Gainers", "Top % Losers", lambda f: f.change),
        ScanCode("MOST_ACTIVE", "Most Active", lambda f: f.volume),
        ScanCode("MOST_ACTIVE_USD", "Most Active ($)", lambda f: f.volume * f.last),
        ScanCode("HOT_BY_VOLUME", "Hot Contracts by Volume", lambda f: _ratio(f.volume, f.average_volume)),
        ScanCode("HOT_BY_PRICE", "Hot Contracts by Price",
                 lambda f: None if f.change is None else _ratio(abs(f.change), f.historical)),
        ScanCode("HOT_BY_PRICE_RANGE", "Hot by Price Range", lambda f: _ratio(_day_range(f), f.historical)),
        ScanCode("TOP_PRICE_RANGE", "Top Price Range", _day_range),
        *_both("TOP_OPEN_PERC_GAIN", "TOP_OPEN_PERC_LOSE", "Top % Gainers Since Open",
               "Top % Losers Since Open", lambda f: _percent(f.last, f.open)),
        *_both("HIGH_OPEN_GAP", "LOW_OPEN_GAP", "Top Close-to-Open % Gainers", "Top Close-to-Open % Losers",
               lambda f: _percent(f.open, f.close)),
        *_both("HIGH_OPT_IMP_VOLAT", "LOW_OPT_IMP_VOLAT", "Highest Option Imp Vol", "Lowest Option Imp Vol",
               lambda f: f.implied),
        *_both("TOP_OPT_IMP_VOLAT_GAIN", "TOP_OPT_IMP_VOLAT_LOSE", "Top Option Imp Vol % Gainers",
               "Top Option Imp Vol % Losers", lambda f: _percent(f.implied, f.implied_before)),
        *_both("HIGH_OPT_IMP_VOLAT_OVER_HIST", "LOW_OPT_IMP_VOLAT_OVER_HIST", "High Opt Imp Vol Over Hist",
               "Low Opt Imp Vol Over Hist", lambda f: _ratio(f.implied, f.historical)),
        ScanCode("OPT_VOLUME_MOST_ACTIVE", "Most Active by Opt Volume", _option_volume),
        ScanCode("HOT_BY_OPT_VOLUME", "Hot by Option Volume",
                 lambda f: _ratio(_option_volume(f), f.options.average_volume)),
        *_both("HIGH_OPT_VOLUME_PUT_CALL_RATIO", "LOW_OPT_VOLUME_PUT_CALL_RATIO", "High Opt Volume P/C Ratio",
               "Low Opt Volume P/C Ratio", _put_call),
        *_both("HIGH_VS_13W_HL", "LOW_VS_13W_HL", "13-Week High", "13-Week Low",
               lambda f: _place_in_range(f, _QUARTER)),
        *_both("HIGH_VS_26W_HL", "LOW_VS_26W_HL", "26-Week High", "26-Week Low",
               lambda f: _place_in_range(f, _HALF_YEAR)),
        *_both("HIGH_VS_52W_HL", "LOW_VS_52W_HL", "52-Week High", "52-Week Low",
               lambda f: _place_in_range(f, _YEAR)),
        ScanCode("HIGH_DIVIDEND_YIELD_IB", "Highest Dividend Yield IB",
                 lambda f: 100.0 * CHARACTERS[f.listing.underlying].dividend_yield or None),
        ScanCode("HALTED", "Halted", lambda f: None),
    )
}  # fmt: skip
"""Every scan that is served; what is not computable here (HALTED) finds nothing."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A bound on a number, by the tag that clients use for it."""

    tag: str
    label: str
    measure: Callable[[Facts], Number]
    is_lower_bound: bool

    def passes(self, facts: Facts, bound: float) -> bool:
        """Whether a stock is on the right side of the bound."""
        value = self.measure(facts)
        return value is not None and (value >= bound if self.is_lower_bound else value <= bound)


def _bounds(tag: str, label: str, measure: Callable[[Facts], Number]) -> tuple[Filter, Filter]:
    return (
        Filter(f"{tag}Above", f"{label} Above", measure, is_lower_bound=True),
        Filter(f"{tag}Below", f"{label} Below", measure, is_lower_bound=False),
    )


FILTERS: dict[str, Filter] = {
    one.tag: one
    for one in (
        *_bounds("price", "Price", lambda f: f.last),
        *_bounds("volume", "Volume", lambda f: f.volume),
        *_bounds("usdVolume", "Volume ($)", lambda f: f.volume * f.last),
        *_bounds("avgVolume", "Average Volume", lambda f: f.average_volume),
        *_bounds("optVolume", "Option Volume", _option_volume),
        *_bounds("avgOptVolume", "Average Option Volume", lambda f: f.options.average_volume),
        *_bounds("changePerc", "Change %", lambda f: f.change),
        *_bounds("openGapPerc", "Open Gap %", lambda f: _percent(f.open, f.close)),
        *_bounds("impVolat", "Option Implied Volatility", lambda f: f.implied),
        *_bounds("impVolatOverHist", "Implied over Historical", lambda f: _ratio(f.implied, f.historical)),
        *_bounds("optVolumePCRatio", "Option Put/Call Ratio", _put_call),
    )
}


@dataclass(frozen=True, slots=True)
class Scan:
    """A request that was understood."""

    code: ScanCode
    rows: int
    location: str
    stock_type: str
    bounds: tuple[tuple[Filter, float], ...] = ()


LOCATIONS: dict[str, tuple[str, Callable[[Listing], bool]]] = {
    "STK.US": ("US Stocks", lambda one: True),
    "STK.US.MAJOR": ("Listed/NASDAQ", lambda one: True),
    "STK.NYSE": ("NYSE", lambda one: one.primary_exchange == "NYSE"),
    "STK.NASDAQ": ("NASDAQ", lambda one: one.primary_exchange == "NASDAQ"),
    "STK.NASDAQ.NMS": ("NASDAQ NMS", lambda one: one.primary_exchange == "NASDAQ"),
    "STK.ARCA": ("NYSE Arca", lambda one: one.primary_exchange == "ARCA"),
    "STK.AMEX": ("AMEX", lambda one: one.primary_exchange == "AMEX"),
    "STK.US.MINOR": ("OTC Markets", lambda one: False),
}
"""Places, their names, and what is listed there."""

STOCK_TYPES: dict[str, Callable[[Listing], bool]] = {
    "": lambda one: True,
    "ALL": lambda one: True,
    "STOCK": lambda one: one.stock_type != "ETF",
    "CORP": lambda one: one.stock_type != "ETF",
    "ETF": lambda one: one.stock_type == "ETF",
    "ADR": lambda one: False,
    "REIT": lambda one: False,
}


def ranked(scan: Scan, market: Iterable[Facts]) -> tuple[Facts, ...]:
    """The best rows, best first; equal ones in order of their ids."""
    is_here, is_kind = LOCATIONS[scan.location][1], STOCK_TYPES[scan.stock_type]
    found = [
        (value, facts)
        for facts in market
        if is_here(facts.listing)
        and is_kind(facts.listing)
        and all(one.passes(facts, bound) for one, bound in scan.bounds)
        and (value := scan.code.measure(facts)) is not None
    ]
    sign = 1 if scan.code.lowest_first else -1
    found.sort(key=lambda pair: (sign * pair[0], pair[1].listing.con_id))
    return tuple(facts for _, facts in found[: scan.rows])
