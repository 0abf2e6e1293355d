"""Words of the sentence that tells a rule: literals, lists, names of fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime


def told(operand: object) -> str:
    """A literal as a person would say it."""
    if isinstance(operand, bool):
        return "true" if operand else "false"
    if isinstance(operand, datetime):
        return operand.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(operand, date):
        return operand.isoformat()
    return str(operand)


def either(words: Iterable[str]) -> str:
    """`DE`, `DE or FR`, `DE, FR or NL`."""
    return listed(words, "or")


def listed(words: Iterable[str], last: str) -> str:
    """Joined by commas, and by a word before the last."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def clauses(parts: Iterable[str], last: str) -> str:
    """Whole clauses, each after a comma: `whose .., who .., and who ..`."""
    items = list(parts)
    if len(items) < 3:
        return f" {last} ".join(items)
    return f"{', '.join(items[:-1])}, {last} {items[-1]}"


def field_name(path: str, type_text: str) -> str:
    """`address.country` is country, `computed.last_order_at` is last order."""
    name = path.rpartition(".")[2]
    if type_text in {"date", "timestamp"} and name.endswith(("_at", "_on")) and len(name) > 3:
        name = name[:-3]
    return name.replace("_", " ")
