"""Finding contracts by a client's description; the answers and refusals are TWS's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sumppump.exchange.contract_ids import OptionKey
from sumppump.exchange.instruments import (
    BAG_CON_ID,
    Bag,
    ContractQuery,
    Instrument,
    Leg,
    LegQuery,
    Listing,
    SecType,
)
from sumppump.exchange.listing import Board, option_listing, stock_listing
from sumppump.exchange.reports import Refusal
from sumppump.exchange.symbols import BY_SYMBOL, UNDERLYINGS

NO_DEFINITION = Refusal(200, "No security definition has been found for the request")
MISSING_EXCHANGE = Refusal(321, "Error validating request.-'bN' : cause - Missing order exchange.")
BAD_LEGS = Refusal(321, "Error validating request.-'bN' : cause - The combo legs are invalid")
_RIGHTS = {"": "", "?": "", "0": "", "C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_FEWEST_LEGS, _MOST_LEGS = 2, 8


def ambiguous(query: ContractQuery) -> Refusal:
    """Several contracts fit."""
    return Refusal(
        200, f"The contract description specified for {query.symbol or query.local_symbol} is ambiguous."
    )


def find_contracts(board: Board, query: ContractQuery, today: date) -> tuple[Listing, ...]:
    """Every listed contract that fits, in order of expiry, strike and right."""
    if query.strike is not None and not query.strike.is_finite():
        return ()
    return tuple(listing for listing in _candidates(board, query, today) if fits(listing, query))


def _candidates(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    if query.con_id:
        found = board.find(query.con_id, today, include_expired=query.include_expired)
        yield from () if found is None else (found,)
    elif query.sec_type == SecType.OPTION:
        yield from _options(board, query, today)
    elif query.sec_type in ("", SecType.STOCK):
        yield from (stock_listing(under) for under in UNDERLYINGS)


def _options(board: Board, query: ContractQuery, today: date) -> Iterator[Listing]:
    symbol = query.symbol or query.local_symbol[:6].strip() or query.trading_class
    if symbol not in BY_SYMBOL:
        return
    for expiry in board.expiries(symbol, today):
        if query.expiry and not f"{expiry:%Y%m%d}".startswith(query.expiry):
            continue
        for key in board.keys(symbol, expiry):
            if _wanted(key, query):
                yield option_listing(key)


def _wanted(key: OptionKey, query: ContractQuery) -> bool:
    # Before a listing is built: chains are long.
    return not query.strike or key.strike == query.strike


def fits(listing: Listing, query: ContractQuery) -> bool:
    """Whether a listing has everything that the query names."""
    expiry = "" if listing.expiry is None else f"{listing.expiry:%Y%m%d}"
    right = _RIGHTS.get(query.right.upper())
    named = (
        (query.symbol, listing.symbol),
        (query.sec_type, listing.sec_type),
        (query.currency, listing.currency),
        (query.local_symbol, listing.local_symbol),
        (query.trading_class, listing.trading_class),
        (right, listing.right),
    )
    return (
        right is not None
        and all(not wanted or wanted == found for wanted, found in named)
        and (not query.expiry or expiry.startswith(query.expiry))
        and (not query.strike or query.strike == (listing.strike or Decimal(0)))
        and _number_fits(query.multiplier, listing.multiplier)
        and (not query.exchange or query.exchange in listing.valid_exchanges)
        and _primary_fits(query.primary_exchange, listing)
    )


def _number_fits(wanted: str, found: int) -> bool:
    return wanted in ("", "0") or wanted == str(found)


def _primary_fits(wanted: str, listing: Listing) -> bool:
    # Clients write NASDAQ or ISLAND, or name the exchange of an option's underlying; TWS is as lenient.
    return not wanted or listing.is_option or wanted in (listing.primary_exchange, "ISLAND", "SMART")


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
    symbols = {leg.listing.symbol for leg in found}
    ids = {leg.listing.con_id for leg in found}
    if len(symbols) != 1 or len(ids) != len(found) or any(leg.ratio == 0 for leg in found):
        return BAD_LEGS
    return Bag(found[0].listing.symbol, tuple(found))


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
    by_symbol = [under for under in UNDERLYINGS if under.symbol.startswith(wanted)]
    by_name = [under for under in UNDERLYINGS if wanted in under.name and under not in by_symbol]
    return tuple(stock_listing(under) for under in (*by_symbol, *by_name))
