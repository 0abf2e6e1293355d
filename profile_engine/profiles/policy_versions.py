"""Versions of merge policies: each meaning that a policy has had, and since when profiles are merged by it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from profile_engine.profiles.config import MergePolicyConfig


@dataclass(frozen=True)
class PolicyVersion:
    """A row of `merge_policy_version`."""

    merge_policy: str
    version: int
    content_hash: str
    definition: str
    """The policy as JSON, defaults written out."""
    default: bool
    valid_from: datetime
    run_id: str


def new_versions(
    known: Iterable[PolicyVersion], policies: Mapping[str, MergePolicyConfig], as_of: datetime, run_id: str
) -> list[PolicyVersion]:
    """The versions that begin now: of policies never seen before, and of those whose content differs from their newest.

    A policy that goes and comes back as it was begins a new version only if its newest one differs.
    """
    newest: dict[str, PolicyVersion] = {}
    for row in sorted(known, key=lambda one: one.version):
        newest[row.merge_policy] = row
    begun = []
    for name in sorted(policies):
        definition = json.dumps(policies[name].model_dump(exclude_none=True), sort_keys=True, separators=(",", ":"))
        content_hash = hashlib.sha256(definition.encode()).hexdigest()
        before = newest.get(name)
        if before is None or before.content_hash != content_hash:
            number = 1 if before is None else before.version + 1
            begun.append(PolicyVersion(name, number, content_hash, definition, policies[name].default, as_of, run_id))
    return begun
