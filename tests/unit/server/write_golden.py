"""Writes the agreed offer of tools anew, after a change that is meant."""

from __future__ import annotations

import json

from tests.unit.server.test_offer import GOLDEN, card

from sumppump.server.catalogue import TOOLS

if __name__ == "__main__":
    GOLDEN.write_text(
        json.dumps([card(tool.card) for tool in TOOLS], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
