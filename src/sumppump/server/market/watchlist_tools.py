"""Lists of symbols: quoted together, and kept on this machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.kept_lists import MOST_SYMBOLS
from sumppump.server.coercion import OptionalText, Symbols, choice
from sumppump.server.desk import Call
from sumppump.server.market.watchlist_views import BoardAnswer, ListsAnswer, board_answer, lists_answer
from sumppump.server.parameters import enum
from sumppump.server.registry import Kind, Tool, Toolset

ACTIONS = ("list", "create", "update", "delete")
Contracts = Annotated[Symbols, Field(description=f"Up to {MOST_SYMBOLS}, e.g. [SPY, AAPL, ESZ6, EUR/USD]")]


async def trade_get_watchlist_quotes(
    call: Call,
    symbols: Contracts = None,
    watchlist: Annotated[OptionalText, Field(description="A kept list instead, e.g. tech")] = None,
    save_as: Annotated[OptionalText, Field(description="Keep the symbols under this new name")] = None,
) -> BoardAnswer:
    """Quotes many symbols at once, with gainers, losers and most active; errors are listed per symbol.

    Use trade_get_quote for one contract in full, trade_manage_watchlist to see or change the kept lists.
    """
    lists = call.desk.market.watchlists
    found = await lists.board(symbols or (), name=watchlist or "", save_as=save_as or "")
    return board_answer(found, call.desk.clock.monotonic())


async def trade_manage_watchlist(
    call: Call,
    action: Annotated[str, choice(*ACTIONS), enum(*ACTIONS), Field(description="What to do")] = "list",
    name: Annotated[OptionalText, Field(description="Which list, e.g. tech; all when listing")] = None,
    symbols: Contracts = None,
) -> ListsAnswer:
    """Lists, creates, updates (replaces the symbols of) or deletes watchlists kept on this machine only.

    Use trade_get_watchlist_quotes for their prices.
    """
    done = call.desk.market.watchlists.book.manage(action, name or "", symbols or ())
    return lists_answer(done.lists, name=done.shown, did=done.words)


TOOLS = (
    Tool(
        run=trade_get_watchlist_quotes,
        title="Watchlist quotes",
        toolset=Toolset.MARKET,
        kind=Kind.KEEP,
        answer=BoardAnswer,
        is_repeatable=True,
    ),
    Tool(
        run=trade_manage_watchlist,
        title="Watchlists",
        toolset=Toolset.MARKET,
        kind=Kind.KEEP,
        answer=ListsAnswer,
        is_local=True,
        removes=True,
    ),
)
