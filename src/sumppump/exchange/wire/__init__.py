"""The TWS wire protocol as tables: bytes in, messages out, for both roles and every negotiated version."""
