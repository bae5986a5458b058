"""The conversation's own memory: which symbol it looks at, and how far it has come there.

It does not survive the process and is keyed on nothing of the host's connection. From the first ticket on a
trade lives in the journal; until then it is only what was looked at and which draft was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sumppump.domain.trade import TradeEvent, TradeState, advance


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """One symbol under discussion.

    Attributes:
        state: IDLE, ANALYZING or STRATEGY_SELECTED. strategy_id: the draft chosen last, or "".
    """

    symbol: str
    state: TradeState = TradeState.IDLE
    strategy_id: str = ""
    title: str = ""


@dataclass(slots=True)
class Conversation:
    """The focus, which another symbol replaces.

    Attributes:
        moved: called with the new symbol when the focus has moved to another one.
    """

    focus: Focus | None = None
    moved: list[Callable[[str], None]] = field(default_factory=list)

    def look(self, symbol: str) -> Focus:
        """The market of a symbol was looked at; another symbol forgets what was chosen before."""
        return self._set(self._of(symbol), TradeEvent.LOOKED)

    def select(self, symbol: str, strategy_id: str, title: str) -> Focus:
        """A strategy was drafted for a symbol."""
        chosen = replace(self._of(symbol), strategy_id=strategy_id, title=title)
        return self._set(chosen, TradeEvent.SELECTED)

    def staged(self, strategy_id: str) -> None:
        """The draft became a ticket: from now on the journal remembers it, and the conversation need not."""
        if self.focus is not None and self.focus.strategy_id == strategy_id:
            self.focus = None

    def _of(self, symbol: str) -> Focus:
        name = symbol.upper()
        if self.focus is None or self.focus.symbol != name:
            return Focus(symbol=name)
        return self.focus

    def _set(self, focus: Focus, event: TradeEvent) -> Focus:
        for told in self.moved if self.focus is None or self.focus.symbol != focus.symbol else ():
            told(focus.symbol)
        # A second look at the market does not unchoose a strategy; only another choice or symbol does.
        keeps = event is TradeEvent.LOOKED and focus.state is TradeState.STRATEGY_SELECTED
        self.focus = focus if keeps else replace(focus, state=advance(focus.state, event))
        return self.focus
