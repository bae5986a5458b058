"""How to reach TWS, and how patient to be. Every window is a setting, so that tests can shorten it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Endpoint = Callable[[], Awaitable[tuple[str, int]]]
"""Host and port, asked before every attempt to connect; raises GatewayUnavailable when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwsSettings:
    """The gateway's settings; all times in seconds.

    Attributes:
        host, port: of TWS, IB Gateway or the embedded exchange.
        client_id: fixed, never 0 and never random: orders belong to the id that placed them.
        account: the account to use; "" takes the only one there is.
        read_only: no order and no cancel leaves this process.
        reads_along: another process writes, until `use_client_id` says otherwise.
        market_data_type: 1 live, 2 frozen, 3 delayed where live is not subscribed, 4 delayed and frozen.
        line_limit: market data lines that we use at once; TWS grants 100 to all clients together.
        messages_per_s: requests a second and size of the burst; TWS allows 50. The rest is for orders.
        handshake_timeout_s: from the first byte to "ready".
        request_timeout_s: for any answer.
        backoff_min_s, backoff_max_s: wait between attempts to connect, doubling.
        heartbeat_s: between questions for the server's time; silence of two of them ends the connection.
        linger_s: how long a market data line stays open for the next caller.
        settle_s: extra wait for the rest of a first picture once bid, ask and Greeks are there.
        partial_s: the same for Greeks after TWS said that a part is not subscribed.
        quiet_s: a pause in the news of an underlying after which its statistics count as complete.
        line_turn_s: how long one contract may keep a line without its numbers while others wait for one.
        line_retry_s: after TWS had no line left (101), until we try for more than we hold.
        share_check_s: between two looks at how many lines are our share among processes of one home.
        resume_s: after data should flow again, until a silent line is subscribed once more.
        pause_retry_s: the same where nobody says that it flows, as with another session of the login.
        what_if_grace_s: how long after margins a refusal of the same what-if may come.
        late_end_s: how long the late end of a keyed request that timed out is expected.
        history_pacing_s: window in which identical requests for small bars are held back.
        histories_at_once: histories under way; TWS takes 50 of all clients together.
        symbol_pacing_s: between two symbol searches.
        symbols: every symbol that is listed on the other side, where that is known.
        pnl_renew_s: age from which the day's profit is asked for again before figures are given.
        pnl_wait_s: how long figures wait for it then.
    """

    host: str = "127.0.0.1"
    port: int = 7497
    client_id: int = 17
    account: str = ""
    read_only: bool = False
    reads_along: bool = False
    market_data_type: int = 3
    line_limit: int = 95
    messages_per_s: int = 45
    handshake_timeout_s: float = 10.0
    request_timeout_s: float = 10.0
    backoff_min_s: float = 1.0
    backoff_max_s: float = 60.0
    heartbeat_s: float = 5.0
    linger_s: float = 2.0
    settle_s: float = 0.2
    partial_s: float = 2.0
    quiet_s: float = 2.0
    line_turn_s: float = 2.0
    line_retry_s: float = 10.0
    share_check_s: float = 0.5
    resume_s: float = 4.0
    pause_retry_s: float = 30.0
    what_if_grace_s: float = 0.15
    late_end_s: float = 20.0
    history_pacing_s: float = 15.0
    histories_at_once: int = 40
    symbol_pacing_s: float = 1.0
    symbols: tuple[str, ...] = ()
    pnl_renew_s: float = 30.0
    pnl_wait_s: float = 2.0

    def __post_init__(self) -> None:
        if self.client_id <= 0:
            raise ValueError("client id 0 would also own orders placed by hand in TWS; use 1 or more")
        if self.line_limit < 1 or self.messages_per_s < 1:
            raise ValueError("line_limit and messages_per_s are at least 1")
