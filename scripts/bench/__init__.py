"""Figures, each a ratio within one run against something that stands beside it."""
