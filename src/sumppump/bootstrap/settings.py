"""Every setting, with its default. Only a person changes them: environment, or the `.env` in the home folder.

No tool reads or writes one. Each field's description is what the README prints.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sumppump.kernel.errors import InvalidRequest

_UNFILLED = re.compile(r"^\$\{user_config\.[^}]*\}$")


class TradingMode(StrEnum):
    """Which kind of account orders go to."""

    SIM = "sim"
    PAPER = "paper"
    LIVE = "live"


class ApprovalMode(StrEnum):
    """How a person is asked."""

    PAGE = "page"
    TERMINAL = "terminal"
    AUTO = "auto"


DEFAULT_PORTS = {TradingMode.PAPER: 7497, TradingMode.LIVE: 7496}


class Settings(BaseSettings):
    """All of them; names are environment variables, upper or lower case."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    @model_validator(mode="before")
    @classmethod
    def _unfilled_is_unset(cls, values: dict[str, object]) -> dict[str, object]:
        # An installer's form passes `${user_config.key}` on where a person left a field empty.
        return {
            name: value
            for name, value in values.items()
            if not (isinstance(value, str) and (not value.strip() or _UNFILLED.match(value.strip())))
        }

    sumppump_home: Path | None = Field(
        None,
        description="Folder of all state. Default: the platform's user data folder.",
    )
    trading_mode: TradingMode = Field(TradingMode.SIM, description="`sim`, `paper` or `live`.")
    tws_host: str = Field("127.0.0.1", description="Where TWS or IB Gateway listens.")
    tws_port: int | None = Field(
        None,
        description="Its port: TWS live 7496, paper 7497; Gateway live 4001, paper 4002. In `sim` without it "
        "SumpPump starts its own exchange.",
    )
    tws_client_id: int = Field(
        17, ge=1, le=9999, description="API client id; fixed, because orders are bound to it."
    )
    tws_account: str | None = Field(None, description="The one account to use, when TWS offers several.")
    orders_enabled: bool = Field(
        False, description="Paper and live: without it every write ends as a preview."
    )
    options_level: int = Field(
        2,
        ge=1,
        le=4,
        description="Which strategies may be sent: 1 covered, 2 long options and debit verticals, 3 any with "
        "limited loss (credit spreads, condors, butterflies, calendars), 4 unlimited loss.",
    )
    allow_naked_short: bool = Field(
        False, description="Only with level 4: lets unlimited loss through the policy."
    )
    sumppump_approval: ApprovalMode = Field(
        ApprovalMode.PAGE,
        description="`page` opens the page in your browser, `terminal` waits for `sumppump approve`, "
        "`auto` approves by itself and works with a simulator account only.",
    )
    confirmation_timeout: float = Field(
        300.0, gt=0, le=3600, description="Seconds a ticket waits for a person."
    )
    sumppump_toolsets: str = Field(
        "trade",
        description="`read`, `trade` or `full`; further sets by name, for example `full,crypto_fx`.",
    )
    calls_per_minute: int = Field(600, ge=1, description="Tool calls allowed in any minute.")
    max_contracts: int = Field(10, ge=1, description="C-01: contracts or combos per order.")
    max_premium: Decimal = Field(
        Decimal(5000),
        gt=0,
        description="C-02: premium per order, or MAX_PREMIUM_PCT of net liquidation where that is more.",
    )
    max_premium_pct: Decimal = Field(
        Decimal(5), gt=0, le=100, description="C-02: percent of net liquidation."
    )
    max_loss_pct: Decimal = Field(
        Decimal(10), gt=0, le=100, description="C-03: largest loss of one order, percent of net liquidation."
    )
    max_stock_pct: Decimal = Field(
        Decimal(25), gt=0, le=100, description="Stock legs: notional, percent of net liquidation."
    )
    max_quote_age: float = Field(
        5.0, gt=0, description="C-07: seconds a quote may be old when an order is sent."
    )
    daily_loss_reduce_pct: Decimal = Field(
        Decimal(2),
        gt=0,
        le=100,
        description="C-14: at this daily loss, percent of net liquidation, only closing is allowed.",
    )
    daily_loss_halt_pct: Decimal = Field(
        Decimal(3), gt=0, le=100, description="C-14: at this daily loss nothing new is sent."
    )
    max_margin_pct: Decimal = Field(
        Decimal(50),
        gt=0,
        le=100,
        description="C-15: initial margin after the order, percent of excess liquidity.",
    )
    typed_amount_above: Decimal = Field(
        Decimal(2500),
        ge=0,
        description="Above this max loss the amount has to be typed on the page; always for live.",
    )
    market_data_lines: int = Field(
        95, ge=5, le=100, description="Market data lines SumpPump may use at once."
    )
    unknown_after: float = Field(
        5.0, gt=0, description="Seconds of silence after which a sent order counts as UNKNOWN."
    )
    log_level: str = Field("INFO", description="Of stderr and the log file.")
    sim_seed: int = Field(7, ge=0, description="Embedded exchange: the market's seed.")
    sim_speed: float = Field(
        1.0, gt=0, le=10000, description="Embedded exchange: seconds of market time per second."
    )
    sim_start: datetime | None = Field(
        None,
        description="Embedded exchange: where its clock starts (ISO, New York if no zone). Default: 10:00 "
        "New York of the latest trading day.",
    )

    @property
    def home(self) -> Path:
        """Where all state lives."""
        folder = self.sumppump_home or user_data_path("sumppump", appauthor=False)
        return folder.expanduser().absolute()

    @property
    def own_exchange(self) -> bool:
        """Whether the program starts an embedded exchange of its own."""
        return self.trading_mode is TradingMode.SIM and self.tws_port is None

    @property
    def port(self) -> int:
        """The port to connect to when it is not our own exchange."""
        return self.tws_port or DEFAULT_PORTS.get(self.trading_mode, 0)

    @property
    def acknowledgement(self) -> Path:
        """The file that a person creates to let live orders out."""
        return self.home / "LIVE-ORDERS-ACKNOWLEDGED"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, over the home folder's `.env`, under `overrides`.

    Raises:
        InvalidRequest: a value that cannot be used; the message names the variable.
    """
    home = Path(os.environ.get("SUMPPUMP_HOME") or user_data_path("sumppump", appauthor=False))
    for name, value in _dotenv(home / ".env").items():
        overrides.setdefault(name.lower(), os.environ.get(name.upper(), value))
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise InvalidRequest(
            f"{name} cannot be used: {first['msg']}",
            code="bad_setting",
            expected=Settings.model_fields[name.lower()].description
            if name.lower() in Settings.model_fields
            else None,
            found=repr(first.get("input")),
            next_steps=[f"Correct {name} in the environment or in {home / '.env'}."],
        ) from error


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    if os.name == "posix" and path.stat().st_mode & (
        stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH
    ):
        raise InvalidRequest(
            f"{path} can be read or written by others",
            code="open_settings_file",
            expected="mode 0600",
            found=stat.filemode(path.stat().st_mode),
            next_steps=[f"chmod 600 {path}"],
        )
    return {name: value for name, value in dotenv_values(path).items() if value is not None}
