"""What an account has before its first day: a balance, a level of option trading, shares.

The shares are paid for out of the balance at the market's marks without commission, and as if on an earlier
day: the day's profit begins at zero and selling them is no day trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.account import Account, Trade
from sumppump.exchange.account.permissions import UNLIMITED, Permissions
from sumppump.exchange.account.valuation import Marks
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.kernel.errors import InvalidRequest

STARTING_CASH = Decimal(250_000)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endowment:
    """How an account starts.

    Attributes:
        cash: in the base currency, before the shares are paid.
        option_level: 0 for no options at all, to 4 for everything.
        holdings: symbols of stocks and how many shares of each, whole; negative is short.
    """

    cash: Decimal = STARTING_CASH
    option_level: int = UNLIMITED
    holdings: tuple[tuple[str, int], ...] = ()


def listed_stock(symbol: str) -> str:
    """The symbol, if a listed stock has it.

    Raises:
        InvalidRequest: `unknown_holding`.
    """
    under = BY_SYMBOL.get(symbol)
    if under is None or under.sec_type is not SecType.STOCK:
        raise InvalidRequest(
            f"there is no stock {symbol!r} to hold",
            code="unknown_holding",
            expected="the symbol of a listed stock, such as SPY",
            found=symbol,
        )
    return symbol


def endow(account: Account, level: int, shares: Sequence[tuple[Listing, int]], marks: Marks) -> None:
    """Gives a new account its level and its shares, and begins its day."""
    account.permissions = Permissions(option_level=level)
    for listing, quantity in shares:
        account.book(Trade(listing, Decimal(quantity), marks(listing), _ZERO))
    if shares:
        account.begin_day(marks)
