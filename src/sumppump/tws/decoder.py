"""The library's decoder, where it would turn a missing number into 0 or lose a message.

Everything else is left to the library. What it cannot read it logs and drops; here that is counted and said
(P-8), without the frame's text, which holds account ids.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields as fields_of
from functools import cache
from typing import TYPE_CHECKING, Any

from ib_async.contract import Contract
from ib_async.decoder import Decoder

from sumppump.tws.numbers import moment, told

if TYPE_CHECKING:
    from sumppump.tws.inbox import Inbox

Fields = list[str]
_EXEC_TIME = 15


# How the library reads the text of a field with such a default; text stays as it is.
_READERS: dict[type, Callable[[str], object]] = {int: int, float: float, bool: lambda text: bool(int(text))}


@cache
def _numbers_of(kind: type[Any]) -> tuple[tuple[str, Callable[[str], object], object], ...]:
    """The fields of one of the library's classes that are no text: name, reader, default."""
    return tuple(
        (field.name, _READERS[type(field.default)], field.default)
        for field in fields_of(kind)
        if type(field.default) in _READERS
    )


class _Counter:
    """Stands where the library's decoder has its logger: each `exception` is one unreadable frame."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def exception(self, message: object, *args: object) -> None:
        """What the library calls in every except block."""
        kind = sys.exc_info()[0]
        self._inbox.unreadable(kind.__name__ if kind else "error")


class WireDecoder(Decoder):
    """`ib_async.Decoder` with five messages of its own."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox, 0)  # type: ignore[arg-type]
        self._inbox = inbox
        self.logger = _Counter(inbox)  # type: ignore[assignment]
        self.handlers |= {3: self.order_status, 49: self.current_time}

    def parse(self, obj: Any) -> None:  # noqa: ANN401 - any of the library's classes
        """Numbers out of text, as the library does it; the class is looked up once, not for every row."""
        for name, read, default in _numbers_of(obj.__class__):
            value = getattr(obj, name)
            setattr(obj, name, read(value) if value else default)

    def order_status(self, fields: Fields) -> None:
        """OrderStatus (3): '' is not 0, and no known frame is shorter than 12 fields."""
        _, order_id, status, filled, remaining, average, perm_id, parent_id, _, client_id, held, *_ = fields
        self._inbox.order_status(
            int(order_id), status, told(filled), told(remaining), told(average),
            int(perm_id or 0), int(parent_id or 0), int(client_id or 0), held,
        )  # fmt: skip

    def current_time(self, fields: Fields) -> None:
        """CurrentTime (49): a missing number would read as 1970."""
        self._inbox.currentTime(int(fields[2]))

    def execDetails(self, fields: Fields) -> None:
        """ExecDetails (11): the time becomes epoch seconds, for zones that Python does not know (F-38)."""
        at = moment(fields[_EXEC_TIME], zone=self._inbox.zone)
        fields[_EXEC_TIME] = str(int(at.timestamp()))
        super().execDetails(fields)  # type: ignore[no-untyped-call]

    def commissionReport(self, fields: Fields) -> None:
        """CommissionReport (59): a commission that is missing is not free (F-19)."""
        _, _, exec_id, commission, currency, realized, *_ = fields
        self._inbox.commission(exec_id, told(commission), currency, told(realized))

    def position(self, fields: Fields) -> None:
        """Position (61): a missing quantity is an unreadable frame, not a flat position."""
        float(fields[14])
        super().position(fields)  # type: ignore[no-untyped-call]

    def tickOptionComputation(self, fields: Fields) -> None:
        """TickOptionComputation (21): '' where TWS has nothing would end the whole message."""
        _, req_id, tick, _, *values = fields
        self._inbox.greeks(int(req_id), int(tick), [told(value) for value in values[:8]])

    def updatePortfolio(self, fields: Fields) -> None:
        """PortfolioValue (7): '' where a price is unknown would end the whole message."""
        contract = Contract(conId=int(fields[2]), symbol=fields[3], secType=fields[4])
        numbers = [told(text) for text in fields[13:19]]
        self._inbox.portfolio(contract, numbers, fields[19])
