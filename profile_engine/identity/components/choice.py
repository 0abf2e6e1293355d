"""Which solver takes a graph: one task where its memory holds all links, GraphFrames where it does not."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from profile_engine.config.engine import IdentityEngineConfig
from profile_engine.identity.components import graphframes, one_task
from profile_engine.identity.components.leaves import Solve, solved_without_leaves

log = logging.getLogger(__name__)

ONE_TASK, GRAPHFRAMES, STRIPPED = "one_task", "graphframes", "without_leaves"
UNKNOWN_MEMORY_LINKS = 20_000_000
"""What one task takes where nothing says how much memory its Python has: 1.6 GB."""
SURE_LINKS = 1_000_000
"""Up to here (80 MB) a task is not watched for running out of memory, which saves a job."""
_SIZE = re.compile(r"^\s*(\d+)\s*([bkmgt]?)b?\s*$", re.IGNORECASE)
_MEBIBYTES = {"": 1.0, "b": 1 / 2**20, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 2.0**20}


@dataclass(frozen=True)
class Choice:
    """A solver and the reason for it; `room` is the most links that one task takes."""

    solver: str
    reason: str
    room: int


def choice_of_solver(engine: IdentityEngineConfig, links: int, settings: Mapping[str, str]) -> Choice:
    """The solver for a graph of at most `links` links.

    settings  of the Spark session; the names that `memory_settings` reads
    """
    room, because = _room(engine, settings)
    if engine.solver != "auto":
        return Choice(engine.solver, f"identity.solver is {engine.solver}", room)
    if links <= room:
        return Choice(ONE_TASK, f"{links} links, one task takes {room} ({because})", room)
    return Choice(STRIPPED, f"{links} links are more than the {room} that one task takes ({because})", room)


def memory_settings(spark: SparkSession) -> dict[str, str]:
    """The settings of the session that say how much memory the Python of a task has."""
    names = (
        "spark.executor.pyspark.memory",
        "spark.executor.memoryOverhead",
        "spark.executor.cores",
        "spark.task.cpus",
    )
    given = {name: spark.conf.get(name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def components(links: DataFrame, identifiers: DataFrame | None, choice: Choice, most_links: int) -> DataFrame:
    """The components of `links` by the solver of `choice`, as `profile_engine.identity.components` promises.

    most_links  an upper bound of the rows of `links`
    """
    log.info("solver=%s reason=%r", choice.solver, choice.reason)
    if choice.solver == ONE_TASK:
        return _in_one_task(links, identifiers, most_links)
    return _without_leaves(links, identifiers, choice.room if choice.solver == STRIPPED else None)


def _without_leaves(links: DataFrame, identifiers: DataFrame | None, room: int | None) -> DataFrame:
    """What is left without leaves goes to one task where it fits there; never where `room` is None."""

    def solver_of(remaining: int) -> Solve:
        fits = room is not None and remaining <= room
        log.info("solver=%s links_without_leaves=%d room=%s", ONE_TASK if fits else GRAPHFRAMES, remaining, room)
        return (lambda inner: _in_one_task(inner, None, remaining)) if fits else graphframes.components

    return solved_without_leaves(links, identifiers, solver_of)


def _in_one_task(links: DataFrame, identifiers: DataFrame | None, most_links: int) -> DataFrame:
    solved = one_task.components(links, identifiers)
    if most_links <= SURE_LINKS:
        return solved
    solved = solved.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        ran_out = not solved.filter(F.col("component").isNull()).isEmpty()
    except PySparkException as error:
        # a container that was killed shows as a lost executor or a worker that ended
        if not any(
            sign in str(error)
            for sign in ("ExecutorLostFailure", "Python worker", "MemoryError", "exited unexpectedly")
        ):
            raise
        ran_out = True
    if not ran_out:
        return solved
    solved.unpersist()
    log.warning("solver=graphframes reason='one task ran out of memory on %d links'", most_links)
    return _without_leaves(links, identifiers, None)


def _room(engine: IdentityEngineConfig, settings: Mapping[str, str]) -> tuple[int, str]:
    """The most links of one task: half of what the Python of a task has; the JVM's heap is not Python's."""
    if engine.links_in_one_task is not None:
        return engine.links_in_one_task, "identity.links_in_one_task"
    for name in ("spark.executor.pyspark.memory", "spark.executor.memoryOverhead"):
        mebibytes = _mebibytes(settings.get(name))
        if mebibytes:
            cores, cpus = int(settings.get("spark.executor.cores", "1")), int(settings.get("spark.task.cpus", "1"))
            a_task = mebibytes / max(cores // cpus, 1)
            return int(a_task * 2**20 / 2 / one_task.BYTES_A_LINK), f"half of {a_task:.0f} MiB by {name}"
    return UNKNOWN_MEMORY_LINKS, "memory of a task's Python unknown"


def _mebibytes(size: str | None) -> float | None:
    """A size as Spark writes it (`2g`, `512m`, a plain number of MiB); None where it is none."""
    match = _SIZE.match(size or "")
    return int(match[1]) * _MEBIBYTES[match[2].lower()] if match is not None else None
