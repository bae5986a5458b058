"""Logs: to stderr and a rotating JSON file, with account ids masked; stdout belongs to MCP."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from sumppump.kernel.text import with_masked_accounts
from sumppump.store.files import private_dir

if TYPE_CHECKING:
    from loguru import Record

_QUIET_LIBRARIES = ("mcp", "uvicorn", "matplotlib", "asyncio")


def _story(record: Record) -> str:
    """Message and, where there is one, the traceback: without the values of variables, masked."""
    error = record["exception"]
    trace = "" if error is None else "\n" + "".join(traceback.format_exception(error.value)).rstrip()
    return with_masked_accounts(record["message"] + trace)


# A format that is a function returns a template; what it should print travels in `extra`, so that braces
# in a message are never read as one.
def _as_line(record: Record) -> str:
    record["extra"]["line"] = f"{record['time']:HH:mm:ss} {record['level'].name: <7} {_story(record)}"
    return "{extra[line]}\n"


def _as_json(record: Record) -> str:
    record["extra"]["json"] = json.dumps(
        {
            "at": record["time"].isoformat(),
            "level": record["level"].name,
            "where": f"{record['name']}:{record['line']}",
            "message": _story(record),
        },
        ensure_ascii=False,
    )
    return "{extra[json]}\n"


class _ToLoguru(logging.Handler):
    """Hands what libraries log with the standard module to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(depth=6, exception=record.exc_info).log(record.levelname, "{}", record.getMessage())


def set_up_logs(home: Path, level: str, *, quiet: bool = False, name: str = "sumppump") -> None:
    """Send all logs to stderr (warnings only when `quiet`) and to `home/logs/NAME.jsonl`."""
    folder = private_dir(private_dir(home) / "logs")
    logger.remove()
    logger.add(sys.stderr, level="WARNING" if quiet else level, format=_as_line)
    logger.add(
        folder / f"{name}.jsonl",
        level=level,
        format=_as_json,
        encoding="utf-8",
        rotation="10 MB",
        retention=5,
        opener=lambda file, flags: os.open(file, flags, 0o600),
    )
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)
