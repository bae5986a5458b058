"""What the account holds: positions grouped into strategies, and the account in figures."""
