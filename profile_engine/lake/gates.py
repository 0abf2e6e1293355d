"""Checks before publishing: each says what it found, what its limit is and how a person confirms it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from profile_engine.errors import GateRefused

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    passed: bool
    figure: str
    limit: str
    confirm_with: str


def refuse_failed(gates: Sequence[Gate], confirmed: Collection[str]) -> None:
    """Raises GateRefused with every failed gate that nobody confirmed."""
    failed = [gate for gate in gates if not gate.passed]
    for gate in failed:
        if gate.name in confirmed:
            _log.warning("gate=%s confirmed=yes figure=%r limit=%r", gate.name, gate.figure, gate.limit)
    refusing = [gate for gate in failed if gate.name not in confirmed]
    if refusing:
        raise GateRefused(
            ", ".join(gate.name for gate in refusing),
            "; ".join(gate.figure for gate in refusing),
            "; ".join(gate.limit for gate in refusing),
            " ".join(dict.fromkeys(gate.confirm_with for gate in refusing)),
        )
