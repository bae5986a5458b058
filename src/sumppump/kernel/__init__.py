"""Errors, money, ids and clocks: what every other part may rely on, and nothing else."""
