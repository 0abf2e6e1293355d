"""What a stage did, in figures: the lines of the closing table and of the run's record."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StageReport:
    """`figures` are counts by name, in the order they are shown; never a person's value."""

    stage: str
    figures: dict[str, int | float | str] = field(default_factory=dict)
    skipped: str | None = None
    """Why there was nothing to do, or None when the stage ran."""
    refused: tuple[str, ...] = ()
    """What the stage had to set aside (a batch, an audience, a rule), one sentence each; makes the exit code 3."""
    dearest: tuple[str, ...] = ()
    """The dearest parts of the work by name, with their seconds; shown after the closing table."""
    details: dict[str, object] = field(default_factory=dict)
    """Figures for the run's record that the closing table has no room for."""
