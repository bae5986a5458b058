"""Which process may send where: mode x port x account x switches, against an oracle of plain sentences."""

from __future__ import annotations

from itertools import product

import pytest

from sumppump.domain.orders import Environment
from sumppump.risk.modes import ModeFacts, account_environment, write_gate

PORTS = (7496, 7497, 4001, 4002, 40123)
ACCOUNTS = ("", "SIM1234567", "DU1234567", "DF1234567", "U1234567")


def _may_write(mode: Environment, port: int, account: str, *, enabled: bool, acknowledged: bool) -> bool:
    """The decision in words: what each mode wants of account, port and switches."""
    if mode is Environment.SIM:
        return account.startswith("SIM")
    if mode is Environment.PAPER:
        return account[:2] in ("DU", "DF") and port not in (7496, 4001) and enabled
    real = bool(account) and not account.startswith(("SIM", "DU", "DF"))
    return real and port not in (7497, 4002) and enabled and acknowledged


@pytest.mark.parametrize(
    ("mode", "port", "account", "enabled", "acknowledged"),
    list(product(Environment, PORTS, ACCOUNTS, (False, True), (False, True))),
)
def test_writes_are_on_exactly_where_mode_port_account_and_switches_agree(
    mode: Environment, port: int, account: str, enabled: bool, acknowledged: bool
) -> None:
    """All 300 cells."""
    gate = write_gate(
        ModeFacts(
            environment=mode, port=port, account=account, orders_enabled=enabled, acknowledged=acknowledged
        )
    )
    assert gate.allowed is _may_write(mode, port, account, enabled=enabled, acknowledged=acknowledged)
    assert gate.allowed is (gate.code == "")
    assert gate.allowed or (gate.reason and gate.next_step)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (ModeFacts(environment=Environment.SIM, port=1, account="SIM1234567", read_only=True), "read_only"),
        (ModeFacts(environment=Environment.SIM, port=1, account=""), "account_not_seen"),
        (ModeFacts(environment=Environment.SIM, port=1, account="DU1234567"), "account_mode_mismatch"),
        (ModeFacts(environment=Environment.PAPER, port=7497, account="U1234567"), "account_mode_mismatch"),
        (ModeFacts(environment=Environment.PAPER, port=7496, account="DU1234567"), "port_mode_mismatch"),
        (ModeFacts(environment=Environment.PAPER, port=0, account="DU1234567"), "port_mode_mismatch"),
        (ModeFacts(environment=Environment.LIVE, port=7497, account="U1234567"), "port_mode_mismatch"),
        (
            ModeFacts(
                environment=Environment.SIM, port=1, account="SIM1234567", expected_account="SIM0000001"
            ),
            "wrong_account",
        ),
        (ModeFacts(environment=Environment.PAPER, port=7497, account="DU1234567"), "orders_not_enabled"),
        (
            ModeFacts(environment=Environment.LIVE, port=7496, account="U1234567", orders_enabled=True),
            "live_not_acknowledged",
        ),
    ],
)
def test_the_first_reason_is_the_one_that_is_told(facts: ModeFacts, code: str) -> None:
    """One sentence why not, and what a person can do."""
    gate = write_gate(facts)
    assert gate.code == code
    assert facts.account[2:] not in gate.reason or not facts.account
    assert gate.breach().code == code
    assert gate.breach().control == "C-17"


def test_a_lost_connection_is_not_an_account_that_was_never_seen() -> None:
    """Claim: who had an account hears what happened to it."""
    gate = write_gate(ModeFacts(environment=Environment.SIM, port=1, account="", is_lost=True))
    assert gate.reason == "the connection is lost, so nothing may be sent"


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        ("", None),
        ("  ", None),
        ("SIM0000042", Environment.SIM),
        ("DU1", Environment.PAPER),
        ("DUK123456", Environment.PAPER),
        ("DF123456", Environment.PAPER),
        ("U123456", Environment.LIVE),
        ("F123456", Environment.LIVE),
        ("D123456", Environment.LIVE),
    ],
)
def test_an_account_is_live_unless_its_prefix_says_otherwise(account: str, kind: Environment | None) -> None:
    """Unknown prefixes get the strictest treatment."""
    assert account_environment(account) is kind
