"""Exercising and giving up options: answered as an order is, and carried out with the end of the day."""

from __future__ import annotations

from sumppump.exchange.commands import ExerciseOption
from sumppump.exchange.desks.line import Desk, Services
from sumppump.exchange.desks.orders import READ_ONLY
from sumppump.exchange.translate.contracts import exercise_query
from sumppump.exchange.wire import account_requests as ask


class ExerciseDesk(Desk):
    """What one client wants done with its options."""

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {ask.ExerciseOptions: self.exercise}

    def exercise(self, message: ask.ExerciseOptions) -> None:
        """An instruction to exercise or to lapse."""
        line = self._line
        if line.hall.rules.read_only:
            line.error(message.req_id, 321, READ_ONLY)
            return
        if message.account not in ("", line.venue.account):
            text = f"Error processing request.-'bO' : cause - Invalid account code '{message.account}'."
            line.error(message.req_id, 322, text)
            return
        command = ExerciseOption(
            client_id=line.client_id,
            request_id=message.req_id,
            contract=exercise_query(message),
            action=message.action,
            quantity=message.quantity,
            override=bool(message.override),
        )
        line.hall.publish(line.venue.apply(command))
