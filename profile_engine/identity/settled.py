"""Frames computed once, whoever reads them."""

from __future__ import annotations

from pyspark.sql import DataFrame


def settled(frame: DataFrame) -> DataFrame:
    """The frame computed once, whoever reads it, and cut from its plan.

    A persisted frame keeps its plan: read twice, and what comes of it twice again, it made Catalyst plan for minutes on a
    graph of five identifiers.
    """
    return frame.localCheckpoint()
