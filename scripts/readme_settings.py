"""Prints the README's table of settings from the settings themselves."""

from __future__ import annotations

from sumppump.bootstrap.settings import Settings


def row(name: str) -> str:
    """One line of the table."""
    field = Settings.model_fields[name]
    default = getattr(field.default, "value", field.default)
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return f"| `{name.upper()}` | {shown} | {(field.description or '').replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    print("\n".join(row(name) for name in Settings.model_fields))
