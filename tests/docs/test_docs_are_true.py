"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from sumppump.bootstrap.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_in_the_readme(name: str) -> None:
    """A setting that the README does not name does not exist for a person."""
    assert f"`{name}`" in README


def test_the_readme_describes_each_setting_as_the_program_does() -> None:
    """The table's sentences are the fields' own."""
    missing = [
        name
        for name, field in Settings.model_fields.items()
        if (field.description or "?").replace("|", r"\|") not in README
    ]
    assert missing == []


def test_the_example_environment_holds_every_setting_and_no_other() -> None:
    """`.env.example` and the settings list the same names."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^# ([A-Z_]+)=", text, flags=re.M))
    assert names == {name.upper() for name in Settings.model_fields} - {"SUMPPUMP_HOME"}


def test_the_example_host_configuration_starts_the_server_on_the_simulator() -> None:
    """What a person copies to the host starts without an account."""
    config = json.loads((ROOT / "config" / "mcp_config.json").read_text(encoding="utf-8"))
    assert config["mcpServers"]["sumppump"]["args"] == ["serve", "--sim"]


def test_every_runtime_dependency_is_pinned_exactly() -> None:
    """A range in pyproject.toml has its one version in requirements/run.txt."""
    pins = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [re.split(r"[<>=!~\[ ]", item)[0] for item in project["project"]["dependencies"]]
    unpinned = [
        name
        for name in names
        if not re.search(rf"^{re.escape(name.replace('_', '-'))}==\S+", pins, flags=re.M | re.I)
    ]
    assert unpinned == []


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link in a page names a file that is there."""
    broken = [
        f"{page.name} -> {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_page_of_the_exchange_names_every_ready_made_day() -> None:
    """A day that the page does not name is not found."""
    page = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
    folder = ROOT / "src" / "sumppump" / "exchange" / "trouble" / "days"
    days = sorted(path.stem for path in folder.glob("*.toml"))
    assert days
    assert [day for day in days if day not in page] == []
