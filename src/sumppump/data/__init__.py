"""Looks at the market: quotes, chains, history, within the line budget."""
