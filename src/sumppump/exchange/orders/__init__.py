"""The life of orders: what is taken, what waits, what trades with whom, what is said of it."""
