"""What the summary of an order says of its price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sumppump.domain.orders import OrderState
from sumppump.execution.reports import OrderReport
from sumppump.kernel.money import Premium
from sumppump.server.orders.order_views import order_answer


@pytest.mark.parametrize(
    ("paid", "said"),
    [("23.2", "at 23.20 debit per share"), ("-3.08", "at 3.08 credit"), ("1.125", "at 1.125 debit")],
)
def test_a_fill_is_written_as_the_page_writes_it(paid: str, said: str) -> None:
    """Two digits at least, and no more than the price has."""
    report = OrderReport(
        state=OrderState.FILLED,
        evidence="executions",
        order_id=7,
        quantity=1,
        filled=Decimal(1),
        avg_fill_price=Premium.of(paid),
    )
    assert said in order_answer(report).summary
