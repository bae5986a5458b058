"""What an order must look like before the market sees it; each refusal in TWS's words where they are known.

The rules are a table in the order in which they are tried. Unknown or unsupported words are refused by name,
never read as something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from sumppump.exchange.commands import OrderSpec, Watch
from sumppump.exchange.listing.contract_search import MISSING_EXCHANGE
from sumppump.exchange.listing.instruments import Bag, ContractQuery, Instrument, SecType
from sumppump.exchange.listing.market_rules import CENT, tick_for
from sumppump.exchange.orders.orders import KINDS, OrderKind, Peg
from sumppump.exchange.orders.triggers import METHODS
from sumppump.exchange.reports import Refusal

MOST_ACTIVE_ORDERS = 20  # per contract and side
_LARGEST_QUANTITY = 1_000_000
_LARGEST_QUANTITIES = {SecType.CASH: 100_000_000}
_LARGEST_PRICE = 1_000_000
_COIN_GRAIN = Decimal("0.00000001")
_SMALLEST_BLOCK = 50
_TIFS = frozenset({"", "DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "DTC"})
_OPENING_TYPES = frozenset({"MKT", "LMT"})
_CASH_TYPES = frozenset({SecType.CASH, SecType.CRYPTO})
_KNOWN_BUT_UNSERVED = frozenset(
    {"BOX TOP", "MKT PRT", "PASSV REL", "PEG BENCH", "PEG BEST", "PEG MKT", "PEG PRIM", "PEG STK",
     "REL + LMT", "REL + MKT", "SNAP MID", "SNAP MKT", "SNAP PRIM", "STP PRT", "TRAIL LIT",
     "TRAIL MIT", "VOL", "VWAP"}
)  # fmt: skip
_ALGORITHMS = frozenset(
    {"Adaptive", "ArrivalPx", "BalanceImpactRisk", "ClosePx", "DarkIce", "MinImpact", "PctVol", "PctVolPx",
     "PctVolSz", "PctVolTm", "Twap", "Vwap"}
)  # fmt: skip
"""Algorithms that are taken. Here they work as their plain order would, all at once (our decision)."""
_ALGO_TYPES = frozenset({"MKT", "LMT"})
_UNSUPPORTED = Refusal(387, "Unsupported order type for this exchange and security type.")
_FRACTIONAL = Refusal(
    10243,
    "Fractional-sized order cannot be placed via API. Please see desktop version of the TWS for details.",
)
_BAD_TICK = Refusal(110, "The price does not conform to the minimum price variation for this contract.")
_DAY_FOR_CLOSE = Refusal(113, "TIF must be DAY for MOC and LOC orders")
_STOCKS_ONLY = Refusal(114, "Relative orders are valid for stocks only.")
_SMALL_BLOCK = Refusal(117, "The block order size must be at least 50.")
_BAD_TRIGGER = Refusal(146, "Invalid trigger method.")
_VAGUE_CONDITION = Refusal(147, "The conditional contract info is incomplete.")
_EITHER = Refusal(
    157,
    "An order can be EITHER Iceberg or Discretionary. Please remove either the Discretionary amount or the"
    " Display size.",
)
_BAD_PERCENT = Refusal(159, "The percent offset value must be between 0% and 100%.")
_BAD_END = Refusal(334, "Invalid Good Till Date order")
_TOO_SMALL = Refusal(388, "Order size is smaller than the minimum requirement.")
_NO_SIZE = Refusal(434, "The order size cannot be zero.")
_NO_ALGORITHM = Refusal(439, "The order processing failed. Algorithm definition not found.")
_NOT_FOR_ALGORITHM = Refusal(442, "Specified algorithm is not allowed for this order.")
_CASH_QUANTITY = Refusal(10244, "Cash Quantity cannot be used for this order")
TOO_MANY_ACTIVE = Refusal(
    201,
    f"Order rejected - reason:The number of active orders on this side of the contract is at its"
    f" maximum of {MOST_ACTIVE_ORDERS}",
)


def invalid(cause: str) -> Refusal:
    """Code 321 with a cause."""
    return Refusal(321, f"Error validating request.-'bN' : cause - {cause}")


def _action(spec: OrderSpec, _: Instrument) -> Refusal | None:
    return None if spec.action in ("BUY", "SELL") else invalid(f"Invalid action: {spec.action!r}")


def _order_type(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    kind = KINDS.get(spec.order_type)
    if kind is not None:
        return _suits(kind, instrument)
    if spec.order_type in _KNOWN_BUT_UNSERVED:
        return _UNSUPPORTED
    return Refusal(321, "Error validating request.-'bF' : cause - Invalid order type was entered.")


def _suits(kind: OrderKind, instrument: Instrument) -> Refusal | None:
    """Auctions and pegs are for stocks."""
    if instrument.sec_type is SecType.STOCK or not (kind.is_for_close or kind.peg):
        return None
    return _STOCKS_ONLY if kind.peg is Peg.PRIMARY else _UNSUPPORTED


def _quantity(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    fault = None if spec.cash_quantity is None else _cash_fault(spec, instrument)
    if fault is not None:
        return fault
    quantity = spec.quantity
    if quantity is None or quantity.is_zero():
        return _NO_SIZE
    if not quantity.is_finite() or quantity < 0:
        return invalid("Order size must be greater than zero")
    if quantity > _LARGEST_QUANTITIES.get(instrument.sec_type, _LARGEST_QUANTITY):
        return invalid("Order size exceeds the maximum")
    return _FRACTIONAL if quantity % grain_of(instrument) else None


def grain_of(instrument: Instrument) -> Decimal:
    """The smallest quantity: one, of coins a hundred-millionth."""
    return _COIN_GRAIN if instrument.sec_type is SecType.CRYPTO else Decimal(1)


def _cash_fault(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    """An amount of money instead of a quantity: to buy coins or currency at the market."""
    if instrument.sec_type not in _CASH_TYPES or spec.order_type != "MKT" or spec.action != "BUY":
        return _CASH_QUANTITY
    return None


def _time_in_force(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    tif = spec.tif
    if tif not in _TIFS:
        return invalid(f"Invalid time in force: {tif!r}")
    if KINDS[spec.order_type].is_for_close and tif not in ("", "DAY"):
        return _DAY_FOR_CLOSE
    if tif == "OPG" and (spec.order_type not in _OPENING_TYPES or instrument.sec_type is not SecType.STOCK):
        return Refusal(111, f"The TIF ({tif}) and the order type are incompatible.")
    return _BAD_END if (tif == "GTD") != (spec.ends_at is not None) else None


def _sizes(spec: OrderSpec, _: Instrument) -> Refusal | None:
    """What goes with the quantity."""
    quantity = spec.quantity or 0
    if spec.display_size and spec.discretionary:
        return _EITHER
    if not 0 <= spec.min_quantity <= quantity or spec.display_size < 0:
        return _TOO_SMALL
    is_block = ("block_order", "1") in spec.echo
    return _SMALL_BLOCK if is_block and quantity < _SMALLEST_BLOCK else None


def _trigger(spec: OrderSpec, _: Instrument) -> Refusal | None:
    methods = (spec.trigger_method, *(one.method for one in spec.conditions))
    return None if all(one in METHODS for one in methods) else _BAD_TRIGGER


def _algorithm(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    if not spec.algo:
        return None
    if spec.algo not in _ALGORITHMS:
        return _NO_ALGORITHM
    is_plain = spec.order_type in _ALGO_TYPES and not isinstance(instrument, Bag)
    return None if is_plain else _NOT_FOR_ALGORITHM


def _conditions(spec: OrderSpec, _: Instrument) -> Refusal | None:
    for one in spec.conditions:
        if one.watches in CONTRACT_WATCHES and not one.con_id:
            return _VAGUE_CONDITION
        if one.watches is Watch.TIME and one.at is None:
            return _VAGUE_CONDITION
    return None


CONTRACT_WATCHES = frozenset({Watch.PRICE, Watch.VOLUME, Watch.CHANGE})
"""Conditions about a contract."""


def _prices(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    faults = (_price_fault(name, price, instrument) for name, price in _priced(spec, instrument))
    return next((fault for fault in faults if fault is not None), None)


def _priced(spec: OrderSpec, instrument: Instrument) -> Iterator[tuple[str, Decimal | None]]:
    """The prices that have to be there and on the grid, by name."""
    kind = KINDS[spec.order_type]
    is_capped = kind.peg is not None and spec.limit is not None
    if (kind.needs_limit and not spec.leg_prices) or is_capped:
        yield "Limit", spec.limit
    if kind.needs_aux:
        yield "Stop", spec.aux


def _price_fault(name: str, price: Decimal | None, instrument: Instrument) -> Refusal | None:
    if price is None or not price.is_finite():
        return invalid(f"{name} price is missing or not a number")
    if abs(price) > _LARGEST_PRICE:
        return invalid(f"{name} price is out of range")
    if price <= 0 and not isinstance(instrument, Bag):
        return invalid(f"{name} price must be greater than zero")
    tick = CENT if isinstance(instrument, Bag) else tick_for(instrument.market_rule_ids[0], price)
    return _BAD_TICK if price % tick else None


def _trailing(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    kind = KINDS[spec.order_type]
    if not kind.trails:
        return None
    given = [one for one in (spec.aux, spec.trailing_percent) if one is not None]
    if len(given) != 1 or not given[0].is_finite() or given[0] <= 0:
        return invalid("Exactly one of trailing amount and trailing percent must be greater than zero")
    if kind.offsets_limit and (spec.limit_offset is None or not _is_offset(spec.limit_offset, instrument)):
        return invalid("Limit price offset is missing or not a number")
    start = spec.trail_stop_price
    return None if start is None else _price_fault("Trail stop", start, instrument)


def _pegging(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    if KINDS[spec.order_type].peg is None:
        return None
    share = spec.percent_offset
    if share is not None and not (share.is_finite() and 0 <= share <= 1):
        return _BAD_PERCENT
    return None if _is_offset(spec.aux or Decimal(0), instrument) else invalid("Offset is not a number")


def _discretion(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    amount = spec.discretionary
    return (
        None
        if _is_offset(amount, instrument) and amount >= 0
        else invalid("Discretionary amount is not a number")
    )


def _is_offset(amount: Decimal, instrument: Instrument) -> bool:
    tick = CENT if isinstance(instrument, Bag) else instrument.min_tick
    return amount.is_finite() and abs(amount) <= _LARGEST_PRICE and amount % tick == 0


def _legs(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    """Prices of a combo's legs: one for each, and no price for the whole."""
    if not spec.leg_prices:
        return None
    fits = isinstance(instrument, Bag) and len(instrument.legs) == len(spec.leg_prices)
    if not fits or spec.order_type != "LMT":
        return invalid("Leg prices do not match the combo")
    sound = all(one is not None and one.is_finite() and 0 <= one <= _LARGEST_PRICE for one in spec.leg_prices)
    return None if sound else invalid("Leg price is missing or not a number")


def _account(account: str) -> Callable[[OrderSpec, Instrument], Refusal | None]:
    def check(spec: OrderSpec, _: Instrument) -> Refusal | None:
        return None if spec.account in ("", account) else invalid(f"Invalid account code {spec.account!r}")

    return check


_RULES = (
    _action, _order_type, _quantity, _time_in_force, _prices, _trailing, _pegging, _discretion, _sizes,
    _trigger, _algorithm, _conditions, _legs,
)  # fmt: skip


def destination_fault(query: ContractQuery) -> Refusal | None:
    """What is wrong with where an order goes; judged before the contract is looked up."""
    if not query.exchange:
        return MISSING_EXCHANGE
    return _UNSUPPORTED if query.exchange == "IBKRATS" else None


def refusal_of(spec: OrderSpec, instrument: Instrument, account: str, now: datetime) -> Refusal | None:
    """The first rule that an order breaks, None if it breaks none."""
    for rule in (*_RULES, _account(account)):
        fault = rule(spec, instrument)
        if fault is not None:
            return fault
    return _BAD_END if spec.ends_at is not None and spec.ends_at <= now else None
