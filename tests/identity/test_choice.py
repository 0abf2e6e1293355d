"""Which solver takes a graph, from its links and the memory that a task's Python has."""

from __future__ import annotations

import pytest

from profile_engine.config.engine import IdentityEngineConfig
from profile_engine.identity.components.choice import UNKNOWN_MEMORY_LINKS, choice_of_solver
from profile_engine.identity.components.one_task import BYTES_A_LINK

GIB_LINKS = 2**30 // 2 // BYTES_A_LINK
ROOMS = [
    ({}, UNKNOWN_MEMORY_LINKS),
    # the heap of the JVM is not Python's
    ({"spark.executor.memory": "64g"}, UNKNOWN_MEMORY_LINKS),
    ({"spark.executor.pyspark.memory": "1g"}, GIB_LINKS),
    ({"spark.executor.pyspark.memory": "1024"}, GIB_LINKS),
    ({"spark.executor.pyspark.memory": "4g", "spark.executor.cores": "4"}, GIB_LINKS),
    ({"spark.executor.pyspark.memory": "4g", "spark.executor.cores": "4", "spark.task.cpus": "2"}, 2 * GIB_LINKS),
    ({"spark.executor.pyspark.memory": "1g", "spark.executor.memoryOverhead": "8g"}, GIB_LINKS),
    ({"spark.executor.memoryOverhead": "1048576k"}, GIB_LINKS),
    ({"spark.executor.pyspark.memory": "0"}, UNKNOWN_MEMORY_LINKS),
]


@pytest.mark.parametrize(("settings", "room"), ROOMS)
def test_one_task_takes_what_half_of_its_memory_holds(settings, room):
    auto = IdentityEngineConfig()
    at, above = choice_of_solver(auto, room, settings), choice_of_solver(auto, room + 1, settings)
    assert (at.solver, above.solver, at.room) == ("one_task", "without_leaves", room)
    assert str(room) in above.reason


def test_the_project_has_the_last_word():
    memory = {"spark.executor.pyspark.memory": "1g"}
    assert choice_of_solver(IdentityEngineConfig(links_in_one_task=10), 11, memory).solver == "without_leaves"
    assert choice_of_solver(IdentityEngineConfig(links_in_one_task=10), 10, memory).solver == "one_task"
    for solver in ("one_task", "graphframes"):
        chosen = choice_of_solver(IdentityEngineConfig(solver=solver), 10**12, memory)
        assert (chosen.solver, chosen.reason) == (solver, f"identity.solver is {solver}")
