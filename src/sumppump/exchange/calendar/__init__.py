"""The exchange's days, hours and clock: when anything trades, and moments on the market's grid."""
