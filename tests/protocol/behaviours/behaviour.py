"""What the embedded exchange claims to do as TWS does, one row a claim, and how we know.

A claim has an id, `SIM-AREA-NN`, which the test that can prove it wrong carries as a marker:
`@pytest.mark.behaviour("SIM-COMBO-03")`. Each area has a file of its own in this folder with a tuple
`BEHAVIOURS`; `test_manifest.py` holds rows and tests together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Provenance(Enum):
    """How we know."""

    RECORDED = "recorded traffic of a real TWS"
    LIVE_REPORT = "live behaviour that others wrote down"
    DOCUMENTED = "IBKR's documentation"
    CLIENT_SOURCE = "what a client's source needs"
    OUR_DECISION = "our decision; unverified against TWS"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One claim.

    Attributes:
        id: `SIM-AREA-NN`.
        sentence: the claim, in the present tense; it can be false.
        provenance: how we know.
        source: the page, thread, recording or file that says so; may be empty for our own decisions.
    """

    id: str
    sentence: str
    provenance: Provenance
    source: str = ""
