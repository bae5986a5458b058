"""The account: values, portfolio, summary, positions, profit and loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sumppump.exchange.account.account_rows import LEDGER as LEDGER_KEYS
from sumppump.exchange.account.account_rows import ledger_rows, plain_rows, rows_by_id
from sumppump.exchange.account.figures import Figures
from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.events import (
    AccountChanged,
    Event,
    MarginWarned,
    MemorandumWarned,
    OptionSettled,
    PositionChanged,
)
from sumppump.exchange.reports import AccountValue, PnL, PortfolioRow, PositionView
from sumppump.exchange.translate.contracts import instrument_of, listing_exchange
from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.kernel.clock import NEW_YORK

SLOW = timedelta(minutes=3)
"""How often values are sent that only the market's move has changed."""
PNL_EVERY = timedelta(seconds=1)
LEDGER = "$LEDGER"
GROUPS = ("", "All")
"""Groups of accounts that there are without an advisor."""

Key = tuple[str, str]
"""A row's name and its currency."""


@dataclass(slots=True)
class Summary:
    """One account-summary subscription."""

    tags: tuple[str, ...]
    sent: dict[Key, str] = field(default_factory=dict)


@dataclass(slots=True)
class Multi:
    """One subscription to the account's rows under an id; of the whole account or of its ledgers."""

    ledger_only: bool
    sent: dict[Key, str] = field(default_factory=dict)


class AccountDesk(Desk):
    """Everything about the account, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._values: dict[Key, str] = {}
        self._portfolio: dict[int, say.PortfolioValue] = {}
        self._multis: dict[int, Multi] = {}
        self._summaries: dict[int, Summary] = {}
        self._wants_positions = False
        self._position_multis: set[int] = set()
        self._pnls: set[int] = set()
        self._singles: dict[int, int] = {}  # the contract that each request follows
        self._is_stale = False
        self._slow_at = line.venue.now + SLOW
        self._pnl_at = line.venue.now

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ask.ReqAccountUpdates: self.updates,
            ask.ReqAccountUpdatesMulti: self.updates_multi,
            ask.CancelAccountUpdatesMulti: self.cancel_updates_multi,
            ask.ReqAccountSummary: self.summary,
            ask.CancelAccountSummary: self.cancel_summary,
            ask.ReqPositions: self.positions,
            ask.CancelPositions: self.cancel_positions,
            ask.ReqPositionsMulti: self.positions_multi,
            ask.CancelPositionsMulti: self.cancel_positions_multi,
            ask.ReqPnL: self.pnl,
            ask.CancelPnL: self.cancel_pnl,
            ask.ReqPnLSingle: self.pnl_single,
            ask.CancelPnLSingle: self.cancel_pnl_single,
        }

    # -- account updates ----------------------------------------------------------------------
    def updates(self, message: ask.ReqAccountUpdates) -> None:
        """Start or end the one subscription that there is; whoever had it is told so."""
        hall = self._line.hall
        if not message.subscribe:
            self.close()
            return
        if self._is_strange(message.account):
            self._line.error(NOBODY, 321, invalid_account("b7", message.account))
            return
        former = hall.account_reader
        if former is not None and former is not self._line:
            former.error(
                -1,
                2100,
                "New account data requested from TWS.  API client has been unsubscribed from account data.",
            )
        hall.account_reader = self._line
        self._values.clear()
        self._portfolio.clear()
        self._send_updates()
        self._line.send(say.AccountDownloadEnd(account=self._line.venue.account))

    def close(self) -> None:
        """Give the subscription up, if this client has it."""
        if self._line.hall.account_reader is self._line:
            self._line.hall.account_reader = None

    def _send_updates(self) -> None:
        venue, line = self._line.venue, self._line
        for row in _changed(venue.account_values(), self._values):
            line.send(
                say.AccountValue(key=row.key, value=row.value, currency=row.currency, account=venue.account)
            )
        for position in venue.portfolio():
            told = _portfolio_value(position)
            con_id = position.position.listing.con_id
            if self._portfolio.get(con_id) != told:
                self._portfolio[con_id] = told
                line.send(told)
        line.send(say.AccountUpdateTime(time=f"{venue.now.astimezone(NEW_YORK):%H:%M}"))

    def updates_multi(self, message: ask.ReqAccountUpdatesMulti) -> None:
        """The same rows under a request id."""
        if not self._refused(message, "bK"):
            self._multis[message.req_id] = Multi(ledger_only=message.ledger_and_nlv)
            self._send_multi(message.req_id)
        self._line.send(say.AccountUpdateMultiEnd(req_id=message.req_id))

    def _refused(self, message: ask.ReqAccountUpdatesMulti | ask.ReqPositionsMulti, place: str) -> bool:
        """Whether the account or the model is not ours; the end that follows is our decision.

        ib_async takes 321 for a warning and would wait for ever.
        """
        if self._is_strange(message.account):
            self._line.error(message.req_id, 321, invalid_account(place, message.account))
        elif message.model:
            text = f"Error validating request.-'{place}' : cause - Invalid model code '{message.model}'."
            self._line.error(message.req_id, 321, text)
        else:
            return False
        return True

    def _is_strange(self, account: str) -> bool:
        return account not in (*GROUPS, self._line.venue.account)

    def _send_multi(self, req_id: int) -> None:
        venue, multi = self._line.venue, self._multis[req_id]
        rows = rows_by_id(venue.figures())
        if multi.ledger_only:
            rows = tuple(row for row in rows if row.key in LEDGER_KEYS or row.key == "NetLiquidation")
        for row in _changed(rows, multi.sent):
            self._line.send(
                say.AccountUpdateMulti(
                    req_id=req_id,
                    account=venue.account,
                    model="",
                    key=row.key,
                    value=row.value,
                    currency=row.currency,
                )
            )

    def cancel_updates_multi(self, message: ask.CancelAccountUpdatesMulti) -> None:
        """End it."""
        self._multis.pop(message.req_id, None)

    # -- summary ------------------------------------------------------------------------------
    def summary(self, message: ask.ReqAccountSummary) -> None:
        """The rows that were asked for, then those that change."""
        line = self._line
        if message.group not in GROUPS:
            text = f"Error processing request.-'cd' : cause - Invalid account group '{message.group}'"
            line.error(message.req_id, 322, text)
            return
        if message.req_id in self._summaries:
            text = "Error processing request.-'cd' : cause - Duplicate ticker id"
            line.error(message.req_id, 322, text)
            return
        if len(self._summaries) >= line.hall.rules.summaries:
            line.error(
                message.req_id,
                322,
                "Error processing request.-'cd' : cause - "
                "Maximum number of account summary requests exceeded",
            )
            return
        tags = tuple(tag.strip() for tag in message.tags.split(",") if tag.strip())
        self._summaries[message.req_id] = Summary(tags)
        self._send_summary(message.req_id)
        line.send(say.AccountSummaryEnd(req_id=message.req_id))

    def _send_summary(self, req_id: int) -> None:
        summary, venue = self._summaries[req_id], self._line.venue
        for account, row in _summary_rows(venue.figures(), summary.tags):
            key = (row.key, f"{account}/{row.currency}")
            if summary.sent.get(key) != row.value:
                summary.sent[key] = row.value
                self._line.send(
                    say.AccountSummary(
                        req_id=req_id, account=account, tag=row.key, value=row.value, currency=row.currency
                    )
                )

    def cancel_summary(self, message: ask.CancelAccountSummary) -> None:
        """End it."""
        self._summaries.pop(message.req_id, None)

    # -- positions ----------------------------------------------------------------------------
    def positions(self, _: ask.ReqPositions) -> None:
        """Every position, then every change."""
        self._wants_positions = True
        for view in self._line.venue.positions():
            self._line.send(_position(view))
        self._line.send(say.PositionEnd())

    def cancel_positions(self, _: ask.CancelPositions) -> None:
        """No more changes."""
        self._wants_positions = False

    def positions_multi(self, message: ask.ReqPositionsMulti) -> None:
        """The same under a request id."""
        if not self._refused(message, "bI"):
            self._position_multis.add(message.req_id)
            for view in self._line.venue.positions():
                self._line.send(_position_multi(message.req_id, view))
        self._line.send(say.PositionMultiEnd(req_id=message.req_id))

    def cancel_positions_multi(self, message: ask.CancelPositionsMulti) -> None:
        """No more changes."""
        self._position_multis.discard(message.req_id)

    # -- profit and loss ----------------------------------------------------------------------
    def pnl(self, message: ask.ReqPnL) -> None:
        """Profit and loss of the account: now, and then every second, changed or not."""
        if self._is_strange(message.account):
            self._line.error(message.req_id, 321, invalid_account("cu", message.account))
            return
        self._pnls.add(message.req_id)
        self._send_pnl(message.req_id)

    def cancel_pnl(self, message: ask.CancelPnL) -> None:
        """No more of it."""
        self._pnls.discard(message.req_id)

    def pnl_single(self, message: ask.ReqPnLSingle) -> None:
        """Profit and loss of one position, in the same rhythm."""
        if self._is_strange(message.account):
            self._line.error(message.req_id, 321, invalid_account("cv", message.account))
            return
        self._singles[message.req_id] = message.con_id
        self._send_single(message.req_id, message.con_id)

    def cancel_pnl_single(self, message: ask.CancelPnLSingle) -> None:
        """No more of it."""
        self._singles.pop(message.req_id, None)

    def _send_pnls(self) -> None:
        for req_id in sorted(self._pnls):
            self._send_pnl(req_id)
        for req_id, con_id in self._singles.items():
            self._send_single(req_id, con_id)

    def _send_pnl(self, req_id: int) -> None:
        whole = self._line.venue.pnl()
        self._line.send(
            say.PnL(
                req_id=req_id,
                daily=float(whole.daily),
                unrealized=float(whole.unrealized),
                realized=float(whole.realized),
            )
        )

    def _send_single(self, req_id: int, con_id: int) -> None:
        self._line.send(_pnl_single(req_id, self._line.venue.pnl_single(con_id)))

    # -- what happens -------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """Positions are told at once, values with the next `settle`."""
        if isinstance(event, PositionChanged):
            if self._wants_positions:
                self._line.send(_position(event.position))
            for req_id in sorted(self._position_multis):
                self._line.send(_position_multi(req_id, event.position))
        if isinstance(event, PositionChanged | AccountChanged | OptionSettled):
            self._is_stale = True
        if isinstance(event, MarginWarned):
            self._line.error(NOBODY, *margin_notice(event.excess))
        if isinstance(event, MemorandumWarned):
            self._line.error(NOBODY, *memorandum_notice(event.memorandum))

    def settle(self) -> None:
        """Send values that an event has changed."""
        if self._is_stale:
            self._is_stale = False
            self._refresh()

    def tick(self, now: datetime) -> None:
        """Send values that the market has changed."""
        if now >= self._pnl_at:
            self._pnl_at = now + PNL_EVERY
            self._send_pnls()
        if now >= self._slow_at:
            self._slow_at = now + SLOW
            self._refresh()
            for req_id in self._summaries:
                self._send_summary(req_id)

    def _refresh(self) -> None:
        if self._line.hall.account_reader is self._line:
            self._send_updates()
        for req_id in self._multis:
            self._send_multi(req_id)


def margin_notice(excess: Decimal) -> tuple[int, str]:
    """Code and text of the warning before a liquidation (both unverified; clients take 21xx for notices)."""
    return 2190, (
        f"Your account's excess liquidity is {excess:.2f} USD. Positions may be liquidated without further"
        " notice if the margin requirement is not met."
    )


def memorandum_notice(memorandum: Decimal) -> tuple[int, str]:
    """Code and text of the notice that Regulation T is not met before the close (both unverified)."""
    return 2190, (
        f"Your Special Memorandum Account (SMA) is {memorandum:.2f} USD. Positions may be liquidated"
        " if it is negative at the end of the trading day."
    )


def invalid_account(place: str, account: str) -> str:
    """Text of 321 for an account that is not this one (unverified)."""
    return f"Error validating request.-'{place}' : cause - Invalid account code '{account}'."


def _changed(rows: tuple[AccountValue, ...], sent: dict[Key, str]) -> list[AccountValue]:
    """The rows that differ from what was sent, which is brought up to date."""
    fresh = [row for row in rows if sent.get((row.key, row.currency)) != row.value]
    sent.update({(row.key, row.currency): row.value for row in fresh})
    return fresh


def _summary_rows(figures: Figures, tags: tuple[str, ...]) -> list[tuple[str, AccountValue]]:
    """Plain words first, then amounts, each in alphabetical order; ledger rows last, for all accounts."""
    wanted = [row for row in plain_rows(figures) if row.key in tags]
    wanted.sort(key=lambda row: (row.currency != "", row.key))
    named = [(figures.account, row) for row in wanted]
    for tag in tags:
        name, _, currency = tag.partition(":")
        if name == LEDGER:
            named += [("All", row) for row in ledger_rows(figures, currency)]
    return named


def _portfolio_value(row: PortfolioRow) -> say.PortfolioValue:
    listing = row.position.listing
    return say.PortfolioValue(
        instrument=instrument_of(listing, exchange=listing.primary_exchange),
        position=row.position.quantity,
        market_price=float(row.market_price),
        market_value=float(row.market_value),
        average_cost=float(row.position.avg_cost),
        unrealized_pnl=float(row.unrealized),
        realized_pnl=float(row.realized),
        account=row.position.account,
    )


def _position(view: PositionView) -> say.Position:
    return say.Position(account=view.account, **_holding(view))


def _position_multi(req_id: int, view: PositionView) -> say.PositionMulti:
    return say.PositionMulti(req_id=req_id, account=view.account, model="", **_holding(view))


def _holding(view: PositionView) -> dict[str, Any]:
    return {
        "instrument": instrument_of(view.listing, exchange=listing_exchange(view.listing)),
        "position": view.quantity,
        "average_cost": float(view.avg_cost),
    }


def _pnl_single(req_id: int, pnl: PnL | None) -> say.PnLSingle:
    zero = Decimal(0)
    if pnl is None:
        return say.PnLSingle(
            req_id=req_id, position=zero, daily=None, unrealized=None, realized=None, value=None
        )
    return say.PnLSingle(
        req_id=req_id,
        position=pnl.quantity or zero,
        daily=float(pnl.daily),
        unrealized=float(pnl.unrealized),
        realized=float(pnl.realized),
        value=None if pnl.value is None else float(pnl.value),
    )
