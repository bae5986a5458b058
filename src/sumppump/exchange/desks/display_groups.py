"""Display groups: which there are, what they show, and changes of it."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.display_groups import GROUPS, Follower
from sumppump.exchange.wire.account_requests import QueryDisplayGroups
from sumppump.exchange.wire.formalities import (
    DisplayGroupUpdated,
    SubscribeToGroup,
    UnsubscribeFromGroup,
    UpdateDisplayGroup,
)
from sumppump.exchange.wire.market_answers import DisplayGroupList

DUPLICATE = "Error processing request.-'ba' : cause - Duplicate ticker id"
NO_GROUP = "Error validating request.-'ba' : cause - Invalid display group id"
NO_SUBSCRIPTION = "Error validating request.-'ba' : cause - Invalid group subscription id"


@dataclass(frozen=True, slots=True)
class Following:
    """One subscription to a group."""

    group: int
    follower: Follower


class DisplayGroupDesk(Desk):
    """The display groups, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._followed: dict[int, Following] = {}

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            QueryDisplayGroups: self.groups,
            SubscribeToGroup: self.subscribe,
            UpdateDisplayGroup: self.update,
            UnsubscribeFromGroup: self.unsubscribe,
        }

    def groups(self, message: QueryDisplayGroups) -> None:
        """All groups, as TWS writes a list."""
        names = "|".join(str(group) for group in GROUPS)
        self._line.send(DisplayGroupList(req_id=message.req_id, groups=names))

    def subscribe(self, message: SubscribeToGroup) -> None:
        """Tell what a group shows, now and whenever it changes."""
        if message.req_id in self._followed:
            self._line.error(message.req_id, 322, DUPLICATE)
        elif message.group not in GROUPS:
            self._line.error(message.req_id, 322, NO_GROUP)
        else:
            follower = self._follower(message.req_id)
            self._followed[message.req_id] = Following(message.group, follower)
            self._line.hall.groups.follow(message.group, follower)

    def _follower(self, req_id: int) -> Follower:
        return lambda shown: self._line.send(DisplayGroupUpdated(req_id=req_id, contract=shown))

    def update(self, message: UpdateDisplayGroup) -> None:
        """Let a group show another contract; everybody who follows it hears of it."""
        following = self._followed.get(message.req_id)
        if following is None:
            self._line.error(message.req_id, 322, NO_SUBSCRIPTION)
        else:
            self._line.hall.groups.show(following.group, message.contract)

    def unsubscribe(self, message: UnsubscribeFromGroup) -> None:
        """Follow no more; nothing is answered."""
        following = self._followed.pop(message.req_id, None)
        if following is not None:
            self._line.hall.groups.leave(following.group, following.follower)

    def close(self) -> None:
        """Leave every group."""
        for following in self._followed.values():
            self._line.hall.groups.leave(following.group, following.follower)
        self._followed.clear()
