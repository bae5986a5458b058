"""The trade's state machine and the context of a conversation."""
