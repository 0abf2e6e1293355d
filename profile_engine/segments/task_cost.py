"""The cost of each task of an evaluation on its way to the driver: a struct on the first row that the task gives."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from pyspark.sql import Row

from profile_engine.rules.cost import Cost, Told, told
from profile_engine.rules.program import Program

COST = "struct<whole:double,people:bigint,steps:array<double>,ahead:array<double>,events:array<bigint>,members:array<bigint>>"
COST_TYPE = pa.struct({
    "whole": pa.float64(), "people": pa.int64(), "steps": pa.list_(pa.float64()), "ahead": pa.list_(pa.float64()),
    "events": pa.list_(pa.int64()), "members": pa.list_(pa.int64()),
})  # fmt: skip


def cost_rows(cost: Cost | None, rows: int) -> pa.Array:
    """The cost on the first of so many rows, null on the others."""
    return pa.array([cost_struct(cost), *[None] * (rows - 1)], COST_TYPE)


def cost_struct(cost: Cost | None) -> dict[str, object] | None:
    """The cost as COST_TYPE has it."""
    if cost is None:
        return None
    return {
        "whole": cost.whole, "people": cost.people, "steps": cost.steps.tolist(), "ahead": cost.ahead.tolist(),
        "events": cost.events.tolist(), "members": cost.members.tolist(),
    }  # fmt: skip


def whole_cost(program: Program, of_tasks: Iterable[Row]) -> Cost:
    """The tasks' costs together."""
    found = Cost.none(program)
    for row in of_tasks:
        steps, ahead = np.array(row["steps"]), np.array(row["ahead"])
        events, members = np.array(row["events"], dtype=np.int64), np.array(row["members"], dtype=np.int64)
        found.add(Cost(row["whole"], row["people"], steps, ahead, events, members))
    return found


def cost_told(costs: Iterable[tuple[Program, Cost]]) -> Told:
    """The cost by segment and measure, of the programs that a run evaluated."""
    found = Told(0.0, 0.0, {}, {})
    for program, cost in costs:
        found = found.with_(told(program, cost))
    return found


def cost_details(found: Told) -> dict[str, object]:
    """For the run's record: seconds and rows of every segment and of every measure."""
    return {
        "cost": {
            "whole": found.whole, "shared": found.shared, "segments": dict(found.segments), "measures": dict(found.measures),
        }
    }  # fmt: skip
