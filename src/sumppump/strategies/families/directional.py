"""Strategies with a view of the price: single options, verticals, shares with options, synthetics, boxes."""

from __future__ import annotations

from sumppump.domain.margin.rules import MarginRule
from sumppump.strategies.shape import AT_THE_MONEY as ATM
from sumppump.strategies.shape import Aim, Outlook, Shape, StrategyType, Vega, legs

_BULL, _BEAR, _FLAT = Outlook.BULLISH, Outlook.BEARISH, Outlook.NEUTRAL
_AT_ONE_STRIKE = Aim(deltas=(ATM,))
_ABOUT_THE_SPOT = Aim(deltas=(0.25, 0.25), anchors=(), offsets=(-1, 1), is_centred=True)
_BOX = Aim(deltas=(0.60, 0.40), anchors=(), offsets=(-1, 1), is_centred=True)

SINGLES = (
    Shape(
        type=StrategyType.LONG_CALL,
        legs=legs("+C0"),
        level=2,
        outlooks=(_BULL,),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="Gains without limit as the price rises; loses the premium at most.",
        aliases=("call", "buy_call"),
    ),
    Shape(
        type=StrategyType.LONG_PUT,
        legs=legs("+P0"),
        level=2,
        outlooks=(_BEAR,),
        margin=MarginRule.PAID,
        vega=Vega.LONG,
        aim=_AT_ONE_STRIKE,
        about="Gains as the price falls; loses the premium at most.",
        aliases=("put", "buy_put"),
    ),
    Shape(
        type=StrategyType.SHORT_CALL,
        legs=legs("-C0"),
        level=4,
        outlooks=(_BEAR, _FLAT),
        margin=MarginRule.UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.30,)),
        about="Keeps the premium if the price stays below the strike; the loss above it has no limit.",
        aliases=("naked_call", "sell_call", "uncovered_call"),
    ),
    Shape(
        type=StrategyType.SHORT_PUT,
        legs=legs("-P0"),
        level=3,
        outlooks=(_BULL, _FLAT),
        margin=MarginRule.UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.30,)),
        about="Keeps the premium if the price stays above the strike; else buys the shares at it, for which "
        "a cash-secured seller sets the money aside.",
        aliases=("cash_secured_put", "naked_put", "sell_put", "short_cash_secured_put", "csp"),
    ),
)

VERTICALS = (
    Shape(
        type=StrategyType.BULL_CALL_SPREAD,
        legs=legs("+C0 -C1"),
        level=2,
        outlooks=(_BULL,),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(ATM, 0.30), offsets=(0, 1)),
        about="Gains as the price rises, up to the higher strike; loses what it costs at most.",
        aliases=(
            "call_debit_spread",
            "debit_call_spread",
            "long_call_spread",
            "call_spread",
            "long_call_vertical",
        ),
    ),
    Shape(
        type=StrategyType.BEAR_PUT_SPREAD,
        legs=legs("-P0 +P1"),
        level=2,
        outlooks=(_BEAR,),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.30, ATM), anchors=(1,), offsets=(-1, 0)),
        about="Gains as the price falls, down to the lower strike; loses what it costs at most.",
        aliases=(
            "put_debit_spread",
            "debit_put_spread",
            "long_put_spread",
            "put_spread",
            "long_put_vertical",
        ),
    ),
    Shape(
        type=StrategyType.BULL_PUT_SPREAD,
        legs=legs("+P0 -P1"),
        level=3,
        outlooks=(_BULL, _FLAT),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.15, 0.30), anchors=(1,), offsets=(-1, 0)),
        about="Keeps its credit if the price stays above the higher strike; loses the width less the credit "
        "at most.",
        aliases=("put_credit_spread", "credit_put_spread", "short_put_spread", "short_put_vertical"),
    ),
    Shape(
        type=StrategyType.BEAR_CALL_SPREAD,
        legs=legs("-C0 +C1"),
        level=3,
        outlooks=(_BEAR, _FLAT),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.30, 0.15), offsets=(0, 1)),
        about="Keeps its credit if the price stays below the lower strike; loses the width less the credit "
        "at most.",
        aliases=("call_credit_spread", "credit_call_spread", "short_call_spread", "short_call_vertical"),
    ),
)

WITH_SHARES = (
    Shape(
        type=StrategyType.COVERED_CALL,
        legs=legs("stock -C0"),
        level=1,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.STOCK,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.30,)),
        about="Shares that earn a premium and are sold at the strike if the price ends above it.",
        aliases=("buy_write", "buywrite"),
    ),
    Shape(
        type=StrategyType.PROTECTIVE_PUT,
        legs=legs("stock +P0"),
        level=2,
        outlooks=(_BULL,),
        margin=MarginRule.STOCK,
        vega=Vega.LONG,
        aim=Aim(deltas=(0.30,)),
        about="Shares insured below the strike.",
        aliases=("married_put",),
    ),
    Shape(
        type=StrategyType.COLLAR,
        legs=legs("stock +P0 -C1"),
        level=2,
        outlooks=(_FLAT, _BULL),
        margin=MarginRule.STOCK,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.30, 0.30), anchors=(), offsets=(-1, 1), is_centred=True),
        about="Shares insured below the put, paid for by giving up the gain above the call.",
        aliases=("long_collar",),
    ),
    Shape(
        type=StrategyType.COVERED_STRANGLE,
        legs=legs("stock -P0 -C1"),
        level=3,
        outlooks=(_BULL, _FLAT),
        margin=MarginRule.STOCK_AND_UNCOVERED,
        vega=Vega.SHORT,
        aim=Aim(deltas=(0.25, 0.30), anchors=(), offsets=(-1, 1), is_centred=True),
        about="Shares with a covered call, and a put that buys as many again if the price falls below it.",
        aliases=("covered_combination", "covered_combo"),
    ),
    Shape(
        type=StrategyType.CONVERSION,
        legs=legs("stock +P0 -C0"),
        level=2,
        outlooks=(),
        margin=MarginRule.STOCK,
        vega=Vega.NEUTRAL,
        aim=_AT_ONE_STRIKE,
        about="Shares and the short synthetic of one strike: the strike is received whatever happens, so it "
        "lends money at the rate that the options imply.",
        aliases=("conversion_arbitrage",),
    ),
)

SYNTHETICS = (
    Shape(
        type=StrategyType.SYNTHETIC_LONG,
        legs=legs("-P0 +C0"),
        level=3,
        outlooks=(_BULL,),
        margin=MarginRule.UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=_AT_ONE_STRIKE,
        about="Moves like the shares: gains as the price rises and loses as it falls.",
        aliases=("synthetic_long_stock", "long_combo", "synthetic_stock"),
    ),
    Shape(
        type=StrategyType.SYNTHETIC_SHORT,
        legs=legs("+P0 -C0"),
        level=4,
        outlooks=(_BEAR,),
        margin=MarginRule.UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=_AT_ONE_STRIKE,
        about="Moves like shares sold short, without any: the loss as the price rises has no limit.",
        aliases=("synthetic_short_stock", "short_combo"),
    ),
    Shape(
        type=StrategyType.RISK_REVERSAL,
        legs=legs("-P0 +C1"),
        level=3,
        outlooks=(_BULL,),
        margin=MarginRule.UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=_ABOUT_THE_SPOT,
        about="A call paid for by a short put: gains above the call, loses like shares below the put.",
        aliases=("bullish_risk_reversal", "long_risk_reversal"),
    ),
    Shape(
        type=StrategyType.BEARISH_RISK_REVERSAL,
        legs=legs("+P0 -C1"),
        level=4,
        outlooks=(_BEAR,),
        margin=MarginRule.UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=_ABOUT_THE_SPOT,
        about="A put paid for by a short call: gains below the put, the loss above the call has no limit.",
        aliases=("short_risk_reversal",),
    ),
    Shape(
        type=StrategyType.BULLISH_SEAGULL,
        legs=legs("-P0 +C1 -C2"),
        level=3,
        outlooks=(_BULL,),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.25, ATM, 0.25), anchors=(1,), offsets=(-1, 0, 1)),
        about="A bull call spread paid for by a short put: loses like shares below the put.",
        aliases=("seagull", "long_seagull", "bull_seagull"),
    ),
    Shape(
        type=StrategyType.BEARISH_SEAGULL,
        legs=legs("-P0 +P1 -C2"),
        level=4,
        outlooks=(_BEAR,),
        margin=MarginRule.SPREAD_AND_UNCOVERED,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.25, ATM, 0.25), anchors=(1,), offsets=(-1, 0, 1)),
        about="A bear put spread paid for by a short call: the loss above the call has no limit.",
        aliases=("short_seagull", "bear_seagull"),
    ),
    Shape(
        type=StrategyType.ZEBRA,
        legs=legs("+2C0 -C1"),
        level=2,
        outlooks=(_BULL,),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=Aim(deltas=(0.70, ATM), anchors=(1,), offsets=(-1, 0)),
        about="Two calls in the money and one sold at the money that pays for their time value: moves like "
        "the shares, loses what it costs at most.",
        aliases=("call_zebra", "zero_extrinsic_back_ratio"),
    ),
)

BOXES = (
    Shape(
        type=StrategyType.LONG_BOX,
        legs=legs("-P0 +C0 +P1 -C1"),
        level=2,
        outlooks=(),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=_BOX,
        about="Pays the distance of its strikes at expiry wherever the price ends: it lends money. Options "
        "that may be exercised early can break it.",
        aliases=("box", "box_spread", "long_box_spread"),
    ),
    Shape(
        type=StrategyType.SHORT_BOX,
        legs=legs("+P0 -C0 -P1 +C1"),
        level=3,
        outlooks=(),
        margin=MarginRule.SPREAD,
        vega=Vega.NEUTRAL,
        aim=_BOX,
        about="Owes the distance of its strikes at expiry wherever the price ends: it borrows money. Options "
        "that may be exercised early can break it.",
        aliases=("short_box_spread",),
    ),
)

ROWS = (*SINGLES, *VERTICALS, *WITH_SHARES, *SYNTHETICS, *BOXES)
