"""One evaluation as a run makes it: who is due, what the rules say of them, and what that changes in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from profile_engine.lake.sent_around import sent_around
from profile_engine.observability.stage_report import StageReport
from profile_engine.segments.bitmap_writing import write_bitmaps
from profile_engine.segments.current_members import Chosen, graph_use, profiles_moved, profiles_now, program_of
from profile_engine.segments.due import Due, Rule, moved_rules, people_due, rules_of, with_named
from profile_engine.segments.membership import (
    before_of,
    first_change_rows,
    first_membership_rows,
    redirected,
    taken_back,
)
from profile_engine.segments.redirects import redirects
from profile_engine.segments.set_aside import told_set_aside
from profile_engine.segments.sizes import SET_ASIDE
from profile_engine.segments.state_writing import (
    Among,
    program_hash,
    sizes_now,
    write_changes,
    write_memberships,
    write_rules,
    write_state,
)
from profile_engine.segments.task_cost import cost_details, cost_told, whole_cost

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project
    from profile_engine.rules.cost import Told
    from profile_engine.rules.program import Program


FEW_PEOPLE = 200
"""Up to so many, only the buckets of their events are read."""


@dataclass(frozen=True)
class Counts:
    """People who were evaluated, and how many entered and left each segment."""

    evaluated: int
    entered: Mapping[int, int]
    left: Mapping[int, int]

    @classmethod
    def of(cls, summaries: Iterable[Row]) -> Counts:
        evaluated, entered, left = 0, Counter[int](), Counter[int]()
        for row in summaries:
            evaluated += row["cost"]["people"] if row["cost"] is not None else 0
            for one in row["moves"]:
                entered[one["segment_no"]] += one["entered"]
                left[one["segment_no"]] += one["left"]
        return cls(evaluated, +entered, +left)


class EvaluationRun:
    """`numbers` are those of the project's segments, those set aside among them, `last` the as_of of the last evaluation."""

    def __init__(
        self, run: Run, project: Project, numbers: Mapping[str, int], last: datetime | None, stage: str
    ) -> None:
        self.run, self.project, self.numbers, self.last, self.stage = run, project, numbers, last, stage
        self.program = program_of(project)
        self.moved_program: Program | None = None
        aside = {id: one.reason for id, one in project.set_aside.items()}
        self.reasons = {**aside, **self.program.refused}
        self.refused = {numbers[segment] for segment in self.reasons.keys() & numbers.keys()}
        self.rules = rules_of(
            {id: one for id, one in project.segments.items() if id not in self.program.refused}, numbers
        )
        same_time = last == run.as_of
        self.changes_before = (
            run.read("membership_change").where(F.col("at") == F.lit(run.as_of)) if same_time else None
        )
        self.known = self._known_rules()

    def evaluate(self) -> StageReport:
        """Evaluates and writes; figures and what was set aside as the stage tells them."""
        due = self._due()
        if due.people is None:
            return self._evaluate(due)
        people = due.people.persist()
        try:
            count = people.count()
            return self._evaluate(replace(due, people=sent_around(people, count), count=count))
        finally:
            people.unpersist()

    def _known_rules(self) -> dict[Rule, int]:
        """The rules that everybody was last evaluated by, and segments that were set aside, with their members."""
        rows = self.run.read("evaluated_rule").collect()
        return {(row["segment_no"], row["content_hash"]): row["members"] for row in rows}

    def _due(self) -> Due:
        if self.last is None:
            return Due(None, "segments were never evaluated before")
        if self.last == self.run.as_of:
            return Due(None, "this as_of was evaluated before, and is done again")
        if not self.run.exists("evaluation_state") or not self.known:
            return Due(None, "no evaluation has left word of when profiles are due again")
        moved = moved_rules(self.project.segments, self.rules, frozenset(self.known)) & self.rules.keys()
        if moved == self.rules.keys():
            return Due(None, "every rule is new or has changed")
        by_graph = graph_use(self.project, self.program)
        due = people_due(
            self.run,
            self.stage,
            self.program,
            self._identity_since,
            by_graph=True in by_graph,
            without_graph=False in by_graph,
        )
        return replace(due, rules=moved) if due.people is not None else due

    def _evaluate(self, due: Due) -> StageReport:
        if self.last is None:
            return self._first(due)
        before, as_stored = self._state_before()
        moved = self._moved(due, before, ()).persist()
        try:
            summaries = _summaries(moved)
            failed = {one["segment_no"]: one["error"] for row in summaries for one in row["failed"]}
            if failed:
                # rare, so the common way does not pay for knowing it beforehand
                moved.unpersist()
                moved = self._moved(due, before, failed).persist()
                summaries = _summaries(moved)
            found = Counts.of(summaries)
            sizes = self._write(due, moved, found, failed, as_stored=as_stored)
        finally:
            moved.unpersist()
        return self._report(due, found, failed, sizes, self._cost(summaries))

    def _moved(self, due: Due, before: DataFrame, failed: Collection[int]) -> DataFrame:
        """What changes for those who are due, by all rules, and for all others, by the rules that moved. Rules that are gone
        have no say, so that whoever was in their segments leaves."""
        set_aside = {*self.refused, *failed}
        chosen = None if due.people is None else Chosen(due.people, few=due.count <= FEW_PEOPLE)
        moved = profiles_moved(self.run, self.project, self.program, self.numbers, before, set_aside, chosen)
        moved = moved.withColumn("by_moved_rules", F.lit(False))
        gone = {number for number, _ in self.known} - {*self.numbers.values()}
        if due.people is None or not (due.rules or gone):
            return moved
        self.moved_program = program_of(self.project, with_named(self.project.segments, due.rules))
        stay = {number for id, number in self.numbers.items() if id not in due.rules}
        others = Chosen(due.people, but_these=True)
        rest = profiles_moved(
            self.run, self.project, self.moved_program, self.numbers, before, {*set_aside, *stay}, others
        )
        return moved.unionByName(rest.withColumn("by_moved_rules", F.lit(True)))

    def _first(self, due: Due) -> StageReport:
        """Nobody was in a segment before, so nothing is compared: whoever is in one has entered."""
        run = self.run
        now = profiles_now(run, self.project, self.program, self.numbers, run.as_of, looking_ahead=True).persist()
        try:
            of_tasks = now.where("cost IS NOT NULL").select("cost", "failed").collect()
            failed = {one["segment_no"]: one["error"] for row in of_tasks for one in row["failed"] or ()}
            cost = whole_cost(self.program, (row["cost"] for row in of_tasks))
            found = now
            if failed:
                aside = F.array(*(F.lit(number) for number in sorted(failed)))
                found = now.withColumn("segments", F.array_except("segments", aside))
            run.append("membership", first_membership_rows(found, run.as_of))
            run.append("membership_change", first_change_rows(found, run.as_of, run.run_id))
            write_bitmaps(run, changes_say_all=False)
            rules = {rule for rule in self.rules.values() if rule[0] not in failed}
            write_state(run, now, program_hash(rules), None)
            counted = {
                self.numbers[id]: int(members) for id, members in zip(self.program.segments, cost.members, strict=True)
            }
            sizes = {number: members for number, members in counted.items() if number not in failed}
            write_rules(run, rules, {*self.refused, *failed}, sizes, {})
        finally:
            now.unpersist()
        return self._report(due, Counts(cost.people, sizes, {}), failed, sizes, cost_told([(self.program, cost)]))

    def _cost(self, of_tasks: list[Row]) -> Told:
        by_program = [(self.program, False)] + ([(self.moved_program, True)] if self.moved_program is not None else [])
        return cost_told(
            (
                program,
                whole_cost(
                    program, (row["cost"] for row in of_tasks if row["cost"] and row["by_moved_rules"] is moved)
                ),
            )
            for program, moved in by_program
        )

    def _state_before(self) -> tuple[DataFrame, bool]:
        """Who was in what before this evaluation, by the ids that are left, and whether that is what `membership` holds."""
        run = self.run
        state = before_of(run.read("membership"))
        if self.changes_before is not None:
            state = taken_back(state, self.changes_before)
        if run.version("identity_change") == run.inputs_of(self.stage).get("identity_change"):
            return state, self.changes_before is None
        return redirected(state, self._merged_since()), False

    @cached_property
    def _identity_since(self) -> DataFrame | None:
        """What the ledger of identity has gained since the last evaluation; None where that can't be told."""
        return self.run.appended("identity_change", self.stage)

    def _merged_since(self) -> DataFrame:
        """What became of ids since the last evaluation, whatever the as_of of the runs that say so."""
        if self._identity_since is not None:
            return redirects(self._identity_since)
        # all that ever merged, but those who are somebody now: what was followed before has no membership any more
        alive = self.run.read("identity_map").select("profile_id").distinct()
        return redirects(self.run.read("identity_change")).join(alive, "profile_id", how="left_anti")

    def _write(
        self,
        due: Due,
        moved: DataFrame,
        found: Counts,
        failed: Mapping[int, str],
        *,
        as_stored: bool,
    ) -> dict[int, int]:
        """Returns how many members each segment has now."""
        run = self.run
        entered, left = found.entered, found.left
        if not as_stored or entered or left:
            if as_stored:
                differing = moved.where((F.size("entered") > 0) | (F.size("left") > 0))
                write_memberships(run, differing, self._among(differing, differing.count()))
            elif due.people is None or due.rules:
                write_memberships(run, moved, None)
            else:  # those who were merged away have rows too
                write_memberships(run, moved, self._among(due.people, due.count))
            write_changes(run, moved, self.changes_before)
            write_bitmaps(run, changes_say_all=as_stored)
        rules = {rule for rule in self.rules.values() if rule[0] not in failed}
        self._write_state(due, moved, program_hash(rules))
        known = {number: members for (number, _), members in self.known.items()}
        counted_before = as_stored and all(number in known for number, _ in rules)
        sizes = sizes_now(run, known if counted_before else None, entered, left)
        write_rules(run, rules, {*self.refused, *failed}, sizes, self.known)
        return sizes

    def _write_state(self, due: Due, moved: DataFrame, hash: str) -> None:
        run, looked_at = self.run, moved.where("evaluated")
        if due.people is None or due.rules:  # by some rule or other, everybody was looked at
            ahead = looked_at
            if due.people is not None:
                told = Chosen(due.people, but_these=True).of(run.read("evaluation_state"))
                told = told.select("profile_id", F.col("next_change_at").alias("told_before"))
                ahead = looked_at.join(told, "profile_id", "left").withColumn(
                    "next_change_at", F.least("next_change_at", "told_before")
                )
            write_state(run, ahead, hash, None)
        else:
            write_state(run, looked_at, hash, self._among(due.people, due.count))

    def _among(self, people: DataFrame, count: int) -> Among:
        return Among(people.select("profile_id"), count, self.run.read("evaluation_state").count())

    def _report(
        self, due: Due, found: Counts, failed: Mapping[int, str], sizes: Mapping[int, int], cost: Told
    ) -> StageReport:
        named = {number: id for id, number in self.numbers.items()}
        reasons = {**self.reasons, **{named[number]: why for number, why in failed.items() if number in named}}
        figures: dict[str, int | float | str] = {
            "profiles_evaluated": found.evaluated,
            "entered": sum(found.entered.values()),
            "left": sum(found.left.values()),
        }
        if due.why is not None and self.last not in (None, self.run.as_of):
            figures["everybody, because"] = due.why
        figures |= {f"members {id}": sizes.get(number, 0) for id, number in self.numbers.items() if id not in reasons}
        # else the record of the run would not tell a segment that was set aside from one that the project had no more
        details = {**cost_details(cost), SET_ASIDE: [id for id in self.numbers if id in reasons]}
        return StageReport(
            self.stage, figures, refused=told_set_aside(reasons), dearest=cost.dearest(), details=details
        )


def _summaries(moved: DataFrame) -> list[Row]:
    return moved.where("summary IS NOT NULL").select("summary.*", "by_moved_rules").collect()
