"""Errors of the engine: one base, and families named by who has to act.

A message has three parts: what went wrong, where, and what to do. No message ever holds a person's value.
"""

from __future__ import annotations


class ProfileEngineError(Exception):
    """Base of every error the engine raises on purpose."""

    exit_code = 1


class ConfigurationError(ProfileEngineError):
    """The author of the project's YAML, of a command line or of the environment has to act."""

    exit_code = 2


class DataError(ProfileEngineError):
    """The owner of a source has to act: the data is not what was agreed."""


class LakeError(ProfileEngineError):
    """A table, a release or the lake itself is not in the state that the call needs."""


class PlatformError(ProfileEngineError):
    """Java, Spark, a jar or a Python package is missing or of a wrong version; the message says what to install."""

    exit_code = 2


class LeaseHeld(ProfileEngineError):
    """Another run is writing to this lake; schedulers should try again later (EX_TEMPFAIL)."""

    exit_code = 75

    def __init__(self, lake: str, holder: str, since: str) -> None:
        self.lake, self.holder, self.since = lake, holder, since
        super().__init__(
            f"run {holder} has been writing to the lake at {lake} since {since}; "
            "wait until it ends, or, if it is dead, until its lease expires"
        )


class GateRefused(ProfileEngineError):
    """A check before publishing failed: the last release stays, what the run wrote has been undone."""

    def __init__(self, gate: str, figure: str, limit: str, confirm_with: str) -> None:
        self.gate, self.figure, self.limit, self.confirm_with = gate, figure, limit, confirm_with
        super().__init__(
            f"gate {gate} refused the run: {figure}, the limit is {limit}; the last release stays current and what "
            f"this run wrote was undone; if this is intended, run again with {confirm_with}"
        )


class DeliveryError(ProfileEngineError):
    """A destination did not take what was sent."""

    exit_code = 3


class TransientDeliveryError(DeliveryError):
    """Waiting may help: a time-out, a throttled request, a server error."""


class PermanentDeliveryError(DeliveryError):
    """Waiting does not help: somebody has to mend the mapping, the credentials or the data."""
