"""A child process with a terminal of its own: one ticket waits; what is decided goes to stderr."""

from __future__ import annotations

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(_ROOT / "src"), str(_ROOT)]

from tests.unit.approval.stories import FakeDecisions, bull_call_spread  # noqa: E402
from tests.unit.approval.test_terminal import FakeInbox  # noqa: E402

from sumppump.approval.terminal import person_at_terminal  # noqa: E402

decisions = FakeDecisions()
decisions.add(bull_call_spread())
inbox = FakeInbox(decisions)
person_at_terminal(decisions.tickets, inbox).run()
for handed in inbox.posted:
    sys.stderr.write(f"\nhanded over: {handed.verdict}\n")
