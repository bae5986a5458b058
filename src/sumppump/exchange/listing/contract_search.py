"""Finding contracts by a client's description; the answers and refusals are TWS's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import previous_trading_day
from sumppump.exchange.listing.board import Board
from sumppump.exchange.listing.contract_ids import OptionKey
from sumppump.exchange.listing.futures import ROOTS
from sumppump.exchange.listing.instruments import (
    BAG_CON_ID,
    Bag,
    ContractQuery,
    Instrument,
    Leg,
    LegQuery,
    Listing,
    SecType,
)
from sumppump.exchange.listing.listing import future_listing, local_symbol, option_listing, plain_listing
from sumppump.exchange.listing.option_classes import CLASSES, OptionClass, classes_on
from sumppump.exchange.listing.symbols import BY_CON_ID, BY_TICKER, UNDERLYINGS, Underlying
from sumppump.exchange.reports import Refusal

NO_DEFINITION = Refusal(200, "No security definition has been found for the request")
MISSING_EXCHANGE = Refusal(321, "Error validating request.-'bN' : cause - Missing order exchange.")
BAD_LEGS = Refusal(321, "Error validating request.-'bN' : cause - The combo legs are invalid")
_RIGHTS = {"": "", "?": "", "0": "", "C": "C", "CALL": "C", "P": "P", "PUT": "P"}
CONTINUOUS = "CONTFUT"
_KINDS: dict[str, str] = {CONTINUOUS: SecType.FUTURE}
_EXCHANGES = {"GLOBEX": "CME"}  # its former name, which clients still write
_FEWEST_LEGS, _MOST_LEGS = 2, 8
_MOST_SYMBOLS = 16


def ambiguous(query: ContractQuery) -> Refusal:
    """Several contracts fit."""
    return Refusal(
        200, f"The contract description specified for {query.symbol or query.local_symbol} is ambiguous."
    )


def find_contracts(board: Board, query: ContractQuery, today: date) -> tuple[Listing, ...]:
    """Every listed contract that fits, in order of class, expiry, strike and right."""
    return tuple(each_contract(board, query, today))


def each_contract(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    """The same one by one, made as they are asked for: some descriptions fit tens of thousands.

    A date means the last trading day; only where none fits, the day of settlement (our decision).
    """
    if query.strike is not None and not query.strike.is_finite():
        return iter(())
    if any(_is_exact(one, query) for one in _fitting(board, query, today)):
        return (one for one in _fitting(board, query, today) if _is_exact(one, query))
    return _fitting(board, query, today)


def _fitting(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    return (listing for listing in _candidates(board, query, today) if fits(listing, query))


def _is_exact(listing: Listing, query: ContractQuery) -> bool:
    return _day_of(listing.expiry).startswith(query.expiry)


def _candidates(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    if query.con_id:
        found = board.find(query.con_id, today, include_expired=query.include_expired)
        yield from () if found is None else (found,)
    elif query.sec_type == SecType.OPTION:
        yield from _options(board, query, today)
    elif query.sec_type == SecType.FUTURE:
        yield from map(future_listing, board.futures(today, include_expired=query.include_expired))
    elif query.sec_type == CONTINUOUS:
        yield from map(future_listing, board.nearest_futures(today))
    else:
        named = BY_TICKER.get(query.symbol, ()) if query.symbol else UNDERLYINGS
        yield from (plain_listing(one) for one in named if query.sec_type in ("", one.sec_type))


def _options(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    for trading_class in _classes(query):
        for expiry in board.expiries(trading_class, today):
            if _day_wanted(expiry, query.expiry):
                wanted = (key for key in board.keys(trading_class, expiry) if _key_wanted(key, query))
                yield from map(option_listing, wanted)


def _classes(query: ContractQuery) -> Iterator[str]:
    """The classes that the description can mean; a description of any option of any class means none."""
    local_class = query.local_symbol[:6].strip()
    for one in CLASSES:
        named = (query.symbol, one.under.ticker), (query.trading_class, one.name), (local_class, one.name)
        is_named = any(text for text, _ in named) and all(text in ("", own) for text, own in named)
        if is_named and _class_fits(one, query):
            yield one.name


# Before a listing is built: chains are long, and a description that fits nothing should cost nothing.
def _class_fits(one: OptionClass, query: ContractQuery) -> bool:
    return (
        query.right.upper() in _RIGHTS
        and query.currency in ("", "USD")
        and (not query.exchange or query.exchange in one.exchanges)
        and _number_fits(query.multiplier, one.multiplier)
        and not query.sec_id
    )


def _day_wanted(expiry: date, wanted: str) -> bool:
    return not wanted or any(
        _day_of(day).startswith(wanted) for day in (expiry, previous_trading_day(expiry))
    )


def _key_wanted(key: OptionKey, query: ContractQuery) -> bool:
    is_named = not query.local_symbol or local_symbol(key) == query.local_symbol
    return is_named and (not query.strike or key.strike == query.strike)


def _day_of(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}"


def fits(listing: Listing, query: ContractQuery) -> bool:
    """Whether a listing has everything that the query names."""
    right = _RIGHTS.get(query.right.upper())
    named = (
        (query.symbol, listing.symbol),
        (_KINDS.get(query.sec_type, query.sec_type), listing.sec_type),
        (query.currency, listing.currency),
        (query.local_symbol, listing.local_symbol),
        (query.trading_class, listing.trading_class),
        (right, listing.right),
    )
    return (
        right is not None
        and all(not wanted or wanted == found for wanted, found in named)
        and _expiry_fits(query.expiry, listing)
        and (not query.strike or query.strike == (listing.strike or Decimal(0)))
        and _number_fits(query.multiplier, listing.multiplier)
        and (not query.exchange or _EXCHANGES.get(query.exchange, query.exchange) in listing.valid_exchanges)
        and _primary_fits(query.primary_exchange, listing)
        and _number_of_issue_fits(query, listing)
    )


def _expiry_fits(wanted: str, listing: Listing) -> bool:
    days = (_day_of(listing.expiry), _day_of(listing.real_expiry))
    return not wanted or any(day.startswith(wanted) for day in days if day)


def _number_fits(wanted: str, found: int) -> bool:
    return wanted in ("", "0") or wanted == str(found)


def _primary_fits(wanted: str, listing: Listing) -> bool:
    # Clients write NASDAQ or ISLAND, or name the exchange of an option's underlying; TWS is as lenient.
    return not wanted or listing.is_option or wanted in (listing.primary_exchange, "ISLAND", "SMART")


def _number_of_issue_fits(query: ContractQuery, listing: Listing) -> bool:
    if not query.sec_id:
        return True
    under = BY_CON_ID.get(listing.con_id)
    isin = "" if under is None else under.isin
    known = {"ISIN": isin, "CUSIP": isin[2:11]}
    return bool(isin) and known.get(query.sec_id_type.upper()) == query.sec_id


def resolve(board: Board, query: ContractQuery, today: date) -> Instrument | Refusal:
    """The one instrument that is meant."""
    if query.sec_type == SecType.BAG:
        return _bag(board, query, today)
    found = find_contracts(board, query, today)
    if not found:
        return NO_DEFINITION
    return found[0] if len(found) == 1 else ambiguous(query)


def _bag(board: Board, query: ContractQuery, today: date) -> Bag | Refusal:
    if not _FEWEST_LEGS <= len(query.legs) <= _MOST_LEGS:
        return BAD_LEGS
    legs = [_leg(board, leg, today) for leg in query.legs]
    found = [leg for leg in legs if leg is not None]
    if len(found) < len(legs):
        return NO_DEFINITION
    return Bag(found[0].listing.symbol, tuple(found)) if _go_together(found) else BAD_LEGS


def _go_together(legs: list[Leg]) -> bool:
    """Different contracts on one underlying, in one currency and on one grid of prices, none an index."""
    listings = [leg.listing for leg in legs]
    alike = {(one.symbol, one.currency, one.price_units) for one in listings}
    different = len({one.con_id for one in listings}) == len(listings)
    tradable = all(one.sec_type is not SecType.INDEX for one in listings)
    return len(alike) == 1 and different and tradable and all(leg.ratio for leg in legs)


def _leg(board: Board, leg: LegQuery, today: date) -> Leg | None:
    listing = board.find(leg.con_id, today)
    sign = {"BUY": 1, "SELL": -1}.get(leg.action, 0)
    if listing is None or leg.con_id == BAG_CON_ID:
        return None
    return Leg(listing, sign * max(leg.ratio, 0), leg.exchange)


def match_symbols(pattern: str) -> tuple[Listing, ...]:
    """Symbols that begin with the pattern, then names that contain it."""
    wanted = pattern.strip().upper()
    if not wanted:
        return ()
    found = dict.fromkeys((*_by_symbol(wanted), *_by_name(wanted)))
    return tuple(plain_listing(under) for under in tuple(found)[:_MOST_SYMBOLS])


def derivatives_on(symbol: str) -> tuple[str, ...]:
    """Kinds of contracts that are listed on an underlying, as symbol samples tell them."""
    options = (str(SecType.OPTION),) if classes_on(symbol) else ()
    has_futures = any(symbol in (root.symbol, root.underlying) for root in ROOTS)
    futures = (str(SecType.FUTURE),) if has_futures else ()
    return (*options, *futures, str(SecType.BAG)) if options or futures else ()


def _by_symbol(wanted: str) -> Iterable[Underlying]:
    return (under for under in UNDERLYINGS if under.symbol.startswith(wanted))


def _by_name(wanted: str) -> Iterable[Underlying]:
    return (under for under in UNDERLYINGS if wanted in under.name.upper())
