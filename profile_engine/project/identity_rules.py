"""The identity rules of a project, or of files that stand alone, without anything else of a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from profile_engine.config.problems import Problems
from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.rulings import Ruling
from profile_engine.project.description import described
from profile_engine.project.documents import Documents, read_identity_documents
from profile_engine.project.layout import NAMESPACES
from profile_engine.project.load import open_project
from profile_engine.project.references.namespaces import check_namespaces, resolved_namespaces
from profile_engine.project.references.rulings import resolved_rulings
from profile_engine.schemas.namespace_rules import Namespaces


@dataclass(frozen=True)
class IdentityRules:
    """What conf/identity says."""

    namespaces: Namespaces
    stitching: StitchingConfig
    rulings: tuple[Ruling, ...] = ()


def read_identity_rules(
    project: Callable[[], Path], environment: str | None = None, identity: Path | None = None
) -> IdentityRules:
    """The rules at `identity` where it has namespaces of its own, and then no project is needed; else those of the project,
    with the files of `identity` in place of its own.

    project  gives the project's folder
    Raises ConfigErrors with every problem.
    """
    if identity is not None:
        problems = Problems()
        documents = read_identity_documents(identity, problems)
        if NAMESPACES in documents.trees or NAMESPACES in documents.unreadable or problems.errors:
            return _alone(documents, problems)
    opened = open_project(project(), environment, identity)
    return IdentityRules(opened.namespaces, opened.stitching, opened.rulings)


def _alone(documents: Documents, problems: Problems) -> IdentityRules:
    description = described(documents, problems)
    check_namespaces(description, problems)
    namespaces, stitching = resolved_namespaces(description), description.stitching
    rulings = resolved_rulings(description, namespaces, problems)
    problems.raise_if_any()
    assert namespaces is not None, "files without problems describe their rules"
    assert stitching is not None, "files without problems describe their rules"
    return IdentityRules(namespaces, stitching, rulings)
