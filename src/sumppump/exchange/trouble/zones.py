"""Time zones in TWS's words."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

USUAL_ZONE = "EST"
ZONES = {
    "EST": "America/New_York",
    "GMT": "Europe/London",
    "British Summer Time": "Europe/London",
    "Central European Standard Time": "Europe/Berlin",
    "China Standard Time": "Asia/Shanghai",
}
"""What TWS calls some zones."""


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of a name in TWS's words, None for an unknown one."""
    try:
        return ZoneInfo(ZONES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
