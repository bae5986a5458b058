"""What the account holds and is worth, asked when it is needed; a figure that TWS does not give is None.

Figures are asked for anew by every call, because account updates are up to three minutes old.
The day's profit is a stream that may fall silent while nothing is held; it is asked for again when it is old.
Values of positions and accrued dividends come with those updates and are missing until they have come. Of a
fractional share position only whole shares are shown: a fraction covers nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Sequence
from decimal import Decimal

from ib_async.contract import Contract

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, UnknownContract
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.ports.broker import PositionsChanged
from sumppump.tws.account_summary import AccountSummary
from sumppump.tws.clock import ServerClock
from sumppump.tws.contracts import TwsDirectory
from sumppump.tws.inbox import POSITIONS
from sumppump.tws.joined import Joined
from sumppump.tws.link import Link
from sumppump.tws.numbers import decimal, finite
from sumppump.tws.order_events import OrderEvents
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session

# TWS's tag for each figure of ours.
TAGS = {
    "nlv": "NetLiquidation",
    "cash": "TotalCashValue",
    "accrued_interest": "AccruedCash",
    "buying_power": "BuyingPower",
    "available_funds": "AvailableFunds",
    "excess_liquidity": "ExcessLiquidity",
    "initial_margin": "InitMarginReq",
    "maintenance_margin": "MaintMarginReq",
    "equity_with_loan": "EquityWithLoanValue",
    "gross_position_value": "GrossPositionValue",
}

# No tag of a summary (TWS API: AccountSummaryTags); the account's updates have it.
ACCRUED_DIVIDEND = "AccruedDividend"


class TwsAccounts:
    """`ports.broker.Accounts` on TWS; also the inbox's `AccountSink`."""

    def __init__(self, link: Link, directory: TwsDirectory, events: OrderEvents, clock: ServerClock) -> None:
        self._link, self._directory, self._events, self._clock = link, directory, events, clock
        self._summary = AccountSummary(TAGS.values())
        self._currency = "USD"
        self._pnl: tuple[float, float | None, float | None, float | None] | None = None
        self._pnl_request = 0
        self._pnl_asked: Joined[None] = Joined()
        self._portfolio: dict[int, Sequence[float | None]] = {}
        self._accrued_dividends: Money | None = None

    @property
    def base_currency(self) -> str:
        """The currency of margins and balances; USD until the account has said."""
        return self._currency

    # --- the port -----------------------------------------------------------------------------

    async def figures(self) -> AccountFigures:
        """See `ports.broker.Accounts`."""
        session, account = self._session_and_account()
        _, rows = await asyncio.gather(self._refresh_pnl(session, account), self._summary.rows(session))
        ours = {tag: (value, currency) for owner, tag, value, currency in rows if owner == account}
        if decimal(ours.get("NetLiquidation", ("", ""))[0]) is None:
            raise GatewayUnavailable("TWS gave no net liquidation value", code="no_figures")
        self._currency = ours["NetLiquidation"][1] or self._currency
        amounts = {name: self._amount(ours.get(tag)) for name, tag in TAGS.items()}
        stamp, daily, unrealized, realized = self._pnl or (0.0, None, None, None)
        return AccountFigures(
            account=account, as_of=self._clock.now(), taken=self._clock.monotonic(), currency=self._currency,
            daily_pnl=self._money(daily), unrealized_pnl=self._money(unrealized),
            realized_pnl=self._money(realized), daily_pnl_taken=stamp if self._pnl else None,
            accrued_dividends=self._accrued_dividends, **amounts,
        )  # fmt: skip

    async def positions(self) -> Sequence[Position]:
        """See `ports.broker.Accounts`."""
        session, account = self._session_and_account()
        rows = await session.ask_keyed(POSITIONS, lambda client: client.reqPositions())
        held = {row[1].conId: row for row in rows if row[0] == account}
        found: list[Position] = []
        for _, contract, quantity, cost in held.values():
            if abs(quantity) < 1 and not (quantity and contract.secType == SecType.OPT):
                continue
            if (item := await self._item(contract)) is not None:
                found.append(self._position(account, item, quantity, cost))
        return tuple(found)

    async def _item(self, contract: Contract) -> Instrument | None:
        """What is held; None for an option that is over and only waits to be settled.

        What is neither share, index nor option is shown by what the position itself says of it.
        """
        kind = SecType(contract.secType) if contract.secType in SecType.__members__ else SecType.OTHER
        if not kind.is_foreign:
            try:
                return await self._directory.instrument(contract.conId)
            except UnknownContract:
                if self._is_over(contract):
                    return None
                raise
        return Underlying(
            con_id=contract.conId, symbol=clean(contract.symbol, limit=30), sec_type=kind,
            currency=contract.currency or "USD", exchange=contract.exchange,
        )  # fmt: skip

    def _is_over(self, contract: Contract) -> bool:
        today = f"{self._clock.now().astimezone(NEW_YORK):%Y%m%d}"
        last = contract.lastTradeDateOrContractMonth
        return contract.secType == SecType.OPT and len(last) == len(today) and last < today

    def _session_and_account(self) -> tuple[Session, str]:
        session = self._link.online_session()
        if not session.account:
            raise GatewayUnavailable(
                "this login does not have the account of the settings, or has several",
                code="no_account", next_steps=["Set TWS_ACCOUNT to one account of this login."],
            )  # fmt: skip
        return session, session.account

    def _amount(self, entry: tuple[str, str] | None) -> Money | None:
        number = None if entry is None else decimal(entry[0])
        return None if number is None or entry is None else Money(number, entry[1] or self._currency)

    def _money(self, value: float | None) -> Money | None:
        number = decimal(value)
        return None if number is None else Money(number, self._currency)

    def _position(self, account: str, instrument: Instrument, quantity: float, cost: float) -> Position:
        numbers = self._portfolio.get(instrument.con_id, (None,) * 6)
        fits = numbers[0] == quantity
        price, value, unrealized, realized = (
            (numbers[1], numbers[2], numbers[4], numbers[5]) if fits else (None,) * 4
        )
        if isinstance(instrument, OptionContract) and quantity != int(quantity):
            raise GatewayUnavailable(
                f"the position in {instrument.label} is a fraction", code="fraction", found=str(quantity)
            )
        return Position(
            account=account, instrument=instrument, quantity=int(quantity),
            avg_cost=Decimal(str(cost)) / instrument.multiplier, market_price=decimal(price),
            market_value=self._money(value), unrealized_pnl=self._money(unrealized),
            realized_pnl=self._money(realized),
        )  # fmt: skip

    # --- subscriptions ------------------------------------------------------------------------

    def begin(self, session: Session) -> None:
        """Follow values of positions and the day's profit on a new connection, or after TWS lost them."""
        self.forget_values()
        self._pnl, self._pnl_request = None, 0
        if session.account:
            session.spawn(self._follow(session, session.account))

    def forget_values(self) -> None:
        """The values of positions are no longer followed: old ones are worse than none."""
        self._portfolio.clear()
        self._accrued_dividends = None

    async def _follow(self, session: Session, account: str) -> None:
        # One client of a TWS may follow its account: the one that writes.
        if not self._link.is_reader:
            await session.write_if_open(lambda client: client.reqAccountUpdates(True, account))
        # Asked once, TWS tells of every change from then on, also of trades by hand.
        with contextlib.suppress(GatewayUnavailable):
            await session.ask_keyed(POSITIONS, lambda client: client.reqPositions())
        await self._refresh_pnl(session, account)

    async def _refresh_pnl(self, session: Session, account: str) -> None:
        """Ask for the day's profit again when the last word is old; without an answer it stays old."""
        taken = -math.inf if self._pnl is None else self._pnl[0]
        if time.monotonic() - taken > session.settings.pnl_renew_s:
            await self._pnl_asked.ask(session, lambda: self._ask_pnl(session, account))

    async def _ask_pnl(self, session: Session, account: str) -> None:
        if former := self._pnl_request:
            await session.write_if_open(lambda client: client.cancelPnL(former))
        self._pnl_request = request_id = next_request_id()
        with contextlib.suppress(GatewayUnavailable, BrokerRejected):
            await session.ask(
                lambda client, request_id: client.reqPnL(request_id, account, ""),
                what="the day's profit",
                timeout_s=session.settings.pnl_wait_s,
                request_id=request_id,
            )

    # --- AccountSink --------------------------------------------------------------------------

    def value(self, key: str, value: str, currency: str, account: str) -> None:
        """See `inbox.AccountSink`."""
        if key == "NetLiquidation" and currency not in ("", "BASE") and finite(value) is not None:
            self._currency = currency
        if key == ACCRUED_DIVIDEND and currency not in ("", "BASE"):
            self._accrued_dividends = self._amount((value, currency))

    def portfolio(self, contract: Contract, numbers: Sequence[float | None], account: str) -> None:
        """See `inbox.AccountSink`."""
        self._portfolio[contract.conId] = numbers

    def pnl(self, daily: float, unrealized: float, realized: float) -> None:
        """See `inbox.AccountSink`."""
        self._pnl = (time.monotonic(), finite(daily), finite(unrealized), finite(realized))

    def position_changed(self) -> None:
        """See `inbox.AccountSink`."""
        self._events.tell(PositionsChanged())
