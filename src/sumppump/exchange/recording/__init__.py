"""Sessions between a client and a TWS as golden files: recorded with account ids masked, and played back."""
