"""How things stand at an exchange, in words for a person: faults, moments, what there is to choose from."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sumppump.exchange.trouble.faults import FAULTS, GROUPS, Fault
from sumppump.exchange.trouble.parameters import MONTH, Parameter, parameters_of, plain
from sumppump.kernel.clock import NEW_YORK

if TYPE_CHECKING:
    from sumppump.exchange.hall import TradingHall
    from sumppump.exchange.trouble.trouble import Running


def in_new_york(moment: datetime) -> str:
    """A moment as a person reads it: weekday, date and time of New York."""
    return f"{moment.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M:%S} New York"


def spoken(hall: TradingHall, running: Running) -> str:
    """A fault that is on, and until when."""
    until = hall.trouble.until(running)
    end = f"until {in_new_york(until)}" if until else "until it has run its course or is healed"
    return f"{running.fault.name} {end}: {running.fault.words}"


def fault_list(name: str = "") -> str:
    """Every fault, or one: what happens, and its parameters with rules and defaults, as one line of JSON."""
    groups = list(GROUPS.values())
    rows = sorted(FAULTS, key=lambda fault: groups.index(fault.group))
    return json.dumps([_row(fault) for fault in rows if name in ("", fault.name)])


def _row(fault: Fault) -> dict[str, Any]:
    parameters = parameters_of(fault.kind)
    return {
        "name": fault.name,
        "group": fault.group,
        "words": fault.words,
        "parameters": {one.name: one.rule for one in parameters},
        "defaults": {one.name: _shown(one, fault.preset.get(one.name, one.default)) for one in parameters},
    }


def _shown(parameter: Parameter, value: Any) -> str:  # noqa: ANN401 - of any parameter's type
    if isinstance(value, bool | StrEnum):
        return str(value).lower() if isinstance(value, bool) else value.value
    if parameter.mark is MONTH and value >= 60:
        return f"{plain(value)} ({_length(value)})"
    return plain(value) if isinstance(value, int | float) else str(value) or '""'


def _length(seconds: float) -> str:
    unit, size = next(row for row in (("d", 86_400), ("h", 3600), ("min", 60)) if seconds >= row[1])
    return f"{plain(round(seconds / size, 1))} {unit}"
