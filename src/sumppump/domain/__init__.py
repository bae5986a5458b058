"""The trade itself, pure: instruments, quotes, combos, orders, prices, payoffs; no clock, socket or log."""
