"""Margin by Regulation T, as a table of rules."""
