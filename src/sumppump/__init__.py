"""SumpPump: an options desk that an AI assistant can operate and only a person can fire."""

__version__ = "0.1.0"
