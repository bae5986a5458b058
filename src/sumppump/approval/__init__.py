"""The channels by which a person approves, none of which the model can reach."""
