"""Which process may send orders where: mode, port, account, and what a person has switched on.

Writes are off until the account has been seen and fits; the reason is a sentence for a person.
Ports: TWS live 7496, paper 7497; IB Gateway live 4001, paper 4002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sumppump.domain.orders import Environment
from sumppump.kernel.errors import Breach
from sumppump.kernel.text import masked_account

LIVE_PORTS = frozenset({7496, 4001})
PAPER_PORTS = frozenset({7497, 4002})

# IBKR's paper accounts begin with DU (single) or DF (advisor); no real account begins with SIM.
_PREFIXES = (("SIM", Environment.SIM), ("DU", Environment.PAPER), ("DF", Environment.PAPER))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeFacts:
    """What decides whether this process may send.

    Attributes:
        environment: what TRADING_MODE asks for.
        port: the one we are connected to, 0 while there is none.
        account: the id that the broker told us, "" before.
        expected_account: TWS_ACCOUNT, "" where not set.
        orders_enabled: ORDERS_ENABLED.
        acknowledged: whether the person's file for live orders is there.
        read_only: `--read-only`, or another process is the writer.
        is_lost: there was a connection and it is down.
    """

    environment: Environment
    port: int
    account: str
    expected_account: str = ""
    orders_enabled: bool = False
    acknowledged: bool = False
    read_only: bool = False
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteGate:
    """Whether orders may leave this process, and the sentence why not.

    Attributes:
        code: stable name of the reason, "" when allowed.
        next_step: what a person can do about it, "" when allowed.
    """

    allowed: bool
    code: str = ""
    reason: str = ""
    next_step: str = ""

    def breach(self) -> Breach:
        """The gate as a refusal of one order (C-17)."""
        return Breach(
            control="C-17",
            code=self.code,
            message=self.reason,
            expected=self.next_step,
            found="writes are off",
        )


def account_environment(account: str) -> Environment | None:
    """What kind of account an id names: `SIM…`, `DU…` or `DF…`, or any other, which is live; None for ""."""
    name = account.strip().upper()
    if not name:
        return None
    return next((kind for prefix, kind in _PREFIXES if name.startswith(prefix)), Environment.LIVE)


def write_gate(facts: ModeFacts) -> WriteGate:
    """The first rule that forbids sending, or an open gate."""
    for fits, code, reason, next_step in _RULES:
        if not fits(facts):
            return WriteGate(
                allowed=False, code=code, reason=reason(facts), next_step=next_step.format(mode=_mode(facts))
            )
    return WriteGate(allowed=True)


def _mode(facts: ModeFacts) -> str:
    return facts.environment.value.lower()


def _kind_fits(facts: ModeFacts) -> bool:
    return account_environment(facts.account) is facts.environment


def _port_fits(facts: ModeFacts) -> bool:
    if facts.environment is Environment.SIM:
        return True  # the account alone tells a simulator; tests reach it without any port
    foreign = LIVE_PORTS if facts.environment is Environment.PAPER else PAPER_PORTS
    return facts.port > 0 and facts.port not in foreign


def _why_unseen(facts: ModeFacts) -> str:
    return "the connection is lost" if facts.is_lost else "the account has not been seen yet"


def _seen(facts: ModeFacts) -> str:
    return masked_account(facts.account)


_Rule = tuple[Callable[[ModeFacts], bool], str, Callable[[ModeFacts], str], str]

# In the order in which a person would want to hear them; the first that does not hold is the answer.
_RULES: tuple[_Rule, ...] = (
    (
        lambda f: not f.read_only,
        "read_only",
        lambda f: "this process is read-only",
        "Start SumpPump without --read-only, or end the process that writes.",
    ),
    (
        lambda f: bool(f.account.strip()),
        "account_not_seen",
        lambda f: f"{_why_unseen(f)}, so nothing may be sent",
        "Wait for the connection; see trade_get_session_status.",
    ),
    (
        _kind_fits,
        "account_mode_mismatch",
        lambda f: f"TRADING_MODE={_mode(f)} does not fit account {_seen(f)}",
        "Log in to an account of the right kind, or set TRADING_MODE to what the account is.",
    ),
    (
        _port_fits,
        "port_mode_mismatch",
        lambda f: f"TRADING_MODE={_mode(f)} never uses port {f.port}",
        "Set TWS_PORT: live 7496 or 4001, paper 7497 or 4002.",
    ),
    (
        lambda f: not f.expected_account or f.expected_account == f.account,
        "wrong_account",
        lambda f: f"the account seen is {_seen(f)}, not {masked_account(f.expected_account)} of TWS_ACCOUNT",
        "Log in to the account that TWS_ACCOUNT names, or correct TWS_ACCOUNT.",
    ),
    (
        lambda f: f.orders_enabled or f.environment is Environment.SIM,
        "orders_not_enabled",
        lambda f: f"ORDERS_ENABLED is false, so every {_mode(f)} order ends as a preview",
        "A person sets ORDERS_ENABLED=true and starts SumpPump again.",
    ),
    (
        lambda f: f.acknowledged or f.environment is not Environment.LIVE,
        "live_not_acknowledged",
        lambda f: "live orders have not been acknowledged by a person",
        "A person creates an empty file LIVE-ORDERS-ACKNOWLEDGED in the home folder.",
    ),
)
