"""The graph that the last run left: its figures, as of when it stands, and when the time of what waits comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from profile_engine.identity.figures_of_whole import Kept, due_from, figures_from
from profile_engine.identity.graph_figures import GraphFigures

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run

FIGURES = "identity_figure"


@dataclass(frozen=True)
class LastGraph:
    """What a run has to know of it before it looks at any large table."""

    as_of: datetime | None = None
    """As of when it stands: later sightings were stored and wait. None where no run has said so."""
    figures: GraphFigures | None = None
    """None where they were not kept."""
    next_due_at: datetime | None = None
    """No stored sighting that waits is earlier; None where none waits. Its batch may be withdrawn by now: then the time
    comes and nothing moves."""
    stored: tuple[Kept, ...] = ()
    """The rows that the two above are told by, ascending."""

    def why_whole(self, as_of: datetime) -> str | None:
        """Why what is known of it does not help a run; None where it does."""
        if self.as_of is None:
            return "it is not known as of when the last graph stands"
        return "as_of is before that of the last graph" if as_of < self.as_of else None

    def why_behind(self, as_of: datetime) -> str | None:
        """Why it is not the graph of a time, though no row has moved; None where it is."""
        return self.why_whole(as_of) or ("the time of sightings has come" if self.has_due(as_of) else None)

    def has_due(self, as_of: datetime) -> bool:
        """Whether the time of a stored sighting has come since."""
        return self.next_due_at is not None and self.next_due_at <= as_of

    def may_wait(self, as_of: datetime) -> bool:
        """Whether a sighting that was stored before may be later than `as_of`."""
        return self.next_due_at is not None or self.why_whole(as_of) is not None


def last_graph(run: Run, stage: str) -> LastGraph:
    """By one job over a table of some fifty rows."""
    stored = run.read(FIGURES).collect() if run.exists(FIGURES) else []
    rows = tuple(sorted((row["figure"], row["of"], row["value"]) for row in stored))
    return LastGraph(run.lake.stage_time(stage), figures_from(rows), due_from(rows), rows)
