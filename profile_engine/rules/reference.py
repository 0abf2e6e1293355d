"""The generated part of the rule language's page: the table of all tests and of all measures, from the registries."""

from __future__ import annotations

from profile_engine.rules.field_types import Kind
from profile_engine.rules.measure_kinds import MEASURE_KINDS
from profile_engine.rules.operators.operator import Operator
from profile_engine.rules.operators.registry import operators

BEGIN = "<!-- generated from the registry by `make docs`: begin -->"
END = "<!-- generated: end -->"
_PLURALS: dict[Kind, str] = {
    "text": "text", "number": "numbers", "boolean": "true/false", "date": "dates", "time": "times", "array": "arrays",
    "map": "maps",
}  # fmt: skip


def tests_table() -> str:
    """Markdown: a row a test (name, what it fits, operand, meaning), then a row a measure."""
    lines = ["| test | for | operand | true when the value |", "|---|---|---|---|"]
    lines += [
        f"| `{one.name}`{' *' if one.takes_case else ''} | {_kinds(one)} | {one.operand} | {one.summary} |"
        for one in operators().values()
    ]
    lines += ["", "\\* for text, with `ignoring_case: true` beside it: in capitals or not."]
    lines += ["", "| measure | of | over no events |", "|---|---|---|"]
    lines += ["| `times` | the events | 0 |"]
    for name, measure in MEASURE_KINDS.items():
        fits = ", ".join(plural for kind, plural in _PLURALS.items() if kind in measure.fits)
        lines.append(f"| `{name}` | {fits} | {'0' if name in {'sum', 'distinct'} else 'missing'} |")
    return "\n".join(lines)


def with_tests_table(page: str) -> str:
    """The page with its generated part made anew. Raises ValueError where a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no part between '{BEGIN}' and '{END}'; put the two marks in")
    return f"{before}{BEGIN}\n{tests_table()}\n{END}{after}"


def _kinds(operator: Operator) -> str:
    return ", ".join(plural for kind, plural in _PLURALS.items() if kind in operator.fits) or "windows of events"
