"""One segment's file read against a project that it is not part of yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, read_yaml
from profile_engine.project.event_feeds import event_feeds
from profile_engine.project.project import Project
from profile_engine.project.references.profiles import graphless_policies
from profile_engine.rules.scope import Scope
from profile_engine.segments.segment import (
    Segment,
    check_one_graph,
    content_hash,
    read_segment,
    with_methods,
    with_names,
)


def read_segment_file(project: Project, path: Path) -> Segment:
    """The segment that the file describes, typed against the project's unions. Raises ConfigErrors with every problem."""
    problems = Problems()
    tree = read_yaml(path, str(path), problems)
    zone = project.engine.time_zone
    scope = Scope(project.profile_union, project.event_union, frozenset({*project.segments, *project.set_aside}), zone)
    segment = read_segment(path.stem, tree, scope, problems) if tree is not None else None
    if segment is not None and isinstance(tree, Mapping):
        policy = segment.merge_policy if "merge_policy" in tree else project.default_merge_policy
        if policy not in project.merge_policies:
            hint = did_you_mean(policy, project.merge_policies)
            problems.add("E270", f"unknown merge policy '{policy}'", tree.position, hint)
        segment = replace(segment, merge_policy=policy, content_hash=content_hash(segment.condition, policy, zone))
        identity_graph = {name: one.identity_graph for name, one in project.merge_policies.items()}
        check_one_graph(segment, project.segments, identity_graph, problems)
    problems.raise_if_any()
    assert segment is not None, "a file without problems describes a segment"
    graphless = graphless_policies(project.merge_policies)
    feeds = event_feeds(project.datasets, project.schemas)
    return with_methods(with_names({**project.segments, segment.id: segment}), graphless, feeds)[segment.id]
