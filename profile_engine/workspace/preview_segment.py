"""A segment before it is anybody's: read from a file of the project or from anywhere, and evaluated on the current release."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.project.segment_file import read_segment_file
from profile_engine.segments.preview import Preview, preview


def preview_segment(project: Project, lake: Lake, segment: str | Path, as_of: datetime | None) -> Preview:
    """The preview of a file, or of a segment of the project by its id; as of the last release unless said otherwise.

    Raises ConfigErrors with every problem of the file, LakeError before the first run.
    """
    release = lake.published_release()
    known = project.segments.get(str(segment))
    if known is None:
        path = Path(segment)
        if not path.is_file():
            raise ConfigurationError(
                f"there is neither a file nor a segment '{segment}'; give the path of its YAML file"
            )
        known = read_segment_file(project, path)
    return preview(lake, project, known, as_of or release.as_of)
