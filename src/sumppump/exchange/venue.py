"""The embedded exchange without its doors: commands in, events out, no clock but its own, no I/O.

Same seed, start and commands give the same events and the same answers, however `advance` is cut
into pieces and whoever asks for quotes: the market is a pure function of seed and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sumppump.exchange.commands import Command
from sumppump.exchange.events import Event
from sumppump.exchange.instruments import Bag, ContractQuery, Instrument, Listing
from sumppump.exchange.reports import (
    AccountValue,
    Bar,
    BarsQuery,
    BookTop,
    CommissionReport,
    Execution,
    ExecutionFilter,
    OptionParams,
    OrderView,
    PnL,
    PortfolioRow,
    PositionView,
    Refusal,
)

STARTING_CASH = Decimal(250_000)
EVERY_EXECUTION = ExecutionFilter()


class Venue:
    """One exchange with one account."""

    def __init__(
        self, *, seed: int, start: datetime, account: str | None = None, cash: Decimal = STARTING_CASH
    ) -> None:
        """A venue at `start` (aware); `account` defaults to SIM and seven digits drawn from the seed."""
        raise NotImplementedError

    # -- time and commands ------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The exchange's time, UTC."""
        raise NotImplementedError

    @property
    def account(self) -> str:
        """The account's id."""
        raise NotImplementedError

    @property
    def seed(self) -> int:
        """The market's seed."""
        raise NotImplementedError

    def apply(self, command: Command) -> Sequence[Event]:
        """Carries a command out at `now`."""
        raise NotImplementedError

    def advance(self, until: datetime) -> Sequence[Event]:
        """Moves the clock to `until` (never back) and returns what happened on the way."""
        raise NotImplementedError

    def is_open(self) -> bool:
        """Whether regular trading is on at `now`."""
        raise NotImplementedError

    # -- reference data ---------------------------------------------------------------------
    def contracts(self, query: ContractQuery) -> tuple[Listing, ...]:
        """Every listed contract that fits; () for none. Also expired ones with `include_expired`."""
        raise NotImplementedError

    def listing(self, con_id: int) -> Listing | None:
        """The contract with this id, None if it is not listed."""
        raise NotImplementedError

    def resolve(self, query: ContractQuery) -> Instrument | Refusal:
        """Exactly one instrument (BAGs too), or code 200 or 321 in TWS's words."""
        raise NotImplementedError

    def match_symbols(self, pattern: str) -> tuple[Listing, ...]:
        """Stocks whose symbol begins with, or whose name contains, `pattern`; best first."""
        raise NotImplementedError

    def option_params(self, symbol: str) -> tuple[OptionParams, ...]:
        """Expiries and strikes, one row per exchange; () for a symbol without options."""
        raise NotImplementedError

    def market_rule(self, rule_id: int) -> tuple[tuple[Decimal, Decimal], ...] | None:
        """Pairs (price from which on, increment), rising; None for an unknown id."""
        raise NotImplementedError

    # -- market data ------------------------------------------------------------------------
    def quote(self, con_id: int) -> BookTop | None:
        """The market of one listed contract now; None if unknown."""
        raise NotImplementedError

    def quotes(self, con_ids: Sequence[int], *, side_greeks: bool = True) -> tuple[BookTop | None, ...]:
        """As `quote`, for many at once and much faster; None for unknown or expired ones."""
        raise NotImplementedError

    def bag_quote(self, bag: Bag) -> BookTop:
        """A combo's market, from the best quotes of its legs; prices may be negative, sizes in combos."""
        raise NotImplementedError

    def bars(self, query: BarsQuery) -> tuple[Bar, ...] | Refusal:
        """History, oldest first; code 162, 321 or 200 in TWS's words otherwise."""
        raise NotImplementedError

    def head_timestamp(self, con_id: int) -> datetime | None:
        """The first moment for which there is history."""
        raise NotImplementedError

    # -- orders -----------------------------------------------------------------------------
    def next_order_id(self, client_id: int) -> int:
        """An id greater than any that this client ever used; survives restarts."""
        raise NotImplementedError

    def open_orders(self, client_id: int | None = None) -> tuple[OrderView, ...]:
        """Orders that live and were transmitted, of one client or of all, in order of perm id."""
        raise NotImplementedError

    def completed_orders(self) -> tuple[OrderView, ...]:
        """Orders that ended on the exchange's current date."""
        raise NotImplementedError

    def executions(self, wanted: ExecutionFilter = EVERY_EXECUTION) -> tuple[Execution, ...]:
        """Executions of the exchange's current date, oldest first."""
        raise NotImplementedError

    def commission(self, exec_id: str) -> CommissionReport | None:
        """The commission report of one execution."""
        raise NotImplementedError

    # -- account ----------------------------------------------------------------------------
    def account_values(self) -> tuple[AccountValue, ...]:
        """The account's rows, keys in alphabetical order."""
        raise NotImplementedError

    def positions(self) -> tuple[PositionView, ...]:
        """Open positions by con id."""
        raise NotImplementedError

    def portfolio(self) -> tuple[PortfolioRow, ...]:
        """Open positions at the mark, and those closed today."""
        raise NotImplementedError

    def pnl(self) -> PnL:
        """Profit and loss of the account."""
        raise NotImplementedError

    def pnl_single(self, con_id: int) -> PnL | None:
        """Profit and loss of one position; None if it was not held today."""
        raise NotImplementedError

    # -- state ------------------------------------------------------------------------------
    def snapshot(self) -> bytes:
        """Everything that `restore` needs, as JSON."""
        raise NotImplementedError

    @classmethod
    def restore(cls, state: bytes) -> Venue:
        """The venue as it was.

        Raises:
            StoreFailed: the bytes are not a snapshot of this version.
        """
        raise NotImplementedError
