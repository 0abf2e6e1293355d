"""What an evaluation leaves behind: memberships, their changes, when each profile is due again, and the rules it went by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.sent_around import sent_around
from profile_engine.lake.tables import table_entry
from profile_engine.segments.due import Rule
from profile_engine.segments.membership import change_rows, membership_rows, sizes_of

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run

WORTH_A_REWRITE = 0.02
"""Share of all profiles above which a table of profiles is written anew: a merge would write nearly all its files anyhow, and
look through them twice."""


@dataclass(frozen=True)
class Among:
    """Profiles (`profile_id`, distinct) whose rows are written anew: `count` of about `of_all`."""

    profiles: DataFrame
    count: int
    of_all: int

    @property
    def are_many(self) -> bool:
        return self.count > WORTH_A_REWRITE * max(self.of_all, 1)


def write_memberships(run: Run, moved: DataFrame, among: Among | None) -> None:
    """Brings `membership` to what the profiles of `moved` hold; of the profiles of `among` (None for all) no other has a
    row."""
    rows = membership_rows(moved)
    if among is None:  # a merge sees where nothing differs, as when an evaluation is repeated
        run.merge("membership", rows, delete_missing=True)
    else:
        _write_among(run, "membership", rows, among)


def write_changes(run: Run, moved: DataFrame, before: DataFrame | None) -> None:
    """Appends the changes, or puts them in the place of those that an evaluation of the same as_of had found (`before`)."""
    changes = change_rows(moved, run.as_of, run.run_id)
    if before is None or before.isEmpty():
        run.append("membership_change", changes)
        return
    new, old = changes.drop("run_id"), before.select(*changes.columns).drop("run_id")
    if not new.exceptAll(old).isEmpty() or not old.exceptAll(new).isEmpty():
        run.replace("membership_change", changes, where=f"at = TIMESTAMP '{run.as_of.isoformat()}'")


def write_state(run: Run, evaluated: DataFrame, program_hash: str, among: Among | None) -> None:
    """When each profile is due again.

    evaluated  `profile_id, next_change_at` of the profiles that were evaluated
    among      the profiles that were to be evaluated, those without a row any more among them; None for everybody
    """
    rows = evaluated.select(
        "profile_id",
        F.lit(run.as_of).alias("evaluated_as_of"),
        F.lit(program_hash).alias("program_hash"),
        "next_change_at",
    )
    if among is None:
        run.replace("evaluation_state", rows)
    else:
        _write_among(run, "evaluation_state", rows, among)


def _write_among(run: Run, table: str, rows: DataFrame, among: Among) -> None:
    """Puts `rows` in the place of those that the profiles of `among` have, the cheaper way for their share of all."""
    stored, people = run.read(table), sent_around(among.profiles, among.count)
    if among.are_many:
        others = stored.join(people, "profile_id", "left_anti")
        run.replace(table, others.select(*rows.columns).unionByName(rows))
    else:
        run.merge(table, rows, delete_missing=True, instead_of=stored.join(people, "profile_id", "left_semi"))


def program_hash(rules: Iterable[tuple[int, str]]) -> str:
    """SHA-256 (hex) over the numbers and content hashes of the rules that everybody was evaluated by."""
    return hashlib.sha256("\n".join(f"{number} {hash}" for number, hash in sorted(rules)).encode()).hexdigest()


def sizes_now(
    run: Run, known: Mapping[int, int] | None, entered: Mapping[int, int], left: Mapping[int, int]
) -> dict[int, int]:
    """The members of each segment: counted, or, where `known` says how many there were, moved by entries and exits."""
    if known is None:
        return {row["segment_no"]: row["members"] for row in sizes_of(run.read("membership")).collect()}
    numbers = {*known, *entered}
    return {number: known.get(number, 0) + entered.get(number, 0) - left.get(number, 0) for number in numbers}


def write_rules(
    run: Run, rules: Iterable[Rule], set_aside: Iterable[int], sizes: Mapping[int, int], known: Mapping[Rule, int]
) -> None:
    """The rules that everybody was evaluated by, with their members; and the segments that were set aside, without a rule,
    so that who is in them leaves once they are gone.

    known  what the table says, rules with their members
    """
    told: set[Rule] = {*rules, *((number, None) for number in set_aside)}
    now = {rule: sizes.get(rule[0], 0) for rule in told}
    if now != known:
        rows = [(number, content_hash, members) for (number, content_hash), members in sorted(now.items())]
        run.replace("evaluated_rule", run.spark.createDataFrame(rows, table_entry("evaluated_rule").columns))
