"""One segment's file read against a project that it is not part of yet."""

from __future__ import annotations

from pathlib import Path

from profile_engine.config.model import read_model
from profile_engine.config.problems import Position, Problems, did_you_mean
from profile_engine.config.yaml_document import read_yaml
from profile_engine.project.project import Project
from profile_engine.rules.describe import sentence
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.scope import Scope
from profile_engine.segments.config import SegmentConfig
from profile_engine.segments.segment import Segment


def read_segment(project: Project, path: Path) -> Segment:
    """The segment that the file describes, typed against the project's unions. Raises ConfigErrors with every problem."""
    problems = Problems()
    shown = str(path)
    tree = read_yaml(path, shown, problems)
    config = read_model(tree, SegmentConfig, problems, raw_paths=("members",)) if tree is not None else None
    segment: Segment | None = None
    if config is not None:
        scope = Scope(project.record_union, project.event_union, frozenset(project.segments), project.engine.time_zone)
        condition = parse_condition(config.members.node, scope, problems)
        policy = config.merge_policy if "merge_policy" in config.model_fields_set else project.default_merge_policy
        if policy not in project.merge_policies:
            problems.add(
                "E270",
                f"unknown merge policy '{policy}'",
                Position(shown, 1, 1),
                did_you_mean(policy, project.merge_policies),
            )
        if condition is not None:
            names = {name: each.name for name, each in project.segments.items()}
            words = sentence(condition, names)
            segment = Segment.of(path.stem, config, condition, words, config.members.node.position, merge_policy=policy)
    problems.raise_if_any()
    assert segment is not None
    return segment
