"""Tickets, the one way an order leaves, what became of it, and the switch that stops it all."""
