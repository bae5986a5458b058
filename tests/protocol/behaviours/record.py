"""Sessions with a TWS as golden files."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-RECORD-01",
        "No account id survives in a golden file, in no field and neither direction.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-RECORD-02",
        "A client that asks the same of a golden file as it asked while it was recorded is told the same.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-RECORD-03",
        "The ids of requests and orders may differ from the recorded ones and are carried over.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-RECORD-04",
        "What was not recorded is refused under the request's own id, naming what was.",
        Provenance.OUR_DECISION,
    ),
)
