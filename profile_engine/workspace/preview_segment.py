"""Which segment a preview is asked for: one of the project by its id, or a file of the project or from anywhere."""

from __future__ import annotations

from pathlib import Path

from profile_engine.errors import ConfigurationError
from profile_engine.project.project import Project
from profile_engine.project.segment_file import read_segment_file
from profile_engine.rules.references import named_segments
from profile_engine.segments.segment import Segment


def segment_to_preview(project: Project, segment: str | Path) -> Segment:
    """The segment, read without Spark. Raises ConfigErrors with every problem of the file, ConfigurationError for a segment
    that was set aside, or that names one."""
    known = project.segments.get(str(segment))
    if known is not None:
        return known
    if str(segment) in project.set_aside:
        raise ConfigurationError(f"segment {segment} can't be evaluated: {project.set_aside[str(segment)].reason}")
    path = Path(segment)
    if not path.is_file():
        raise ConfigurationError(f"there is neither a file nor a segment '{segment}'; give the path of its YAML file")
    read = read_segment_file(project, path)
    for name in sorted(named_segments(read.condition) & project.set_aside.keys()):
        raise ConfigurationError(
            f"{path} names segment {name}, which can't be evaluated: {project.set_aside[name].reason}"
        )
    return read
