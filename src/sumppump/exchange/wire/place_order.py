"""The order as a client sends it (message 3): more than a hundred fields in the order of the wire."""

from __future__ import annotations

import math
from typing import Annotated

from sumppump.exchange.wire.contracts import (
    Conditions,
    Contract,
    DeltaNeutral,
    DeltaNeutralOrder,
    LegPrice,
    OrderLeg,
    PegBenchmark,
    Scaling,
    Tag,
)
from sumppump.exchange.wire.layout import Draft, Present, Since, Until, When, request
from sumppump.exchange.wire.scalars import (
    Flag,
    FlagOrBlank,
    Int,
    IntOrBlank,
    OffsetOrBlank,
    QuantityOrBlank,
    Real,
    RealOrBlank,
    Text,
)


def is_bag(message: Draft) -> bool:
    """Whether the order is for a combo."""
    return bool(message.contract.sec_type == "BAG")


def has_hedged_delta(message: Draft) -> bool:
    """Whether the delta-neutral block is there; note that the word "None" counts as an order type."""
    return bool(message.delta_neutral_order_type)


def is_scaled(message: Draft) -> bool:
    """Whether the scale block is there."""
    return bool((message.scale_price_increment or 0) > 0)


def has_hedge(message: Draft) -> bool:
    """Whether a hedge parameter follows."""
    return bool(message.hedge_type)


def has_algo(message: Draft) -> bool:
    """Whether algo parameters follow."""
    return bool(message.algo_strategy)


def is_peg_benchmark(message: Draft) -> bool:
    """Whether the benchmark's reference follows."""
    return bool(message.order_type in ("PEG BENCH", "PEGBENCH"))


def has_conditions(message: Draft) -> bool:
    """Whether the two flags about conditions follow."""
    return bool(message.conditions)


def _is_ats(message: Draft) -> bool:
    return bool(message.contract.exchange == "IBKRATS")


def _is_peg_best(message: Draft) -> bool:
    return bool(message.order_type in ("PEG BEST", "PEGBEST"))


def _is_pegged_to_mid(message: Draft) -> bool:
    if message.order_type in ("PEG MID", "PEGMID"):
        return True
    return _is_peg_best(message) and bool(message.compete_against_best_offset == math.inf)


@request(3)
class PlaceOrder:
    """An order, new or changed. Prices are currency per share; plus is a debit where it is for a BAG."""

    order_id: Int
    contract: Contract
    sec_id_type: Text = ""
    sec_id: Text = ""
    action: Text = "BUY"
    total_quantity: QuantityOrBlank = None
    order_type: Text = "LMT"
    lmt_price: RealOrBlank = None
    aux_price: RealOrBlank = None
    tif: Text = ""
    oca_group: Text = ""
    account: Text = ""
    open_close: Text = ""
    origin: Int = 0
    order_ref: Text = ""
    transmit: Flag = True
    parent_id: Int = 0
    block_order: Flag = False
    sweep_to_fill: Flag = False
    display_size: IntOrBlank = 0
    trigger_method: Int = 0
    outside_rth: Flag = False
    hidden: Flag = False
    legs: Annotated[tuple[OrderLeg, ...], When(is_bag)] = ()
    leg_prices: Annotated[tuple[LegPrice, ...], When(is_bag)] = ()
    routing_params: Annotated[tuple[Tag, ...], When(is_bag)] = ()
    shares_allocation: Text = ""
    discretionary_amount: Real = 0.0
    good_after_time: Text = ""
    good_till_date: Text = ""
    fa_group: Text = ""
    fa_method: Text = ""
    fa_percentage: Text = ""
    fa_profile: Annotated[Text, Until(177)] = ""
    model_code: Text = ""
    short_sale_slot: Int = 0
    designated_location: Text = ""
    exempt_code: Int = -1
    oca_type: Int = 0
    rule_80a: Text = ""
    settling_firm: Text = ""
    all_or_none: Flag = False
    min_quantity: IntOrBlank = None
    percent_offset: RealOrBlank = None
    electronic_only: Flag = False
    firm_quote_only: Flag = False
    nbbo_price_cap: RealOrBlank = None
    auction_strategy: Int = 0
    starting_price: RealOrBlank = None
    stock_ref_price: RealOrBlank = None
    delta: RealOrBlank = None
    stock_range_lower: RealOrBlank = None
    stock_range_upper: RealOrBlank = None
    override_percentage_constraints: Flag = False
    volatility: RealOrBlank = None
    volatility_type: IntOrBlank = None
    delta_neutral_order_type: Text = ""
    delta_neutral_aux_price: RealOrBlank = None
    delta_neutral_order: Annotated[DeltaNeutralOrder | None, When(has_hedged_delta)] = None
    continuous_update: Flag = False
    reference_price_type: IntOrBlank = None
    trail_stop_price: RealOrBlank = None
    trailing_percent: RealOrBlank = None
    scale_init_level_size: IntOrBlank = None
    scale_subs_level_size: IntOrBlank = None
    scale_price_increment: RealOrBlank = None
    scaling: Annotated[Scaling | None, When(is_scaled)] = None
    scale_table: Text = ""
    active_start_time: Text = ""
    active_stop_time: Text = ""
    hedge_type: Text = ""
    hedge_param: Annotated[Text, When(has_hedge)] = ""
    opt_out_smart_routing: Flag = False
    clearing_account: Text = ""
    clearing_intent: Text = ""
    not_held: Flag = False
    delta_neutral: Annotated[DeltaNeutral | None, Present()] = None
    algo_strategy: Text = ""
    algo_params: Annotated[tuple[Tag, ...], When(has_algo)] = ()
    algo_id: Text = ""
    what_if: Flag = False
    misc_options: Text = ""
    solicited: Flag = False
    randomize_size: Flag = False
    randomize_price: Flag = False
    peg_benchmark: Annotated[PegBenchmark | None, When(is_peg_benchmark)] = None
    conditions: Conditions = ()
    conditions_ignore_rth: Annotated[Flag, When(has_conditions)] = False
    conditions_cancel_order: Annotated[Flag, When(has_conditions)] = False
    adjusted_order_type: Text = ""
    trigger_price: RealOrBlank = None
    lmt_price_offset: RealOrBlank = None
    adjusted_stop_price: RealOrBlank = None
    adjusted_stop_limit_price: RealOrBlank = None
    adjusted_trailing_amount: RealOrBlank = None
    adjustable_trailing_unit: Int = 0
    ext_operator: Text = ""
    soft_dollar_name: Text = ""
    soft_dollar_value: Text = ""
    cash_quantity: RealOrBlank = None
    mifid2_decision_maker: Text = ""
    mifid2_decision_algo: Text = ""
    mifid2_execution_trader: Text = ""
    mifid2_execution_algo: Text = ""
    dont_use_auto_price_for_hedge: Flag = False
    is_oms_container: Flag = False
    discretionary_up_to_limit_price: Flag = False
    use_price_management: FlagOrBlank = None
    duration: Annotated[IntOrBlank, Since(158)] = None
    post_to_ats: Annotated[IntOrBlank, Since(160)] = None
    auto_cancel_parent: Annotated[Flag, Since(162)] = False
    advanced_error_override: Annotated[Text, Since(166)] = ""
    manual_order_time: Annotated[Text, Since(169)] = ""
    min_trade_quantity: Annotated[IntOrBlank, Since(170), When(_is_ats)] = None
    min_compete_size: Annotated[IntOrBlank, Since(170), When(_is_peg_best)] = None
    compete_against_best_offset: Annotated[OffsetOrBlank, Since(170), When(_is_peg_best)] = None
    mid_offset_at_whole: Annotated[RealOrBlank, Since(170), When(_is_pegged_to_mid)] = None
    mid_offset_at_half: Annotated[RealOrBlank, Since(170), When(_is_pegged_to_mid)] = None
