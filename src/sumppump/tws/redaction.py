"""The library logs frames, and frames hold account ids: here its loggers are made quiet and masked."""

from __future__ import annotations

import logging
import re

from sumppump.kernel.text import masked_account

LOGGERS = ("ib_async.client", "ib_async.wrapper", "ib_async.Decoder", "ib_async.ib", "eventkit.event")
_ACCOUNT = re.compile(r"\b(?:SIM|DU[A-Z]?|DF[A-Z]?|U|F|I)\d{5,9}\b")


def redacted(text: str) -> str:
    """`text` with account ids masked."""
    return _ACCOUNT.sub(lambda match: masked_account(match.group()), text)


class _Masked(logging.Filter):
    """Masks what gets through, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: nothing is lost, only covered."""
        record.msg, record.args = redacted(record.getMessage()), None
        return True


_MASK = _Masked()


def quiet_library_logs() -> None:
    """Have the library log errors only, masked. Nothing of ours depends on what it logs."""
    for name in LOGGERS:
        log = logging.getLogger(name)
        log.setLevel(logging.ERROR)
        if _MASK not in log.filters:
            log.addFilter(_MASK)
