"""The conversation's memory is per symbol and gone with it. Source: section 4 of the design."""

from __future__ import annotations

from sumppump.domain.trade import TradeState
from sumppump.session.conversation import Conversation, Focus


def test_looking_then_choosing_leads_to_a_selected_strategy() -> None:
    """IDLE, ANALYZING, STRATEGY_SELECTED."""
    talk = Conversation()
    assert talk.look("spy").state is TradeState.ANALYZING
    assert talk.select("SPY", "stg_1", "Bull call spread").state is TradeState.STRATEGY_SELECTED


def test_looking_again_does_not_unchoose_but_another_symbol_does() -> None:
    """The context is cleared when the symbol changes."""
    talk = Conversation()
    talk.select("SPY", "stg_1", "Bull call spread")
    assert talk.look("SPY").strategy_id == "stg_1"
    assert talk.look("QQQ") == Focus(symbol="QQQ", state=TradeState.ANALYZING)


def test_a_draft_that_became_a_ticket_is_the_journals_from_then_on() -> None:
    """What is due next stands once, with the trade; it lives where it survives a restart."""
    talk = Conversation()
    talk.select("SPY", "stg_1", "Bull call spread")
    talk.staged("stg_other")
    assert talk.focus is not None
    assert talk.focus.strategy_id == "stg_1"
    talk.staged("stg_1")
    assert talk.focus is None


def test_who_keeps_things_of_a_symbol_hears_when_another_is_looked_at() -> None:
    """Once at every move of the focus, not at every look."""
    talk, heard = Conversation(), list[str]()
    talk.moved.append(heard.append)
    for symbol in ("SPY", "spy", "QQQ", "SPY"):
        talk.look(symbol)
    assert heard == ["SPY", "QQQ", "SPY"]
