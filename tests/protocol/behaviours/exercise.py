"""Exercise and assignment."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-EXER-01",
        "An exercised option becomes shares at its strike with the end of the day, told as executions.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-EXER-02",
        "What is not held long, out of the money, of another style or too early is refused with a reason.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-EXER-03",
        "With override an option is exercised out of the money, or given up in it.",
        Provenance.DOCUMENTED,
        "TWS API: exerciseOptions",
    ),
    Behaviour(
        "SIM-EXER-04",
        "Within a cent of the strike only a part of the short contracts is assigned.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-EXER-05",
        "Holders of deep calls exercise before an ex-date if the dividend exceeds the extrinsic value.",
        Provenance.DOCUMENTED,
        "OCC and IBKR on early exercise of calls before ex-dividend dates; the share is ours",
    ),
    Behaviour(
        "SIM-EXER-06",
        "A short deep call is assigned before the ex-date, the same contracts for the same seed.",
        Provenance.OUR_DECISION,
    ),
)
