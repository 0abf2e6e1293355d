"""Keeps `segment_bitmap` beside `membership`: after an evaluation it is written anew, a few bits a membership."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from profile_engine.segments.bitmaps import bitmaps_after, bitmaps_of

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run


def write_bitmaps(run: Run, *, changes_say_all: bool) -> None:
    """Brings the bitmaps to what `membership` holds now.

    changes_say_all  whether the changes of this as_of are all that happened to `membership` since the last evaluation (no
                     merge was followed, no evaluation repeated); then memberships are not read
    """
    if not run.exists("segment_bitmap"):  # a bitmap is one row, so its keys need no looking for
        run.append("segment_bitmap", bitmaps_of(run.read("membership")))
        return
    if not changes_say_all:
        run.merge("segment_bitmap", bitmaps_of(run.read("membership")), delete_missing=True)
        return
    changes = run.read("membership_change").where(F.col("at") == F.lit(run.as_of))
    run.replace("segment_bitmap", bitmaps_after(run.read("segment_bitmap"), changes))
