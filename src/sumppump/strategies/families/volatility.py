"""Strategies on the size of the move: straddles and their kin, ratios, backspreads, ladders, lizards."""

from __future__ import annotations

from sumppump.domain.margin.rules import MarginRule
from sumppump.strategies.shape import AT_THE_MONEY as ATM
from sumppump.strategies.shape import Aim, Outlook, Shape, StrategyType, Vega, legs

_BULL, _BEAR = Outlook.BULLISH, Outlook.BEARISH
_FLAT, _WILD = Outlook.NEUTRAL, Outlook.VOLATILE
_AT_ONE_STRIKE = Aim(deltas=(ATM,))
_GUTS = Aim(deltas=(0.70, 0.70), anchors=(), offsets=(-1, 1), is_centred=True)
_CALL_LADDER = Aim(deltas=(ATM, 0.30, 0.15), offsets=(0, 1, 2))
_PUT_LADDER = Aim(deltas=(0.15, 0.30, ATM), anchors=(2,), offsets=(-2, -1, 0))

TWO_SIDED = (
    Shape(
        type=StrategyType.LONG_STRADDLE,
        legs=legs("+P0 +C0"),
        level=2,
        outlooks=(_WILD,),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="Gains on a large move either way; loses the premium at most, if the price ends at the strike.",
        aliases=("straddle",),
    ),
    Shape(
        type=StrategyType.SHORT_STRADDLE,
        legs=legs("-P0 -C0"),
        level=4,
        outlooks=(_FLAT,),
        margin=MarginRule.UNCOVERED_PAIR,
        vega=Vega.SHORT,
        aim=_AT_ONE_STRIKE,
        about="Keeps the premium as far as the price ends near the strike; the loss above has no limit.",
    ),
    Shape(
        type=StrategyType.LONG_STRANGLE,
        legs=legs("+P0 +C1"),
        level=2,
        outlooks=(_WILD,),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.25, 0.25), anchors=(), offsets=(-1, 1), is_centred=True),
        about="Gains on a very large move either way; costs less than a straddle.",
        aliases=("strangle",),
    ),
    Shape(
        type=StrategyType.SHORT_STRANGLE,
        legs=legs("-P0 -C1"),
        level=4,
        outlooks=(_FLAT,),
        margin=MarginRule.UNCOVERED_PAIR,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.16, 0.16), anchors=(), offsets=(-1, 1), is_centred=True),
        about="Keeps the premium between the strikes; the loss above the call has no limit.",
    ),
    Shape(
        type=StrategyType.LONG_GUTS,
        legs=legs("+C0 +P1"),
        level=2,
        outlooks=(_WILD,),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_GUTS,
        about="A strangle of options in the money: gains on a large move either way.",
        aliases=("guts",),
    ),
    Shape(
        type=StrategyType.SHORT_GUTS,
        legs=legs("-C0 -P1"),
        level=4,
        outlooks=(_FLAT,),
        margin=MarginRule.UNCOVERED_PAIR,
        vega=Vega.SHORT,
        aim=_GUTS,
        about="A short strangle of options in the money: the loss above has no limit, assignment is likely.",
    ),
    Shape(
        type=StrategyType.STRAP,
        legs=legs("+P0 +2C0"),
        level=2,
        outlooks=(_WILD, _BULL),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="A straddle with a second call: gains on a large move, twice as much upwards.",
    ),
    Shape(
        type=StrategyType.STRIP,
        legs=legs("+2P0 +C0"),
        level=2,
        outlooks=(_WILD, _BEAR),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="A straddle with a second put: gains on a large move, twice as much downwards.",
    ),
)

RATIOS = (
    Shape(
        type=StrategyType.CALL_RATIO_SPREAD,
        legs=legs("+C0 -2C1"),
        level=4,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(ATM, 0.25), offsets=(0, 1)),
        about="Gains most at the higher strike; beyond it one call is uncovered and the loss has no limit.",
        aliases=("call_front_ratio_spread", "front_ratio_call_spread", "ratio_call_spread", "ratio_spread"),
    ),
    Shape(
        type=StrategyType.PUT_RATIO_SPREAD,
        legs=legs("-2P0 +P1"),
        level=3,
        outlooks=(_FLAT, _BEAR),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.25, ATM), anchors=(1,), offsets=(-1, 0)),
        about="Gains most at the lower strike; far below it one put is uncovered.",
        aliases=("put_front_ratio_spread", "front_ratio_put_spread", "ratio_put_spread"),
    ),
    Shape(
        type=StrategyType.CALL_BACKSPREAD,
        legs=legs("-C0 +2C1"),
        level=3,
        outlooks=(_WILD, _BULL),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(ATM, 0.30), offsets=(0, 1)),
        about="Gains without limit on a strong rise; loses most if the price ends at the higher strike.",
        aliases=("call_ratio_backspread", "back_ratio_call_spread", "backspread"),
    ),
    Shape(
        type=StrategyType.PUT_BACKSPREAD,
        legs=legs("+2P0 -P1"),
        level=3,
        outlooks=(_WILD, _BEAR),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.30, ATM), anchors=(1,), offsets=(-1, 0)),
        about="Gains on a strong fall; loses most if the price ends at the lower strike.",
        aliases=("put_ratio_backspread", "back_ratio_put_spread"),
    ),
)

LADDERS = (
    Shape(
        type=StrategyType.LONG_CALL_LADDER,
        legs=legs("+C0 -C1 -C2"),
        level=4,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=_CALL_LADDER,
        about="A bull call spread cheapened by a further call; above it the loss has no limit.",
        aliases=("bull_call_ladder",),
    ),
    Shape(
        type=StrategyType.LONG_PUT_LADDER,
        legs=legs("-P0 -P1 +P2"),
        level=3,
        outlooks=(_FLAT, _BEAR),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=_PUT_LADDER,
        about="A bear put spread cheapened by a further put, which is uncovered far below.",
        aliases=("bear_put_ladder",),
    ),
    Shape(
        type=StrategyType.SHORT_CALL_LADDER,
        legs=legs("-C0 +C1 +C2"),
        level=3,
        outlooks=(_WILD, _BULL),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=_CALL_LADDER,
        about="A bear call spread with a further call: gains without limit on a strong rise.",
        aliases=("bear_call_ladder",),
    ),
    Shape(
        type=StrategyType.SHORT_PUT_LADDER,
        legs=legs("+P0 +P1 -P2"),
        level=3,
        outlooks=(_WILD, _BEAR),
        margin=MarginRule.SPREAD,
        vega=Vega.LONG,
        aim=_PUT_LADDER,
        about="A bull put spread with a further put: gains on a strong fall.",
        aliases=("bull_put_ladder",),
    ),
)

LIZARDS = (
    Shape(
        type=StrategyType.JADE_LIZARD,
        legs=legs("-P0 -C1 +C2"),
        level=3,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.25, 0.25, 0.12), anchors=(0, 1), offsets=(0, 0, 1)),
        about="A short put and a bear call spread; with a credit above the spread's width nothing is lost "
        "above.",
    ),
    Shape(
        type=StrategyType.REVERSE_JADE_LIZARD,
        legs=legs("+P0 -P1 -C2"),
        level=4,
        outlooks=(_FLAT, _BEAR),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.12, 0.25, 0.25), anchors=(1, 2), offsets=(-1, 0, 0)),
        about="A short call and a bull put spread: the loss above the call has no limit.",
        aliases=("twisted_sister",),
    ),
    Shape(
        type=StrategyType.BIG_LIZARD,
        legs=legs("-P0 -C0 +C1"),
        level=3,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(ATM, 0.25), offsets=(0, 1)),
        about="A short straddle with a call bought above it, which bounds the loss on that side.",
    ),
)

ROWS = (*TWO_SIDED, *RATIOS, *LADDERS, *LIZARDS)
