"""Tickets, the one submit, reconciliation, closing, stops and the kill switch."""
