"""The library logs frames, and frames hold account ids: here its loggers are made quiet and masked."""

from __future__ import annotations

import logging

from sumppump.kernel.text import with_masked_accounts

# The client says as an error what the link says better: that a connection failed or ended.
LEVELS = {
    "ib_async.client": logging.CRITICAL,
    "ib_async.wrapper": logging.ERROR,
    "ib_async.Decoder": logging.ERROR,
    "ib_async.ib": logging.ERROR,
    "eventkit.event": logging.ERROR,
}


class _Masked(logging.Filter):
    """Masks what gets through, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: nothing is lost, only covered."""
        record.msg, record.args = with_masked_accounts(record.getMessage()), None
        return True


_MASK = _Masked()


def quiet_library_logs() -> None:
    """Have the library log errors only, masked. Nothing of ours depends on what it logs."""
    for name, level in LEVELS.items():
        log = logging.getLogger(name)
        log.setLevel(level)
        if _MASK not in log.filters:
            log.addFilter(_MASK)
