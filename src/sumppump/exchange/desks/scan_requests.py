"""What a client may ask a scan for: the document of parameters, and how a request is read.

The document has the shape of TWS's (instruments, a tree of locations, scan types, filters) with exactly
what is served here.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator
from functools import lru_cache
from xml.etree import ElementTree as Xml

from sumppump.exchange.newsroom.scans import CODES, FILTERS, LOCATIONS, MOST_ROWS, STOCK_TYPES, Filter, Scan
from sumppump.exchange.reports import Refusal
from sumppump.exchange.wire.market_requests import ReqScannerSubscription

SERVICE_ERROR = "Historical Market Data Service error message:"
INSTRUMENTS = {"STK": "US Stocks", "ETF.EQ.US": "US Equity ETFs"}
_ALSO = {"STOCK": "STK", "STOCK.US": "STK"}
_OF_FIELDS = (
    ("above_price", "priceAbove"), ("below_price", "priceBelow"), ("above_volume", "volumeAbove"),
    ("option_volume_above", "avgOptVolumeAbove"),
)  # fmt: skip
_NOT_KNOWN_HERE = ("marketCapAbove1e6", "marketCapBelow1e6", "moodyRatingAbove", "moodyRatingBelow",
                   "spRatingAbove", "spRatingBelow", "maturityDateAbove", "maturityDateBelow",
                   "couponRateAbove", "couponRateBelow")  # fmt: skip
"""Filters that TWS has and that nothing here has a number for: taken, and passed by everything."""


def read(message: ReqScannerSubscription) -> Scan | Refusal:
    """The scan that a client means, or why there is none; texts are TWS's where it has one."""
    instrument = _ALSO.get(message.instrument, message.instrument)
    kind = "ETF" if instrument == "ETF.EQ.US" else message.stock_type
    named: tuple[tuple[str, str, Container[str]], ...] = (
        ("instrument type", instrument, INSTRUMENTS),
        ("location code", message.location, LOCATIONS),
        ("scan code", message.scan_code, CODES),
        ("stock type filter", kind, STOCK_TYPES),
    )
    wrong = next(((what, text) for what, text, known in named if text not in known), None)
    if wrong is not None:
        return Refusal(162, f"{SERVICE_ERROR}invalid {wrong[0]}: {wrong[1][:40]}")
    try:
        bounds = tuple(_bounds(message))
    except ValueError as error:
        return Refusal(162, f"{SERVICE_ERROR}{error}")
    return Scan(CODES[message.scan_code], _rows(message.rows), message.location, kind, bounds)


def _rows(wanted: int | None) -> int:
    return MOST_ROWS if wanted is None or wanted <= 0 else min(wanted, MOST_ROWS)


def _bounds(message: ReqScannerSubscription) -> Iterator[tuple[Filter, float]]:
    for name, tag in _OF_FIELDS:
        bound = getattr(message, name)
        if bound is not None:
            yield FILTERS[tag], float(bound)
    for pair in message.filter_options.split(";"):
        tag, _, text = pair.partition("=")
        if tag and tag not in _NOT_KNOWN_HERE:
            yield _named(tag), _number(tag, text)


def _named(tag: str) -> Filter:
    if tag not in FILTERS:
        raise ValueError(f"invalid filter: {tag[:40]}")
    return FILTERS[tag]


def _number(tag: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"invalid value of filter {tag[:40]}: {text[:40]}")
    return number


@lru_cache(maxsize=1)
def parameters() -> str:
    """The document of parameters."""
    root = Xml.Element("ScanParameterResponse")
    _instruments(Xml.SubElement(root, "InstrumentList", varName="instrumentList"))
    _locations(Xml.SubElement(root, "LocationTree", varName="locationTree"))
    _scan_types(Xml.SubElement(root, "ScanTypeList", varName="scanTypeList"))
    _filters(Xml.SubElement(root, "FilterList", varName="filterList"))
    Xml.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode")


def _texts(parent: Xml.Element, *pairs: tuple[str, str]) -> None:
    for tag, text in pairs:
        Xml.SubElement(parent, tag).text = text


def _instruments(parent: Xml.Element) -> None:
    for kind, name in INSTRUMENTS.items():
        one = Xml.SubElement(parent, "Instrument")
        filters = ",".join([*FILTERS, *_NOT_KNOWN_HERE])
        _texts(one, ("name", name), ("type", kind), ("filters", filters), ("group", "STK.GLOBAL"))


def _locations(parent: Xml.Element) -> None:
    top = Xml.SubElement(parent, "Location")
    _texts(top, ("displayName", LOCATIONS["STK.US"][0]), ("locationCode", "STK.US"), ("instruments", "STK"))
    branches = Xml.SubElement(top, "LocationTree", varName="locationTree")
    for code, (name, _) in LOCATIONS.items():
        if code != "STK.US":
            one = Xml.SubElement(branches, "Location")
            _texts(one, ("displayName", name), ("locationCode", code), ("instruments", ",".join(INSTRUMENTS)))


def _scan_types(parent: Xml.Element) -> None:
    kinds = ",".join(INSTRUMENTS)
    for code in CODES.values():
        one = Xml.SubElement(parent, "ScanType")
        _texts(one, ("displayName", code.label), ("scanCode", code.code), ("instruments", kinds))


def _filters(parent: Xml.Element) -> None:
    for name in FILTERS:
        one = Xml.SubElement(parent, "SimpleFilter")
        _texts(one, ("id", name), ("category", "General"))
        field = Xml.SubElement(one, "AbstractField", type="scanner.filter.DoubleField", varName="value")
        _texts(field, ("code", name), ("displayName", FILTERS[name].label), ("dontAllowNegative", "false"))
