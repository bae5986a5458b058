"""Strategies over two expiries: calendars and diagonals; the later leg outlives the one that is sold."""

from __future__ import annotations

from sumppump.domain.margin.rules import MarginRule
from sumppump.strategies.shape import AT_THE_MONEY as ATM
from sumppump.strategies.shape import Aim, Outlook, Shape, StrategyType, Vega, legs

_BULL, _BEAR, _FLAT = Outlook.BULLISH, Outlook.BEARISH, Outlook.NEUTRAL
_AT_ONE_STRIKE = Aim(deltas=(ATM,))

ROWS = (
    Shape(
        type=StrategyType.CALENDAR_CALL,
        legs=legs("-C0 +C0far"),
        level=3,
        outlooks=(_FLAT,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="Gains most if the price is at the strike when the nearer call expires.",
        aliases=(
            "calendar",
            "calendar_spread",
            "call_calendar",
            "call_calendar_spread",
            "long_call_calendar",
            "time_spread",
            "horizontal_spread",
        ),
    ),
    Shape(
        type=StrategyType.CALENDAR_PUT,
        legs=legs("-P0 +P0far"),
        level=3,
        outlooks=(_FLAT,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="Gains most if the price is at the strike when the nearer put expires.",
        aliases=("put_calendar", "put_calendar_spread", "long_put_calendar"),
    ),
    Shape(
        type=StrategyType.DOUBLE_CALENDAR,
        legs=legs("-P0 +P0far -C1 +C1far"),
        level=3,
        outlooks=(_FLAT,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.30, 0.30), anchors=(), offsets=(-1, 1), is_centred=True),
        about="A put calendar below the price and a call calendar above it: gains between and near them.",
        aliases=("double_calendar_spread",),
    ),
    Shape(
        type=StrategyType.DIAGONAL_CALL,
        legs=legs("+C0far -C1"),
        level=3,
        outlooks=(_BULL,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.60, 0.30), anchors=(1,), offsets=(-1, 0)),
        about="A later call against which a nearer, higher one is sold: a covered call without the shares.",
        aliases=("diagonal", "diagonal_spread", "call_diagonal", "call_diagonal_spread"),
    ),
    Shape(
        type=StrategyType.DIAGONAL_PUT,
        legs=legs("-P0 +P1far"),
        level=3,
        outlooks=(_BEAR,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.30, 0.60), offsets=(0, 1)),
        about="A later put against which a nearer, lower one is sold.",
        aliases=("put_diagonal", "put_diagonal_spread"),
    ),
    Shape(
        type=StrategyType.DOUBLE_DIAGONAL,
        legs=legs("+P0far -P1 -C2 +C3far"),
        level=3,
        outlooks=(_FLAT,),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.15, 0.25, 0.25, 0.15), anchors=(1, 2), offsets=(-1, 0, 0, 1), is_even=True),
        about="A strangle sold inside a later, wider one: gains between the short strikes.",
        aliases=("double_diagonal_spread",),
    ),
)
