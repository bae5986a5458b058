"""The rules of FINRA 4210(f)(2) and Regulation T by which strategies are margined, by name."""

from __future__ import annotations

from enum import StrEnum


class MarginRule(StrEnum):
    """Which rule says what an opening order ties up; the broker's what-if decides."""

    PAID = "paid"
    """Long options: their premium in full."""
    STOCK = "stock"
    """Half of the shares' price; short calls are covered by them, long options are paid in full."""
    SPREAD = "spread"
    """The largest loss at expiry, beside what is paid."""
    UNCOVERED = "uncovered"
    """A short option on one side: its premium and 20 % of the underlying, less what it is out of it."""
    UNCOVERED_PAIR = "uncovered_pair"
    """Short on both sides: the greater side's, and the premium of the other."""
    STOCK_AND_UNCOVERED = "stock_and_uncovered"
    """Covered calls beside an uncovered put."""
    SPREAD_AND_UNCOVERED = "spread_and_uncovered"
    """A spread, and short options that nothing covers."""
