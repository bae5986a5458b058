"""The answer to a what-if order: it may come twice, half empty first, and a refusal may follow the margins.

Recorded from TWS: two openOrder messages, of which the first has every figure unset; and for an order that
would be rejected, margins first and error 201 after them.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ib_async.order import OrderState as WireState

from sumppump.domain.orders import MarginPreview
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.tws.notices import ends_what_if
from sumppump.tws.numbers import decimal

REFUSE = ("Do not stage this order: its margin is not known.", "Try again in a moment.")


class WhatIf:
    """One question for margins."""

    def __init__(self, currency: str) -> None:
        loop = asyncio.get_running_loop()
        self._currency = currency
        self._margins: asyncio.Future[MarginPreview] = loop.create_future()
        self._refusal: asyncio.Future[BrokerRejected] = loop.create_future()

    def take(self, state: WireState) -> None:
        """An openOrder message of the what-if."""
        if not self._margins.done() and (preview := read(state, self._currency)) is not None:
            self._margins.set_result(preview)

    def refuse(self, code: int, text: str) -> None:
        """An error on the what-if's order id."""
        if ends_what_if(code) and not self._refusal.done():
            self._refusal.set_result(BrokerRejected(code, text))

    async def answer(self, *, timeout_s: float, grace_s: float) -> MarginPreview:
        """Margins, unless TWS refuses within the grace.

        Raises:
            BrokerRejected: TWS would refuse the order.
            GatewayUnavailable: nothing, or nothing complete, came in time.
        """
        either: set[asyncio.Future[Any]] = {self._margins, self._refusal}
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if self._margins.done() and not self._refusal.done():
            await asyncio.wait({self._refusal}, timeout=grace_s)
        if self._refusal.done():
            raise self._refusal.result()
        if not self._margins.done():
            raise GatewayUnavailable(
                f"TWS gave no complete margin in {timeout_s:g} s", code="no_margin", next_steps=REFUSE
            )
        return self._margins.result()


def read(state: WireState, currency: str) -> MarginPreview | None:
    """The figures of one message, None while one that matters is unset."""
    figures = [
        decimal(text)
        for text in (
            state.initMarginBefore, state.initMarginAfter, state.maintMarginBefore,
            state.maintMarginAfter, state.equityWithLoanAfter,
        )
    ]  # fmt: skip
    if any(figure is None for figure in figures):
        return None
    money = [Money(figure, currency) for figure in figures if figure is not None]
    return MarginPreview(
        initial_before=money[0], initial_after=money[1], maintenance_before=money[2],
        maintenance_after=money[3], equity_with_loan_after=money[4],
        commission=_fee(state.commission, state), commission_min=_fee(state.minCommission, state),
        commission_max=_fee(state.maxCommission, state), warning=clean(state.warningText, limit=600),
    )  # fmt: skip


def _fee(value: object, state: WireState) -> Money | None:
    amount: Decimal | None = decimal(value)
    return None if amount is None else Money(amount, state.commissionCurrency or "USD")
