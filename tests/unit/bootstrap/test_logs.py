"""Logs: account ids are masked wherever they come from, also in tracebacks."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from sumppump.bootstrap.logs import set_up_logs
from sumppump.kernel.text import with_masked_accounts

CANARY = "DU7777777"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """A home with logs set up, and none afterwards."""
    set_up_logs(tmp_path, "DEBUG")
    yield tmp_path / "logs" / "sumppump.jsonl"
    logger.remove()
    logging.basicConfig(force=True, handlers=[logging.NullHandler()])


def test_an_account_id_never_reaches_the_file_or_stderr(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through a message, an argument, a library's logger and a traceback (L-11)."""
    logger.info("account {}", CANARY)
    logging.getLogger("ib_async.wrapper").error("Trade(account='%s')", CANARY)
    try:
        raise ValueError(f"no such account {CANARY}")
    except ValueError:
        logger.exception("failed")
    text = logs.read_text(encoding="utf-8") + capsys.readouterr().err
    assert CANARY not in text
    assert text.count("DU…777") >= 3


def test_every_line_of_the_file_is_json(logs: Path) -> None:
    """Braces in a message are text, not a template."""
    logger.warning("{{a}} {b} %s \n second line")
    rows = [json.loads(line) for line in logs.read_text(encoding="utf-8").splitlines()]
    assert rows[-1]["level"] == "WARNING"


@pytest.mark.parametrize(
    "account", ["SIM1234567", "DU1234567", "DUA123456", "DF123456", "U12345678", "F1234567"]
)
def test_every_kind_of_account_is_masked(account: str) -> None:
    """Simulator, paper, advisor and live."""
    assert account not in with_masked_accounts(f"[{account}]")
