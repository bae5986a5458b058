"""What trades leave behind: positions, margin, fees, expiry, exercise, interest, profit and loss."""
