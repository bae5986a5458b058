"""`python -m sumppump` is the command line."""
