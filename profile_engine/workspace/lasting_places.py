"""What a run writes must outlive it: not into the temporary copy of a project that came as an archive or from a URI."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from profile_engine.errors import ConfigurationError
from profile_engine.lake.places import absolute, local_folder
from profile_engine.project import Project
from profile_engine.project.location import is_temporary


def refuse_lost_writes(project: Project, stages: Collection[str]) -> None:
    """Raises ConfigurationError, naming every place that is given relative to a project whose folder is a temporary copy.

    stages  those that will run; destinations count only where the stage of that name is among them
    """
    if not is_temporary(project.root):
        return
    lake = project.engine.lake
    places = {"lake.path": lake.path, "lake.control": lake.control}
    if "destinations" in stages:
        places |= {
            f"destinations/{name}, folder": destination.connector_settings.get("path")
            for name, destination in project.destinations.items()
            if destination.connector == "folder"
        }
    lost = [f"{name} ({place})" for name, place in places.items() if place and _inside(str(place), project.root)]
    if lost:
        raise ConfigurationError(
            "this project came as an archive or from a URI, so its folder is a temporary copy, and what is written into it "
            f"would be lost: {'; '.join(lost)}. Give absolute paths or URIs there (an environment can do so), or --lake"
        )


def _inside(place: str, root: Path) -> bool:
    folder = local_folder(absolute(str(Path(place).expanduser()) if "://" not in place else place, root))
    return folder is not None and folder.is_relative_to(root)
