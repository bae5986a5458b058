"""Everything that execution speaks to, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sumppump.domain.orders import Environment
from sumppump.execution.engine import Engine
from sumppump.execution.settings import ExecutionSettings
from sumppump.kernel.clock import Clock
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.approval import ApprovalDesk
from sumppump.ports.broker import Accounts, Broker
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.ports.store import Inbox
from sumppump.risk.modes import WriteGate
from sumppump.risk.order_stress import OrderStresser
from sumppump.risk.policy import RiskPolicy
from sumppump.strategies.service import StrategyService


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDesk:
    """The parts behind `ExecutionService`.

    Attributes:
        environment: where this process sends.
        gate: whether mode and account let this process write now, asked at every use.
        stress: looks at what a crash does with an order; None where nothing is looked at.
        auto_approve: SUMPPUMP_APPROVAL=auto; works on a simulator account only.
        boot_mono: monotonic second at which this process began.
    """

    environment: Environment
    clock: Clock
    broker: Broker
    accounts: Accounts
    market: MarketData
    directory: ContractDirectory
    strategies: StrategyService
    portfolio: PortfolioService
    policy: RiskPolicy
    engine: Engine
    people: ApprovalDesk
    inbox: Inbox
    gate: Callable[[], WriteGate]
    settings: ExecutionSettings
    boot_mono: float
    stress: OrderStresser | None = None
    auto_approve: bool = False
