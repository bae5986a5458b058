"""The adapter to TWS and IB Gateway through ib_async, with every known hazard of the library closed."""
