"""Steps that bring a lake of an older format to this engine's: one module a step, found by looking through this folder.

A step's module has `FROM_FORMAT` (the format that it starts from; it ends at the next), `NAME` (what it does, in words)
and `migrate(run)`, which writes through the run like any stage, so that a failed step leaves the lake as it was.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profile_engine.errors import LakeError

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MigrationStep:
    name: str
    migrate: Callable[[Run], None]


def migration_steps() -> dict[int, MigrationStep]:
    """All steps by the format they start from; raises LakeError naming both modules where two start from the same."""
    steps: dict[int, MigrationStep] = {}
    places: dict[int, str] = {}
    for module_info in pkgutil.iter_modules(__path__, f"{__name__}."):
        module = importlib.import_module(module_info.name)
        start = int(module.FROM_FORMAT)
        if start in steps:
            raise LakeError(f"two migration steps start from format {start}: {places[start]} and {module_info.name}")
        steps[start], places[start] = MigrationStep(module.NAME, module.migrate), module_info.name
    return steps


def migrate(run: Run, from_format: int, to_format: int, steps: Mapping[int, MigrationStep]) -> None:
    """Run the steps from one format to another, in order; raises LakeError where one is missing."""
    for lake_format in range(from_format, to_format):
        step = steps.get(lake_format)
        if step is None:
            raise LakeError(
                f"the lake has format {from_format} and no step leads on from format {lake_format}; run a version of the "
                "engine between the lake's and this one first"
            )
        _log.info("lake_format=%s step=%r", lake_format, step.name)
        step.migrate(run)
