"""Settings: only a person sets them, a bad one stops the program with its name, and defaults are safe."""

from __future__ import annotations

import os
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from sumppump.bootstrap.foundation import limits_of
from sumppump.bootstrap.settings import ApprovalMode, Settings, TradingMode, load_settings
from sumppump.kernel.errors import InvalidRequest
from sumppump.risk.limits import Limits


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SUMPPUMP_HOME", str(tmp_path))


def test_without_any_setting_it_is_the_simulator_and_a_page() -> None:
    """The default never reaches a real account (design, section 5)."""
    settings = load_settings()
    assert settings.trading_mode is TradingMode.SIM
    assert settings.sumppump_approval is ApprovalMode.PAGE
    assert settings.own_exchange
    assert not settings.orders_enabled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWS_CLIENT_ID", "abc"),
        ("TWS_CLIENT_ID", "0"),
        ("TRADING_MODE", "real"),
        ("OPTIONS_LEVEL", "5"),
        ("MAX_PREMIUM", "-1"),
        ("MAX_PREMIUM", "NaN"),
        ("SUMPPUMP_APPROVAL", "yes"),
        ("SIM_SPEED", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A typing error must never become a default."""
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidRequest, match=name) as caught:
        load_settings()
    assert caught.value.code == "bad_setting"
    assert caught.value.next_steps


def test_what_an_installer_left_unfilled_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles pass `${user_config.key}` literally where a person left a field empty."""
    monkeypatch.setenv("TRADING_MODE", "${user_config.mode}")
    monkeypatch.setenv("TWS_PORT", "")
    settings = load_settings()
    assert settings.trading_mode is TradingMode.SIM
    assert settings.tws_port is None


def test_the_environment_wins_over_the_home_folders_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One place to look first."""
    file = tmp_path / ".env"
    file.write_text("MAX_CONTRACTS=3\nTWS_CLIENT_ID=44\n")
    file.chmod(0o600)
    monkeypatch.setenv("MAX_CONTRACTS", "4")
    settings = load_settings()
    assert (settings.max_contracts, settings.tws_client_id) == (4, 44)


@pytest.mark.skipif(os.name != "posix", reason="modes exist on POSIX only")
def test_a_settings_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    """Whoever writes the file sets the limits."""
    file = tmp_path / ".env"
    file.write_text("MAX_CONTRACTS=1000\n")
    file.chmod(0o666)
    with pytest.raises(InvalidRequest) as caught:
        load_settings()
    assert caught.value.code == "open_settings_file"


def test_every_limit_that_a_person_can_set_reaches_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that the policy does not see would be a promise."""
    monkeypatch.setenv("MAX_CONTRACTS", "2")
    monkeypatch.setenv("MAX_PREMIUM", "750")
    monkeypatch.setenv("OPTIONS_LEVEL", "3")
    limits = limits_of(load_settings())
    assert (limits.max_contracts, limits.max_premium, limits.options_level) == (2, Decimal(750), 3)


def test_every_limit_setting_has_the_policys_default() -> None:
    """Two places give a default; they must be the same number."""

    shared = {each.name for each in fields(Limits)} & set(Settings.model_fields)
    differing = {name for name in shared if getattr(Limits(), name) != Settings.model_fields[name].default}
    assert len(shared) >= 10
    assert differing == set()
