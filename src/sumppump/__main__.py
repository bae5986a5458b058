"""`python -m sumppump` is the command line."""

from sumppump.cli.main import app

if __name__ == "__main__":
    app()
