"""Where data lie that tests read if they are there and that are no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

_OF_THE_FOUNDERS = Path("/work/shared")
"""Where the machines that check every landing have them, wherever they check the project out."""


def shared(path: str) -> Path:
    """A file or folder below the one that SHARED names; by default the nearest `shared` above the project. It may be missing:
    a test that needs it then skips."""
    given = os.environ.get("SHARED")
    above = (up / "shared" for up in Path(__file__).parents if (up / "shared" / "data").exists())
    return (Path(given) if given else next(above, _OF_THE_FOUNDERS)) / path
