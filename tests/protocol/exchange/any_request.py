"""Any declared request with values that make sense, that almost do, and that nobody should send."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.layout import Present, record
from sumppump.exchange.wire.scalars import Scalar

NAMED: dict[str, tuple[Any, ...]] = {
    "symbol": ("SPY", "AAPL", "EUR", "BTC", "ES", "SPX", "NOPE", ""),
    "under_symbol": ("SPY", "AAPL", ""),
    "sec_type": ("STK", "OPT", "CASH", "FUT", "IND", "CRYPTO", "BAG", "BOND", ""),
    "under_sec_type": ("STK", "IND", ""),
    "exchange": ("SMART", "SMART", "ARCA", "IDEALPRO", "PAXOS", "CME", "MOON", ""),
    "currency": ("USD", "USD", "EUR", ""),
    "con_id": (0, 0, 756733, 265598, 28812380, -1, 2**31 - 1),
    "under_con_id": (756733, 0),
    "expiry": ("", "202612", "20261218", "tomorrow"),
    "right": ("", "C", "P", "?"),
    "req_id": (1, 1, 2, 3, 0, -1, 2**31 - 1),
    "order_id": (1, 2, 3, 4, 5, 0, -1, 2**31 - 1),
    "parent_id": (0, 0, 1, 2),
    "client_id": (0, 1, 2),
    "action": ("BUY", "BUY", "SELL", "SSHORT", ""),
    "order_type": (
        "LMT",
        "LMT",
        "LMT",
        "MKT",
        "MKT",
        "STP",
        "STP LMT",
        "TRAIL",
        "TRAIL LIMIT",
        "MOC",
        "LOC",
        "REL",
        "MIT",
        "?",
    ),
    "tif": ("DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "", "X"),
    "account": ("", "", "SIM1", "DU1"),
    "duration": ("1 D", "60 S", "1 W", "1 Y", "x"),
    "bar_size": ("1 min", "1 hour", "1 day", "1 secs", "x"),
    "what_to_show": ("TRADES", "MIDPOINT", "BID_ASK", "SCHEDULE", "X"),
    "tick_type": ("Last", "AllLast", "BidAsk", "MidPoint", "X"),
    "generic_ticks": ("", "100,101,233", "mdoff,292:BRFG", "999999"),
    "start": ("", "20261119 10:00:00 US/Eastern", "x"),
    "end": ("", "20261119 10:00:00 US/Eastern", "x"),
    "tags": ("All", "NetLiquidation", "$LEDGER:ALL", ""),
    "group": ("All", "1", ""),
}
INTS = (0, 1, 1, 2, 5, -1, 2**31 - 1, 10**12)
REALS = (0.0, 1.0, 0.01, 500.0, 700.0, -5.0, 1e15, -1e300, 5e-324)
SIZES = tuple(Decimal(text) for text in ("1", "1", "100", "0", "-1", "0.5", "1E+24"))
TEXTS = ("", "", "1", "SPY", "é", "\\", "x" * 300)
PRICES = (0.01, 1.0, 500.0, 600.0, 700.0, 750.0, -5.0, 1e15)
NAMED |= {"lmt_price": PRICES, "aux_price": PRICES, "total_quantity": SIZES}
BY_LABEL: dict[str, tuple[Any, ...]] = {
    "integer": INTS,
    "number": REALS,
    "size": SIZES,
    "flag": (False, True),
    "text": TEXTS,
}


KNOWN = (
    Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD"),
    Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD"),
    Contract(
        symbol="SPY",
        sec_type="OPT",
        expiry="20261218",
        strike=680.0,
        right="C",
        exchange="SMART",
        currency="USD",
    ),
    Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD"),
    Contract(symbol="ES", sec_type="FUT", expiry="202612", exchange="CME", currency="USD"),
    Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD"),
)


MOSTLY = st.sampled_from((True, True, True, True, False))
TELLING = frozenset({"order_type", "lmt_price", "aux_price", "total_quantity", "what_to_show", "tick_type"})
"""Fields that are always drawn; of the others two at most do not keep their default."""


@st.composite
def any_request(draw: st.DrawFn, classes: tuple[type[Any], ...], version: int) -> Any:
    """A message of one of these classes."""
    return _made(draw, draw(st.sampled_from(classes)), version)


def _made(draw: st.DrawFn, cls: type[Any], version: int) -> Any:
    if cls is Contract and draw(MOSTLY):
        return draw(st.sampled_from(KNOWN))
    hints = get_type_hints(cls, include_extras=True)
    defaults = {field.name: field.default for field in fields(cls) if field.default is not MISSING}
    steps = record(cls, version).steps
    odd = draw(st.sets(st.sampled_from([step.name for step in steps]), max_size=2)) if steps else set()
    values: dict[str, Any] = {}
    for step in steps:
        draft = types.SimpleNamespace(**{"conditions": (), **defaults, **values})
        if step.when is not None and not step.when(draft):
            continue
        if step.name not in defaults or step.name in TELLING or step.name in odd:
            values[step.name] = _value(draw, step.name, hints[step.name], version)
    return cls(**values)


def _value(draw: st.DrawFn, name: str, hint: Any, version: int) -> Any:
    core, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    for mark in marks:
        if isinstance(mark, Scalar):
            return draw(st.sampled_from(NAMED.get(name, BY_LABEL[mark.label])))
    if get_origin(core) is tuple:
        (item, *_) = get_args(core)
        members = get_args(item) if isinstance(item, types.UnionType) else (item,)
        count = draw(st.sampled_from((0, 0, 0, 1, 2)))
        return tuple(_value(draw, name, draw(st.sampled_from(members)), version) for _ in range(count))
    members = tuple(cls for cls in (get_args(core) or (core,)) if cls is not type(None))
    if any(isinstance(mark, Present) for mark in marks) and draw(st.booleans()):
        return None
    return _made(draw, members[0], version)
