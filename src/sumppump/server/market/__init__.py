"""The market family of tools: each file of tools has its answers beside it."""
