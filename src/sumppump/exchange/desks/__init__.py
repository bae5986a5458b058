"""One desk per family of requests; a client's session hands each message to the desk that serves it. Pure."""
