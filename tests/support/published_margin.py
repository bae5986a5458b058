"""Margins that others have published, line by line, with where: what margin rules are tested against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

NEAR, FAR = date(2026, 12, 18), date(2027, 1, 15)


@dataclass(frozen=True)
class Line:
    """A position; `mark` per share."""

    quantity: int
    right: str  # "" is the stock
    strike: str = "0"
    mark: str = "0"
    expiry: date = NEAR


def call(own: int, strike: str, mark: str, **other: Any) -> Line:
    """Calls held (+) or written (-)."""
    return Line(own, "C", strike, mark, **other)


def put(own: int, strike: str, mark: str, **other: Any) -> Line:
    """Puts held (+) or written (-)."""
    return Line(own, "P", strike, mark, **other)


SHARES = Line(10_000, "")

# Cboe's strategy-based examples, as typed in the tests of `margin-estimator` (tastyware), partly those of the
# Cboe Margin Manual of April 2000: the requirement with the premium in it.
CBOE = [
    ("short put 80 at 2, stock 95", "95", "STK", (put(-1, "80", "2"),), "1000"),
    ("short put 20 at 1.50, stock 19.50", "19.5", "STK", (put(-1, "20", "1.5"),), "540"),
    ("short call 120 at 8.40, stock 128.50", "128.5", "STK", (call(-1, "120", "8.4"),), "3410"),
    ("short call 30 at 0.05, stock 26.38", "26.38", "STK", (call(-1, "30", "0.05"),), "268.80"),
    ("index put 410 at 0.10, index 445.35", "445.35", "IND", (put(-1, "410", "0.1"),), "4110"),
    ("index put 430 at 7.80, index 433.35", "433.35", "IND", (put(-1, "430", "7.8"),), "6945.25"),
    ("index put 45 at 2.85, index 43.34", "43.34", "IND", (put(-1, "45", "2.85"),), "935.10"),
    ("index call 430 at 8.70, index 433.35", "433.35", "IND", (call(-1, "430", "8.7"),), "7370.25"),
    ("index call 45 at 1.35, index 43.34", "43.34", "IND", (call(-1, "45", "1.35"),), "619.10"),
    ("index call 370 at 12.85, index 378.50", "378.5", "IND", (call(-1, "370", "12.85"),), "6962.50"),
    (
        "short straddle 90, stock 92.63", "92.63", "STK",
        (call(-1, "90", "7"), put(-1, "90", "3.7")), "2922.60",
    ),
    (
        "short index straddle 435, index 433.35", "433.35", "IND",
        (call(-1, "435", "5.5"), put(-1, "435", "7.2")), "7770.25",
    ),
    (
        "short index straddle 45, index 43.34", "43.34", "IND",
        (call(-1, "45", "1.35"), put(-1, "45", "2.85")), "1070.10",
    ),
    (
        "calendar, long earlier: the short one alone", "75", "STK",
        (call(1, "70", "5"), call(-1, "70", "8", expiry=FAR)), "2300",
    ),
]  # fmt: skip

# The same source: cash that a spread needs, i.e. the requirement less what the trade brought.
CBOE_NET = [
    ("debit put spread 250/240", "255", "STK", (put(1, "250", "3"), put(-1, "240", "0.95")), "205"),
    ("credit put spread 425/430", "433.35", "IND", (put(1, "425", "6.4"), put(-1, "430", "7.8")), "360"),
    ("credit put spread 42.50/45", "43.34", "STK", (put(1, "42.5", "2"), put(-1, "45", "2.9")), "160"),
    ("credit call spread 125/120", "128.5", "STK", (call(1, "125", "3.8"), call(-1, "120", "8.4")), "40"),
    (
        "put butterfly 540/550/555, uneven", "550", "STK",
        (put(1, "540", "5.6"), put(-2, "550", "7.2"), put(1, "555", "9.8")), "600",
    ),
    (
        "call butterfly 545/550/565, uneven", "550", "STK",
        (call(1, "545", "12.4"), call(-2, "550", "8.8"), call(1, "565", "2")), "680",
    ),
    (
        "long put condor", "1160", "STK",
        (put(1, "1050", "47.1"), put(-1, "1075", "55.7"), put(-1, "1100", "66.3"), put(1, "1125", "85.4")),
        "1050",
    ),
    (
        "long call condor", "26.75", "STK",
        (call(1, "22.5", "0.45"), call(-1, "25", "0.75"), call(-1, "30", "2.75"), call(1, "32.5", "4.3")),
        "125",
    ),
    (
        "short iron butterfly 16/20/24", "26.75", "STK",
        (put(1, "16", "0.1"), put(-1, "20", "0.2"), call(-1, "20", "7"), call(1, "24", "4")), "90",
    ),
    # Cboe, "Margin Requirement Examples for Sample Options-based Positions" (2007): IBM at 97.73, 100
    # contracts; the index at 1451.19, as its own figures imply.
    ("IBM: short calls 100", "97.73", "STK", (call(-100, "100", "1.68"),), "172760"),
    ("IBM: short puts 100", "97.73", "STK", (put(-100, "100", "3.18"),), "195460"),
    ("IBM: covered calls", "97.73", "STK", (SHARES, call(-100, "100", "1.68")), "471850"),
    ("IBM: protective puts", "97.73", "STK", (SHARES, put(100, "95", "1.02")), "498850"),
    ("IBM: synthetic long", "97.73", "STK", (call(100, "100", "1.68"), put(-100, "100", "3.18")), "212260"),
    ("IBM: risk reversal", "97.73", "STK", (put(100, "95", "1.02"), call(-100, "105", "0.40")), "132960"),
    (
        "IBM: collar", "97.73", "STK",
        (SHARES, put(100, "95", "1.02"), call(-100, "105", "0.40")), "494850",
    ),
    ("IBM: call spread", "97.73", "STK", (call(100, "95", "4.53"), call(-100, "105", "0.40")), "41300"),
    ("IBM: long straddle", "97.73", "STK", (put(100, "100", "3.18"), call(100, "100", "1.68")), "48600"),
    ("SPX: short calls 1460", "1451.19", "IND", (call(-100, "1460", "21.66"),), "2088685"),
    ("SPX: short puts 1460", "1451.19", "IND", (put(-100, "1460", "22.55"),), "2176785"),
    (
        "SPX: synthetic long", "1451.19", "IND",
        (call(100, "1460", "21.66"), put(-100, "1460", "22.55")), "2393385",
    ),
    (
        "SPX: call spread", "1451.19", "IND",
        (call(100, "1450", "27.57"), call(-100, "1500", "5.96")), "216100",
    ),
]  # fmt: skip

# Cboe Margin Manual, maintenance for hedged underlying positions, by page, as typed in the tests of a
# public rule engine (the manual itself was not read). Long shares count there for the call's strike at
# most, short ones for their price in full; so to compare with what stands against shares at their price,
# add what the call is in the money, or take the price off: lines, spot, printed, compared.
HEDGED = [
    ("page 58: protective put", (Line(100, ""), put(1, "95", "1")), "103.50", "1800", "1800"),
    (
        "page 59: conversion", (Line(100, ""), put(1, "110", "1.35"), call(-1, "110", "6.50")), "115",
        "1100", "1600",
    ),
    ("page 61: collar", (Line(100, ""), put(1, "30", "0.40"), call(-1, "35", "0.20")), "31.75", "475", "475"),
    ("page 47: covered put", (Line(-100, ""), put(-1, "250", "3")), "255", "33150", "7650"),
    (
        "page 60: reversal", (Line(-100, ""), call(1, "110", "6.50"), put(-1, "110", "1.35")), "115",
        "12100", "600",
    ),
    (
        "page 61: reversal, put in the money",
        (Line(-100, ""), call(1, "75", "0.50"), put(-1, "75", "4")), "71.90", "8560", "1370",
    ),
]  # fmt: skip

# The rest, with the premium in it.
OTHERS = [
    # IBKR's knowledge base, "iron condor": 10 SPY 160/170/180/190.
    (
        "IBKR: iron condor", "175", "STK",
        (put(10, "160", "1"), put(-10, "170", "3"), call(-10, "180", "3"), call(10, "190", "1")), "10000",
    ),
    # QuantConnect's Lean, tests that say to follow IB: SPY at 410, strikes 300.
    ("Lean: naked call", "410", "STK", (call(-1, "300", "112"),), "19400"),
    ("Lean: naked put", "410", "STK", (put(-1, "300", "0.02"),), "3002"),
    # Options course of neif.org: 20 % less the amount out of the money, and the premium.
    ("course: Colgate calls", "37.5", "STK", (call(-3, "35", "3.6"),), "3330"),
    ("course: Colgate calls the day after", "39", "STK", (call(-3, "35", "5"),), "3840"),
    ("course: GM puts", "72", "STK", (put(-1, "70", "3"),), "1540"),
    # A thread of December 2000 on the rules of NYSE and NASD.
    ("thread: ten calls in the money", "40", "STK", (call(-10, "30", "12"),), "20000"),
]  # fmt: skip
