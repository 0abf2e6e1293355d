"""What an evaluation cost: seconds and rows of every rule and of every figure over events, adding up to the whole.

Each step of the program is timed where it is computed, once for all rules. A test of an attribute, a combination and a
figure over events are shared by the rules that use them: each carries an equal part. What belongs to no rule (reading
columns, putting events in order, laying out answers) is `shared`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from profile_engine.rules.describe import predicate
from profile_engine.rules.program import Atom, Combination, Program, Reference
from profile_engine.rules.syntax import Measure, Sequence

Seconds = npt.NDArray[np.float64]
Figure = Measure | Sequence


@dataclass
class Cost:
    """Of one evaluation or of several together: `whole` seconds for `people`; `steps` in the order of the program's steps;
    `ahead` seconds of looking ahead and `events` looked at, both in the order of its measures; `members` found, in the
    order of its segments."""

    whole: float
    people: int
    steps: Seconds
    ahead: Seconds
    events: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]

    @classmethod
    def none(cls, program: Program) -> Cost:
        steps, measures = len(program.steps), len(program.measures)
        none, segments = np.zeros(measures, dtype=np.int64), len(program.segments)
        return cls(0.0, 0, np.zeros(steps), np.zeros(measures), none, np.zeros(segments, dtype=np.int64))

    def add(self, other: Cost) -> None:
        self.whole += other.whole
        self.people += other.people
        self.steps = self.steps + other.steps
        self.ahead = self.ahead + other.ahead
        self.events = self.events + other.events
        self.members = self.members + other.members


@dataclass(frozen=True)
class Told:
    """Seconds and rows: of each segment (people evaluated), and of each figure over events (events looked at), which the
    segments' seconds hold too. Those of the segments and `shared` add up to `whole`."""

    whole: float
    shared: float
    segments: Mapping[str, tuple[float, int]]
    measures: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def with_(self, other: Told) -> Told:
        """Both together."""
        return Told(
            self.whole + other.whole,
            self.shared + other.shared,
            _summed(self.segments, other.segments),
            _summed(self.measures, other.measures),
        )

    def dearest(self, count: int = 3) -> tuple[str, ...]:
        """The dearest segments, dearest first: name, seconds, share of the whole."""
        ranked = sorted(self.segments.items(), key=lambda one: (-one[1][0], one[0]))[:count]
        return tuple(f"{id} {seconds:.3g} s ({seconds / self.whole:.0%})" for id, (seconds, _) in ranked if self.whole)


def _summed(
    one: Mapping[str, tuple[float, int]], other: Mapping[str, tuple[float, int]]
) -> dict[str, tuple[float, int]]:
    none = (0.0, 0)
    return {
        name: (one.get(name, none)[0] + other.get(name, none)[0], one.get(name, none)[1] + other.get(name, none)[1])
        for name in (*one, *(name for name in other if name not in one))
    }


def told(program: Program, cost: Cost) -> Told:
    """The cost by segment and by measure."""
    number_of = {measure: number for number, measure in enumerate(program.measures)}
    of_measure = np.array(cost.ahead, dtype=np.float64)
    own = np.array(cost.steps, dtype=np.float64)
    for step, found in enumerate(program.steps):
        if isinstance(found, Atom) and isinstance(found.source, Figure):
            of_measure[number_of[found.source]] += own[step]
            own[step] = 0.0
    reached = {segment: _reached(program, last) for segment, last in program.last_steps.items()}
    figures = {
        segment: {number_of[source] for step in steps if (source := _figure(program, step)) is not None}
        for segment, steps in reached.items()
    }
    users, figure_users = np.zeros(len(own)), np.zeros(len(of_measure))
    for segment, steps in reached.items():
        users[sorted(steps)] += 1
        figure_users[sorted(figures[segment])] += 1
    own_share, figure_share = own / np.maximum(users, 1), of_measure / np.maximum(figure_users, 1)
    segments = {
        segment: float(own_share[sorted(steps)].sum() + figure_share[sorted(figures[segment])].sum())
        for segment, steps in reached.items()
    }
    return Told(
        cost.whole,
        cost.whole - sum(segments.values()),
        {segment: (seconds, cost.people) for segment, seconds in segments.items()},
        {
            measure_words(measure): (float(of_measure[number]), int(cost.events[number]))
            for measure, number in number_of.items()
        },
    )


def measure_words(figure: Figure) -> str:
    """A figure over events in a few words, such as `sum of amount over order within ..`."""
    checks = figure.window if isinstance(figure, Sequence) else figure.events.window
    window = "".join(f" {predicate(check, 'timestamp').removeprefix('was ')}" for check in checks)
    if isinstance(figure, Sequence):
        return " then ".join("/".join(step.types) for step in figure.steps) + window
    of = "" if figure.of is None else f" of {figure.of.path}"
    where = "" if figure.events.where is None else " where .."
    return f"{figure.name}{of} over {'/'.join(figure.events.types)}{where}{window}"


def _reached(program: Program, last: int) -> set[int]:
    """The steps that a rule needs, its own last one among them; those of segments that it names are their own."""
    found: set[int] = set()
    waiting = [last]
    while waiting:
        step = waiting.pop()
        if step in found:
            continue
        found.add(step)
        one = program.steps[step]
        if isinstance(one, Combination):
            waiting.extend(one.steps)
        else:
            assert isinstance(one, Atom | Reference)
    return found


def _figure(program: Program, step: int) -> Figure | None:
    one = program.steps[step]
    return one.source if isinstance(one, Atom) and isinstance(one.source, Figure) else None
