"""Tools that stage, change, cancel and stop, and those that tell of orders, tickets and trades."""
