"""The table that closes a run: what each stage did, in figures and seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from profile_engine.observability.stage_report import StageReport


def closing_table(reports: Sequence[StageReport], seconds: Mapping[str, float]) -> Table:
    """One row a figure, grouped by stage; the stage's time stands in its first row."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("stage")
    table.add_column("figure")
    table.add_column("", justify="right")
    table.add_column("seconds", justify="right")
    for report in reports:
        shown = [("nothing to do: " + report.skipped, "")] if report.skipped else _rows(report)
        for number, (figure, value) in enumerate(shown):
            first = number == 0
            time = f"{seconds.get(report.stage, 0.0):.1f}" if first else ""
            table.add_row(report.stage if first else "", figure, value, time, end_section=number == len(shown) - 1)
    table.add_row("all", "", "", f"{sum(seconds.values()):.1f}")
    return table


def _rows(report: StageReport) -> list[tuple[str, str]]:
    return [
        (name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in report.figures.items()
    ] or [("done", "")]


def show_closing_table(console: Console, reports: Sequence[StageReport], seconds: Mapping[str, float]) -> None:
    """Prints the table, then the dearest parts and what was set aside, a line each."""
    console.print(closing_table(reports, seconds))
    for report in reports:
        if report.dearest:
            console.print(f"dearest in {report.stage}: {', '.join(report.dearest)}", highlight=False)
        for sentence in report.refused:
            console.print(f"set aside in {report.stage}: {sentence}", style="yellow", highlight=False)
