"""What TWS says when it gives no history, as a table: in our words, and what to do about it.

Code 162 stands for many things that only its text tells apart. Codes and texts: IBKR's page "Message Codes"
and recordings; that 10187, 10299 and 10314 read like this is unverified.
"""

from __future__ import annotations

from sumppump.kernel.errors import (
    BrokerRejected,
    GatewayUnavailable,
    InvalidRequest,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)
from sumppump.tws.refusals import Refusal, in_our_words

SERVICE = 162
_SUBSCRIBE = (
    "IBKR gives history only where the account has live data: subscribe in the Client Portal under "
    "Settings, Market Data Subscriptions.",
    "Look at trade_check_market_data for what is missing.",
)

REFUSALS = (
    Refusal(
        code=200, kind=UnknownContract, message="TWS does not know {label}",
        steps=("Look it up with trade_find_contract.",),
    ),
    Refusal(
        code=SERVICE, words="permission", kind=NotSubscribed, message="no history of {label}",
        steps=_SUBSCRIBE,
    ),
    Refusal(
        code=SERVICE, words="no data", kind=MarketDataError, name="no_history",
        message="there is no such history of {label}",
        steps=("Ask for a longer duration or another data_type; it may not have traded in that time.",),
    ),
    Refusal(
        code=SERVICE, words="invalid step", kind=InvalidRequest, name="too_many_bars",
        message="TWS does not give that many bars of {label} at once",
        steps=("Ask for a larger bar_size or a shorter duration.",),
    ),
    Refusal(
        code=SERVICE, words="pacing", kind=GatewayUnavailable, name="history_pacing",
        message="IBKR says that too much history was asked for; another program may share the allowance",
        steps=("Wait a minute.", "Ask for bars of 1 min or more: they are not paced."),
    ),
    Refusal(
        code=SERVICE, words="simultaneous", kind=GatewayUnavailable, name="history_busy",
        message="TWS has too many histories under way, for all programs together",
        steps=("Try again in a moment.",),
    ),
    Refusal(
        code=SERVICE, words="different ip", kind=GatewayUnavailable, name="request_refused",
        message="another session of this user has taken the market data",
        steps=("Log the other session out, or wait until it ends.",),
    ),
    Refusal(
        code=SERVICE, words="disconnect", kind=GatewayUnavailable, name="history_down",
        message="IBKR's history service is not connected; TWS is trying again",
        steps=("Try again in a minute.",),
    ),
    Refusal(
        code=165, kind=GatewayUnavailable, name="history_down",
        message="IBKR's history service says nothing of {label}",
        steps=("Try again in a minute.",),
    ),
    Refusal(
        code=321, kind=InvalidRequest, message="TWS refuses this history of {label}",
        steps=("Choose another data_type, duration or bar_size.",),
    ),
    Refusal(
        code=10299, kind=InvalidRequest, name="invalid_data_type", message="{label} has no bars of that kind",
        steps=("Choose another data_type.",),
    ),
    Refusal(
        code=10314, kind=InvalidRequest, name="invalid_end", message="TWS cannot read the end of the period",
        steps=("Leave the end out: history then ends now.",),
    ),
    Refusal(
        code=420, kind=GatewayUnavailable, name="history_pacing",
        message="TWS takes no more requests of this kind now",
        steps=("Wait a minute.",),
    ),
    *(
        Refusal(code=code, kind=NotSubscribed, message="no history of {label}", steps=_SUBSCRIBE)
        for code in (354, 10089, 10090, 10168, 10186, 10187)
    ),
)  # fmt: skip


def translated(error: BrokerRejected, label: str) -> SumpPumpError:
    """TWS's refusal in our words; what no row fits is told as it is."""
    return in_our_words(error, REFUSALS, label=label, otherwise="TWS gave no history of {label}")
