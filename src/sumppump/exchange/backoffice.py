"""What is done for the account when no order asks for it: at the open, at the close, and between.

At the open, with the marks of the close before: dividends go ex and are paid, shares split, interest accrues,
futures are settled and the day's books begin; then what the open settles ends. At the close: expiry, what
holders wished to exercise, and what is assigned to us early. In between the margin is watched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from sumppump.exchange import corporate_actions as actions
from sumppump.exchange.account import Account
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.corporate_actions import Ratio, SplitTerms
from sumppump.exchange.early_assignment import Evening, exercised_share
from sumppump.exchange.events import AccountChanged, Event, OrderOpened, OrderRejected, OrderStatusChanged
from sumppump.exchange.exercise import EXERCISE, Holdings, Wish, Wishes, refusal_of
from sumppump.exchange.instruments import ContractQuery, Instrument, Listing
from sumppump.exchange.interest import BENCHMARKS, accrue
from sumppump.exchange.liquidation import Liquidation
from sumppump.exchange.margin_check import MarginDesk
from sumppump.exchange.reports import OrderState, OrderView, Refusal
from sumppump.exchange.settlement import Outcome, Settlement, in_money
from sumppump.exchange.tops import Moment
from sumppump.exchange.trading_days import TradingSession, next_trading_day, previous_trading_day, session_of
