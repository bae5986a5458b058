"""What the options of `sumppump sim` mean; what cannot be meant is refused in the shape of all errors."""
# ruff: noqa: PLC0415 - each command imports what it needs when it runs, so that `--help` stays quick

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sumppump.kernel.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sumppump.exchange.account.endowment import Endowment
    from sumppump.exchange.trouble.scenario import Scenario

FAULTS_AN_HOUR, MOST_FAULTS_AN_HOUR = 6.0, 60.0
MOST_SPEED = 10_000.0
MOST_CASH, MOST_SHARES = 1_000_000_000, 1_000_000
STARTS = range(2015, 2051)
"""Years that the calendar's rules are made for (our decision)."""
LONGEST_IDLE_S = 365 * 86_400.0


def port_of(option: str, number: int) -> int:
    """A port to listen on, 0 for a free one."""
    if 0 <= number < 65_536:
        return number
    raise _unusable(option, "a port from 1 to 65535, or 0 for a free one", str(number))


def speed_of(number: float) -> float:
    """Seconds of market time per second."""
    if 0 < number <= MOST_SPEED:
        return number
    raise _unusable("--speed", f"a number above 0, at most {MOST_SPEED:,.0f}", f"{number:g}")


def idle_of(number: float) -> float | None:
    """Seconds without a client before it ends, None for never."""
    if math.isfinite(number) and 0 <= number <= LONGEST_IDLE_S:
        return number or None
    raise _unusable("--idle-exit", "seconds from 0 (never) to a year", f"{number:g}")


def recordings_of(folder: Path | None) -> Path | None:
    """A folder with recorded quotes."""
    if folder is None or (folder.is_dir() and any(folder.iterdir())):
        return folder
    raise _unusable("--data", "a folder with recorded quotes", f"{folder}: missing or empty")


def _unusable(option: str, expected: str, found: str) -> InvalidRequest:
    return InvalidRequest(f"{option} cannot be {found}", code="bad_setting", expected=expected, found=found)


def address_of(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise InvalidRequest(
            f"--tws {text!r} is no address", code="bad_setting", expected="127.0.0.1:7497", found=text
        )
    return host.strip("[]") or "127.0.0.1", int(port)


def loopback_of(host: str) -> str:
    if host in ("127.0.0.1", "::1", "localhost"):
        return host
    raise InvalidRequest(
        f"--host {host!r} is no loopback address",
        code="not_loopback",
        expected="127.0.0.1 or ::1: the protocol has no password",
        found=host,
        next_steps=["Leave --host out."],
    )


def scenario_of(name: str) -> Scenario | None:
    from sumppump.exchange.trouble.scenario import day_named, read_scenario

    if not name:
        return None
    file = Path(name)
    if file.suffix != ".toml":
        return day_named(name)
    try:
        return read_scenario(file.stem, file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"scenario {name} cannot be read", code="bad_scenario", expected="a file", found=str(error)
        ) from error


def dice_of(text: str) -> tuple[int, float] | None:
    if not text:
        return None
    seed, _, rate = text.partition(":")
    try:
        drawn = int(seed), float(rate or FAULTS_AN_HOUR)
    except ValueError:
        drawn = 0, -1.0
    if not 0 < drawn[1] <= MOST_FAULTS_AN_HOUR:
        raise InvalidRequest(
            f"--faults {text!r} is no seed",
            code="bad_setting",
            expected=f"SEED or SEED:RATE, RATE above 0, at most {MOST_FAULTS_AN_HOUR:g} an hour",
            found=text,
        )
    return drawn


def start_of(text: str) -> datetime | None:
    from sumppump.kernel.clock import NEW_YORK

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"--start {text!r} is no time",
            code="bad_setting",
            expected="an ISO time such as 2026-11-20T10:00",
            found=text,
        ) from error
    if moment.year not in STARTS:
        raise _unusable("--start", f"a year from {STARTS[0]} to {STARTS[-1]}", text)
    return moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)


def endowment_of(cash: str, level: int, holdings: Sequence[str]) -> Endowment:
    """What a new account begins with.

    Raises:
        InvalidRequest: `bad_setting`.
    """
    from sumppump.exchange.account.endowment import Endowment, listed_stock

    held = tuple((listed_stock(symbol), quantity) for symbol, quantity in map(_holding, holdings))
    return Endowment(cash=_cash(cash), option_level=level, holdings=held)


def _cash(text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if amount.is_finite() and 0 <= amount <= MOST_CASH:
        return amount
    raise InvalidRequest(
        f"--cash {text!r} is no amount",
        code="bad_setting",
        expected=f"US dollars from 0 to {MOST_CASH:,}",
        found=text,
    )


def _holding(text: str) -> tuple[str, int]:
    symbol, _, number = text.partition("=")
    try:
        quantity = int(number)
    except ValueError:
        quantity = 0
    if symbol and quantity and abs(quantity) <= MOST_SHARES:
        return symbol.upper(), quantity
    raise InvalidRequest(
        f"--holding {text!r} is no holding",
        code="bad_setting",
        expected=f"SYMBOL=SHARES, whole, at most {MOST_SHARES:,}",
        found=text,
    )
