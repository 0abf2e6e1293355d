"""Segments that a run can do without: a rule that is broken stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from profile_engine.config.problems import Problem, Problems
from profile_engine.config.yaml_document import Mapping as YamlMapping
from profile_engine.config.yaml_document import Scalar
from profile_engine.project.description import Description
from profile_engine.project.layout import shown_under
from profile_engine.rules.references import named_segments
from profile_engine.segments.segment import Segment
from profile_engine.segments.set_aside import SetAside


def segments_set_aside(
    description: Description, read: Mapping[str, Segment], root: Path, problems: Problems
) -> dict[str, SetAside]:
    """By id, the segments whose files have problems, and those that name one of these, directly or through others.

    Empty where any problem lies elsewhere than in the file of a segment: nobody knows then what else it breaks.

    read  the segments whose rules could be read
    """
    known = frozenset(description.documents.ids("segments"))
    folder = f"{shown_under(root, root / 'segments')}/"
    of_segment: dict[str, list[Problem]] = {}
    for problem in problems.errors:
        file = PurePosixPath(problem.position.file)
        if not problem.position.file.startswith(folder) or file.suffix != ".yaml" or file.stem not in known:
            return {}
        of_segment.setdefault(file.stem, []).append(problem)
    reasons = {id: _told(found) for id, found in of_segment.items()}
    while more := {id for id in read.keys() - reasons.keys() if named_segments(read[id].condition) & reasons.keys()}:
        names = {id: ", ".join(sorted(named_segments(read[id].condition) & reasons.keys())) for id in more}
        reasons |= {id: f"it names {aside}, which was set aside" for id, aside in names.items()}
    return {id: SetAside(reasons[id], _renamed_from(description, id)) for id in sorted(reasons)}


def _told(problems: list[Problem]) -> str:
    first, more = problems[0], len(problems) - 1
    hint = f" ({first.hint})" if first.hint else ""
    others = f"; `profile-engine validate` shows {more} more" if more else ""
    return f"{first.position}: {first.severity}[{first.code}]: {first.message}{hint}{others}"


def _renamed_from(description: Description, id: str) -> str | None:
    """What the file says, also where it says something else that can't be read."""
    tree = description.documents.trees.get(("segments", id))
    old = tree.get("renamed_from") if isinstance(tree, YamlMapping) else None
    return old.text if isinstance(old, Scalar) else None
