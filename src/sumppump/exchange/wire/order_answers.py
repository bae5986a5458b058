"""What the server says about orders and their executions.

The defaults are what TWS sends for a plain order; sources differ field by field on how "nothing" is spelled.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sumppump.exchange.wire.contracts import (
    Conditions,
    DeltaNeutral,
    DeltaNeutralDone,
    DeltaNeutralOrder,
    ExecutedInstrument,
    Instrument,
    LegPrice,
    OrderLeg,
    PegBenchmark,
    Scaling,
    Tag,
)
from sumppump.exchange.wire.layout import Present, Since, Until, When, answer
from sumppump.exchange.wire.place_order import (
    has_algo,
    has_conditions,
    has_hedge,
    has_hedged_delta,
    is_peg_benchmark,
    is_scaled,
)
from sumppump.exchange.wire.scalars import (
    MAX_DOUBLE_TEXT,
    Flag,
    Int,
    IntOrBlank,
    IntOrMax,
    LongOrMax,
    Number,
    OffsetOrBlank,
    Quantity,
    Real,
    RealOrBlank,
    RealOrMax,
    Text,
)


@answer(3)
class OrderStatus:
    order_id: Int
    status: Text
    filled: Quantity
    remaining: Quantity
    average_fill_price: Number = 0.0
    perm_id: Int = 0
    parent_id: Int = 0
    last_fill_price: Number = 0.0
    client_id: Int = 0
    why_held: Text = ""
    market_cap_price: Number = 0.0


@answer(5)
class OpenOrder:
    order_id: Int
    instrument: Instrument
    action: Text
    total_quantity: Quantity
    order_type: Text
    lmt_price: RealOrBlank = 0.0
    aux_price: RealOrBlank = 0.0
    tif: Text = "DAY"
    oca_group: Text = ""
    account: Text = ""
    open_close: Text = ""
    origin: Int = 0
    order_ref: Text = ""
    client_id: Int = 0
    perm_id: Int = 0
    outside_rth: Flag = False
    hidden: Flag = False
    discretionary_amount: Number = 0.0
    good_after_time: Text = ""
    shares_allocation: Text = ""
    fa_group: Text = ""
    fa_method: Text = ""
    fa_percentage: Text = ""
    fa_profile: Annotated[Text, Until(177)] = ""
    model_code: Text = ""
    good_till_date: Text = ""
    rule_80a: Text = ""
    percent_offset: RealOrBlank = None
    settling_firm: Text = ""
    short_sale_slot: Int = 0
    designated_location: Text = ""
    exempt_code: Int = -1
    auction_strategy: Int = 0
    starting_price: RealOrBlank = None
    stock_ref_price: RealOrBlank = None
    delta: RealOrBlank = None
    stock_range_lower: RealOrBlank = None
    stock_range_upper: RealOrBlank = None
    display_size: IntOrMax = None
    block_order: Flag = False
    sweep_to_fill: Flag = False
    all_or_none: Flag = False
    min_quantity: IntOrBlank = None
    oca_type: Int = 3
    electronic_only: Flag = False
    firm_quote_only: Flag = False
    nbbo_price_cap: RealOrBlank = None
    parent_id: Int = 0
    trigger_method: Int = 0
    volatility: RealOrBlank = None
    volatility_type: IntOrBlank = 0
    delta_neutral_order_type: Text = "None"
    delta_neutral_aux_price: RealOrBlank = None
    delta_neutral_order: Annotated[DeltaNeutralOrder | None, When(has_hedged_delta)] = None
    continuous_update: Flag = False
    reference_price_type: IntOrBlank = 0
    trail_stop_price: RealOrBlank = None
    trailing_percent: RealOrBlank = None
    basis_points: RealOrBlank = None
    basis_points_type: IntOrBlank = None
    legs_description: Text = ""
    legs: tuple[OrderLeg, ...] = ()
    leg_prices: tuple[LegPrice, ...] = ()
    routing_params: tuple[Tag, ...] = ()
    scale_init_level_size: IntOrMax = None
    scale_subs_level_size: IntOrMax = None
    scale_price_increment: RealOrBlank = None
    scaling: Annotated[Scaling | None, When(is_scaled)] = None
    hedge_type: Text = ""
    hedge_param: Annotated[Text, When(has_hedge)] = ""
    opt_out_smart_routing: Flag = False
    clearing_account: Text = ""
    clearing_intent: Text = "IB"
    not_held: Flag = False
    delta_neutral: Annotated[DeltaNeutral | None, Present()] = None
    algo_strategy: Text = ""
    algo_params: Annotated[tuple[Tag, ...], When(has_algo)] = ()
    solicited: Flag = False
    what_if: Flag = False
    status: Text = "Submitted"
    init_margin_before: Text = MAX_DOUBLE_TEXT
    maint_margin_before: Text = MAX_DOUBLE_TEXT
    equity_with_loan_before: Text = MAX_DOUBLE_TEXT
    init_margin_change: Text = MAX_DOUBLE_TEXT
    maint_margin_change: Text = MAX_DOUBLE_TEXT
    equity_with_loan_change: Text = MAX_DOUBLE_TEXT
    init_margin_after: Text = MAX_DOUBLE_TEXT
    maint_margin_after: Text = MAX_DOUBLE_TEXT
    equity_with_loan_after: Text = MAX_DOUBLE_TEXT
    commission: RealOrBlank = None
    min_commission: RealOrBlank = None
    max_commission: RealOrBlank = None
    commission_currency: Text = ""
    warning_text: Text = ""
    randomize_size: Flag = False
    randomize_price: Flag = False
    peg_benchmark: Annotated[PegBenchmark | None, When(is_peg_benchmark)] = None
    conditions: Conditions = ()
    conditions_ignore_rth: Annotated[Flag, When(has_conditions)] = False
    conditions_cancel_order: Annotated[Flag, When(has_conditions)] = False
    adjusted_order_type: Text = "None"
    trigger_price: RealOrMax = None
    adjusted_trail_stop_price: RealOrMax = None
    lmt_price_offset: RealOrMax = None
    adjusted_stop_price: RealOrMax = None
    adjusted_stop_limit_price: RealOrMax = None
    adjusted_trailing_amount: RealOrMax = None
    adjustable_trailing_unit: Int = 0
    soft_dollar_name: Text = ""
    soft_dollar_value: Text = ""
    soft_dollar_display_name: Text = ""
    cash_quantity: Number = 0.0
    dont_use_auto_price_for_hedge: Flag = True
    is_oms_container: Flag = False
    discretionary_up_to_limit_price: Flag = False
    use_price_management: Flag = False
    duration: Annotated[IntOrBlank, Since(158)] = None
    post_to_ats: Annotated[IntOrBlank, Since(160)] = None
    auto_cancel_parent: Annotated[Flag, Since(162)] = False
    min_trade_quantity: Annotated[IntOrBlank, Since(170)] = None
    min_compete_size: Annotated[IntOrBlank, Since(170)] = None
    compete_against_best_offset: Annotated[OffsetOrBlank, Since(170)] = None
    mid_offset_at_whole: Annotated[RealOrBlank, Since(170)] = None
    mid_offset_at_half: Annotated[RealOrBlank, Since(170)] = None


@answer(53, version=1)
class OpenOrderEnd:
    pass


@answer(11)
class ExecDetails:
    """One execution; request id -1 where nobody asked for it."""

    req_id: Int
    order_id: Int
    instrument: ExecutedInstrument
    exec_id: Text
    time: Text
    account: Text
    exchange: Text
    side: Text
    shares: Quantity
    price: Real
    perm_id: Int
    client_id: Int
    liquidation: Int = 0
    cumulative_quantity: Quantity = Decimal(0)
    average_price: Real = 0.0
    order_ref: Text = ""
    ev_rule: Text = ""
    ev_multiplier: Text = ""
    model_code: Text = ""
    last_liquidity: Int = 2
    pending_price_revision: Annotated[Flag, Since(178)] = False


@answer(55, version=1)
class ExecDetailsEnd:
    req_id: Int


@answer(59, version=1)
class CommissionReport:
    """Cost of one execution, in `currency`; realized profit is None on opening trades."""

    exec_id: Text
    commission: Real
    currency: Text
    realized_pnl: RealOrMax = None
    bond_yield: RealOrMax = None
    yield_redemption_date: Text = ""


@answer(100)
class OrderBound:
    """An order that was entered in TWS now has an id of client 0."""

    perm_id: Int
    client_id: Int
    order_id: Int


@answer(101)
class CompletedOrder:
    """An order of today that is done; it has no order id and no client id, `perm_id` is its only key."""

    instrument: Instrument
    action: Text
    total_quantity: Quantity
    order_type: Text
    lmt_price: RealOrBlank = 0.0
    aux_price: RealOrBlank = 0.0
    tif: Text = "DAY"
    oca_group: Text = ""
    account: Text = ""
    open_close: Text = ""
    origin: Int = 0
    order_ref: Text = ""
    perm_id: Int = 0
    outside_rth: Flag = False
    hidden: Flag = False
    discretionary_amount: Number = 0.0
    good_after_time: Text = ""
    fa_group: Text = ""
    fa_method: Text = ""
    fa_percentage: Text = ""
    fa_profile: Annotated[Text, Until(177)] = ""
    model_code: Text = ""
    good_till_date: Text = ""
    rule_80a: Text = ""
    percent_offset: RealOrBlank = None
    settling_firm: Text = ""
    short_sale_slot: Int = 0
    designated_location: Text = ""
    exempt_code: Int = -1
    starting_price: RealOrBlank = None
    stock_ref_price: RealOrBlank = None
    delta: RealOrBlank = None
    stock_range_lower: RealOrBlank = None
    stock_range_upper: RealOrBlank = None
    display_size: IntOrMax = None
    sweep_to_fill: Flag = False
    all_or_none: Flag = False
    min_quantity: IntOrBlank = None
    oca_type: Int = 3
    trigger_method: Int = 0
    volatility: RealOrBlank = None
    volatility_type: IntOrBlank = 0
    delta_neutral_order_type: Text = "None"
    delta_neutral_aux_price: RealOrBlank = None
    delta_neutral_order: Annotated[DeltaNeutralDone | None, When(has_hedged_delta)] = None
    continuous_update: Flag = False
    reference_price_type: IntOrBlank = 0
    trail_stop_price: RealOrBlank = None
    trailing_percent: RealOrBlank = None
    legs_description: Text = ""
    legs: tuple[OrderLeg, ...] = ()
    leg_prices: tuple[LegPrice, ...] = ()
    routing_params: tuple[Tag, ...] = ()
    scale_init_level_size: IntOrMax = None
    scale_subs_level_size: IntOrMax = None
    scale_price_increment: RealOrBlank = None
    scaling: Annotated[Scaling | None, When(is_scaled)] = None
    hedge_type: Text = ""
    hedge_param: Annotated[Text, When(has_hedge)] = ""
    clearing_account: Text = ""
    clearing_intent: Text = "IB"
    not_held: Flag = False
    delta_neutral: Annotated[DeltaNeutral | None, Present()] = None
    algo_strategy: Text = ""
    algo_params: Annotated[tuple[Tag, ...], When(has_algo)] = ()
    solicited: Flag = False
    status: Text = "Filled"
    randomize_size: Flag = False
    randomize_price: Flag = False
    peg_benchmark: Annotated[PegBenchmark | None, When(is_peg_benchmark)] = None
    conditions: Conditions = ()
    conditions_ignore_rth: Annotated[Flag, When(has_conditions)] = False
    conditions_cancel_order: Annotated[Flag, When(has_conditions)] = False
    adjusted_trail_stop_price: RealOrMax = None
    lmt_price_offset: RealOrMax = None
    cash_quantity: Number = 0.0
    dont_use_auto_price_for_hedge: Flag = True
    is_oms_container: Flag = False
    auto_cancel_date: Text = ""
    filled_quantity: Quantity = Decimal(0)
    ref_futures_con_id: IntOrMax = None
    auto_cancel_parent: Flag = False
    shareholder: Text = "Not an insider or substantial shareholder"
    imbalance_only: Flag = False
    route_marketable_to_bbo: Flag = False
    parent_perm_id: LongOrMax = None
    completed_time: Text = ""
    completed_status: Text = ""
    min_trade_quantity: Annotated[IntOrBlank, Since(170)] = None
    min_compete_size: Annotated[IntOrBlank, Since(170)] = None
    compete_against_best_offset: Annotated[OffsetOrBlank, Since(170)] = None
    mid_offset_at_whole: Annotated[RealOrBlank, Since(170)] = None
    mid_offset_at_half: Annotated[RealOrBlank, Since(170)] = None


@answer(102)
class CompletedOrdersEnd:
    pass
