"""Between the wire's messages and the venue's values; pure."""
