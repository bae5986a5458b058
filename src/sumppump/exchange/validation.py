"""What an order must look like before the market sees it; each refusal in TWS's words where they are known.

The rules are a table in the order in which they are tried. Unknown or unsupported words are refused by name,
never read as something else.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.contract_search import MISSING_EXCHANGE
from sumppump.exchange.instruments import Bag, ContractQuery, Instrument
from sumppump.exchange.market_rules import CENT, tick_for
from sumppump.exchange.orders import KINDS
from sumppump.exchange.reports import Refusal

MOST_ACTIVE_ORDERS = 20  # per contract and side
_LARGEST_QUANTITY = 1_000_000
_LARGEST_PRICE = 1_000_000
_TIFS = frozenset({"", "DAY", "GTC", "IOC", "FOK"})
_DAY_ONLY = frozenset({"MOC", "LOC"})
_KNOWN_BUT_UNSERVED = frozenset(
    {"LIT", "LOC", "MIDPRICE", "MIT", "MOC", "MTL", "PEG BENCH", "PEG MID", "REL", "TRAIL LIMIT", "VOL"}
)
_UNSUPPORTED = Refusal(387, "Unsupported order type for this exchange and security type.")
_FRACTIONAL = Refusal(
    10243,
    "Fractional-sized order cannot be placed via API. Please see desktop version of the TWS for details.",
)
_BAD_TICK = Refusal(110, "The price does not conform to the minimum price variation for this contract.")
_DAY_FOR_CLOSE = Refusal(113, "TIF must be DAY for MOC and LOC orders")
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


def _order_type(spec: OrderSpec, _: Instrument) -> Refusal | None:
    if spec.order_type in KINDS:
        return None
    if spec.order_type in _DAY_ONLY and spec.tif not in ("", "DAY"):
        return _DAY_FOR_CLOSE
    if spec.order_type in _KNOWN_BUT_UNSERVED:
        return _UNSUPPORTED
    return Refusal(321, "Error validating request.-'bF' : cause - Invalid order type was entered.")


def _quantity(spec: OrderSpec, _: Instrument) -> Refusal | None:
    quantity = spec.quantity
    if quantity is None or not quantity.is_finite() or quantity <= 0:
        return invalid("Order size must be greater than zero")
    if quantity != quantity.to_integral_value():
        return _FRACTIONAL
    return None if quantity <= _LARGEST_QUANTITY else invalid("Order size exceeds the maximum")


def _time_in_force(spec: OrderSpec, _: Instrument) -> Refusal | None:
    if spec.good_till_date or spec.good_after_time:
        return invalid("Good till date and good after time are not served by this exchange")
    return None if spec.tif in _TIFS else invalid(f"Invalid time in force: {spec.tif!r}")


def _prices(spec: OrderSpec, instrument: Instrument) -> Refusal | None:
    kind = KINDS[spec.order_type]
    if kind.needs_limit:
        fault = _price_fault("Limit", spec.limit, instrument)
        if fault is not None:
            return fault
    return _price_fault("Stop", spec.aux, instrument) if kind.needs_aux else None


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
    if not KINDS[spec.order_type].trails:
        return None
    amount, percent = spec.aux, spec.trailing_percent
    given = [one for one in (amount, percent) if one is not None]
    if len(given) != 1 or not given[0].is_finite() or given[0] <= 0:
        return invalid("Exactly one of trailing amount and trailing percent must be greater than zero")
    start = spec.trail_stop_price
    return None if start is None else _price_fault("Trail stop", start, instrument)


def _account(account: str) -> Callable[[OrderSpec, Instrument], Refusal | None]:
    def check(spec: OrderSpec, _: Instrument) -> Refusal | None:
        return None if spec.account in ("", account) else invalid(f"Invalid account code {spec.account!r}")

    return check


def refusal_of(query: ContractQuery, spec: OrderSpec, instrument: Instrument, account: str) -> Refusal | None:
    """The first rule that an order breaks, None if it breaks none."""
    if not query.exchange:
        return MISSING_EXCHANGE
    rules = (
        _action, _order_type, _quantity, _time_in_force, _prices, _trailing, _account(account)
    )  # fmt: skip
    return next((fault for rule in rules if (fault := rule(spec, instrument)) is not None), None)
