"""Writes the agreed offer of tools anew, after a change that is meant."""

from __future__ import annotations

import json

from tests.unit.server.test_offer import GOLDEN, card

from sumppump.server.apps.offer import with_page
from sumppump.server.catalogue import TOOLS

if __name__ == "__main__":
    offer = [card(with_page(tool.card)) for tool in TOOLS]
    GOLDEN.write_text(json.dumps(offer, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
