"""Pages that a host may show beside an answer (MCP Apps): they draw its figures and can do nothing else.

An enhancement only: the answer is complete without them. A page calls no tool, reaches no network and holds
no secret, so whoever drives it approves nothing.
"""
