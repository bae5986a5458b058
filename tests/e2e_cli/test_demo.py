"""The demo is the newcomer's first minute: it has to reach its end, and to show what it claims."""

from __future__ import annotations

from pathlib import Path

from tests.e2e_cli.test_commands import run


def test_the_demo_tells_its_whole_story(tmp_path: Path) -> None:
    """Market, draft, ticket, a refused guess, a cut line, fill, stop, close, and an audit that verifies."""
    done = run(tmp_path, "demo", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    story = done.stdout
    acts = ["1  A look", "2  A bull", "3  The model", "4  The person", "5  The stop", "6  Closing"]
    assert [story.index(act) for act in acts] == sorted(story.index(act) for act in acts)
    for claim in (
        "code_wrong",
        "every connection to the exchange is cut",
        "FILLED",
        "nothing is sent a second time",
    ):
        assert claim in story
    assert story.rstrip().endswith("ok")
