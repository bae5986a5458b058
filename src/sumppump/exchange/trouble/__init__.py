"""Everything that can go wrong between a client and TWS, to order: by name, by script and by seed."""
