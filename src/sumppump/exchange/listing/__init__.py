"""What can be traded: who it is, its id, its rules, and how a client's description finds it."""
