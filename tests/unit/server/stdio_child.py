"""A real process that serves a desk of fakes over stdin and stdout; "hang" makes it hang at its end."""

from __future__ import annotations

import sys

from sumppump.server.pipes import claim

claim()
print("printed at import time")  # noqa: T201 - what a dependency may do; it must miss the wire
sys.stdout.flush()

import asyncio  # noqa: E402 - the pipes come first
import os  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

from tests.support.fake_market import FakeClock  # noqa: E402
from tests.unit.server import fakes  # noqa: E402

from sumppump.domain.tickets import Channel  # noqa: E402
from sumppump.execution.reports import Outcome  # noqa: E402
from sumppump.server.app import build_server  # noqa: E402
from sumppump.server.stdio import run_stdio  # noqa: E402


class Execution(fakes.FakeExecution):
    """Prints, as a careless library would, and marks what ran to its end."""

    def health(self) -> Any:
        print("printed inside a tool", flush=True)  # noqa: T201
        os.write(1, b"written to descriptor 1\n")
        return super().health()

    async def approve(self, ticket_id: str, channel: Channel, **how: Any) -> Outcome:
        before = len(self.sent)
        outcome = await super().approve(ticket_id, channel, **how)
        os.write(2, b"order sent\n" * (len(self.sent) - before))
        return outcome

    async def cancel(self, order_id: int | str) -> Outcome:
        os.write(2, b"cancel began\n")
        await asyncio.sleep(0.3)
        os.write(2, b"cancel ended\n")
        return await super().cancel(order_id)


async def main(trouble: str) -> None:
    desk = fakes.desk(Execution(), fakes.MemoryAudit(), FakeClock())
    await run_stdio(build_server(desk).lowlevel, grace_s=1.0)
    if trouble == "hang":
        time.sleep(60)  # noqa: ASYNC251 - what a bad clean-up may do


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
