"""Opens a project: reads all its files, checks how they fit together, and shows every problem at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from profile_engine.config.problems import Problems
from profile_engine.profiles.computed.attribute import with_computed
from profile_engine.project.description import Description, described
from profile_engine.project.documents import read_documents
from profile_engine.project.event_feeds import event_feeds
from profile_engine.project.project import Project
from profile_engine.project.references.computed_attributes import resolved_computed_attributes
from profile_engine.project.references.datasets import check_datasets
from profile_engine.project.references.destinations import check_destinations
from profile_engine.project.references.fuzzy import check_fuzzy
from profile_engine.project.references.namespaces import check_namespaces, resolved_namespaces
from profile_engine.project.references.profiles import check_merge_policies, check_purposes, resolved_merge_policies
from profile_engine.project.references.rulings import resolved_rulings
from profile_engine.project.references.schemas import check_schemas, resolved_schemas
from profile_engine.project.references.segments import resolved_segments
from profile_engine.project.set_aside import segments_set_aside


def open_project(
    root: str | Path,
    environment: str | None = None,
    identity: Path | None = None,
    *,
    broken_rules_aside: bool = False,
) -> Project:
    """The project at `root` (the folder that holds conf/ and segments/), an environment laid over it if one is named.

    identity            other files of conf/identity (a folder or one file), in place of the project's own
    broken_rules_aside  whether problems in files of segments, where there are no others, set these segments aside only
    Raises ConfigErrors, a ConfigurationError, with every problem of every file. Imports no pyspark.
    """
    problems = Problems()
    _, project = read_project(Path(root), environment, problems, identity, broken_rules_aside=broken_rules_aside)
    if project is None:
        problems.raise_if_any()
    assert project is not None, "a project without problems is whole"
    return project


def read_project(
    root: Path,
    environment: str | None,
    problems: Problems,
    identity: Path | None = None,
    *,
    broken_rules_aside: bool = False,
) -> tuple[Description, Project | None]:
    """What the files say, and the project where nothing is wrong with them, or with some segments alone that may be set
    aside; problems are collected."""
    description = described(read_documents(root, environment, problems, identity), problems)
    namespaces = resolved_namespaces(description)
    check_namespaces(description, problems)
    rulings = resolved_rulings(description, namespaces, problems)
    schemas = resolved_schemas(description)
    unions = check_schemas(description, schemas, namespaces, problems)
    check_datasets(description, schemas, problems)
    check_fuzzy(description, schemas, problems)
    policies = resolved_merge_policies(description)
    check_merge_policies(description, unions.records, problems)
    check_purposes(description, unions.records, problems)
    default_policy = next((name for name, policy in policies.items() if policy.default), "default")
    feeds = event_feeds(description.datasets, schemas)
    computed = resolved_computed_attributes(description, unions, problems)
    profile = with_computed(unions.records, computed)
    segments = resolved_segments(description, replace(unions, records=profile), default_policy, feeds, problems)
    check_destinations(description, schemas, profile, namespaces, problems)
    aside = segments_set_aside(description, segments, root, problems) if broken_rules_aside else {}
    is_broken = bool(problems.errors) and not aside
    if is_broken or description.engine is None or namespaces is None or description.stitching is None:
        return description, None
    return description, Project(
        root=root,
        environment=environment,
        engine=description.engine,
        schemas=schemas,
        datasets=description.datasets,
        namespaces=namespaces,
        stitching=description.stitching,
        rulings=rulings,
        merge_policies=policies,
        purposes=description.purposes,
        destinations=description.destinations,
        segments={id: segment for id, segment in segments.items() if id not in aside},
        record_union=unions.records,
        event_union=unions.events,
        computed_attributes=computed,
        set_aside=aside,
        warnings=tuple(problems.shown(problem) for problem in problems.warnings),
    )
