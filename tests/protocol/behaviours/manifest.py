"""Every claim of every area."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.protocol.behaviours.behaviour import Behaviour

NOT_AREAS = {"behaviour", "manifest"}


def behaviours() -> tuple[Behaviour, ...]:
    """All rows, in the order of their areas."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    areas = [name for name in names if name not in NOT_AREAS and not name.startswith("test_")]
    modules = (importlib.import_module(f"tests.protocol.behaviours.{name}") for name in areas)
    return tuple(row for module in modules for row in module.BEHAVIOURS)
