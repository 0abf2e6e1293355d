"""The run lease: one writing run per lake, each with a number higher than any before it (the fence).

A lease is the file `lease/<fence>.json` of the control folder, made exclusively. The highest number rules: it is alive
while it is renewed, and dead when it ended, expired, or when its process on this machine is gone. Taking over is making
the next number, so of several that try exactly one succeeds, and no file is ever changed by anyone but its owner.
The file is also the run's list of the tables it is about to write, so that settling a dead run looks at these only; a
run that can't settle hands the list on to the next.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from profile_engine.errors import LakeError, LeaseHeld
from profile_engine.lake.control import ControlFolder

Clock = Callable[[], datetime]

_FOLDER = "lease"
_KEPT = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadRun:
    """A run that ended without undoing or publishing what it wrote."""

    run_id: str
    fence: int
    job: str
    as_of: str
    started_at: str


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What a lease's file says. `ended` is None while the run lives, else how it ended; `dead` are the runs whose writes,
    to tables among `writes`, nobody has settled yet."""

    fence: int
    run_id: str
    job: str
    as_of: str
    machine: str
    pid: int
    started_at: str
    renewed_at: str
    writes: tuple[str, ...] = ()
    ended: str | None = None
    dead: tuple[DeadRun, ...] = ()

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> LeaseRecord:
        fields = json.loads(content)
        dead = tuple(DeadRun(**run) for run in fields["dead"])
        return cls(**{**fields, "writes": tuple(fields["writes"]), "dead": dead})

    @property
    def left_unsettled(self) -> tuple[DeadRun, ...]:
        """The dead runs that the next run has to settle, this one among them when it did not end."""
        return self.dead if self.ended is not None else (*self.dead, self.as_dead())

    def as_dead(self) -> DeadRun:
        return DeadRun(self.run_id, self.fence, self.job, self.as_of, self.started_at)

    def is_alive(self, now: datetime, lasts: timedelta) -> bool:
        if self.ended is not None or now - datetime.fromisoformat(self.renewed_at) > lasts:
            return False
        return not (self.machine == this_machine() and not process_lives(self.pid))


class Lease:
    """A held lease. `previous` is the record before it, None in a new lake or when its file is lost."""

    def __init__(
        self, control: ControlFolder, record: LeaseRecord, previous: LeaseRecord | None, clock: Clock, lasts: timedelta
    ) -> None:
        self._control, self._record, self.previous = control, record, previous
        self._clock, self._lasts = clock, lasts
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._renewal = threading.Thread(target=self._keep_renewing, name=f"lease-{record.fence}", daemon=True)
        self._renewal.start()

    @classmethod
    def acquire(
        cls,
        control: ControlFolder,
        *,
        lake: str,
        run_id: str,
        job: str,
        as_of: datetime,
        clock: Clock,
        lasts: timedelta,
    ) -> Lease:
        """The lease for a run; raises LeaseHeld, naming the holder, while another one is alive."""
        while True:
            highest = _highest(control)
            previous = None if highest is None else _read(control, highest)
            now = clock()
            if previous is not None and previous.is_alive(now, lasts):
                raise LeaseHeld(lake, previous.run_id, previous.started_at)
            stamp = now.astimezone(UTC).isoformat()
            fence = (highest or 0) + 1
            dead = () if previous is None else previous.left_unsettled
            writes = previous.writes if previous is not None and dead else ()
            when = as_of.astimezone(UTC).isoformat()
            record = LeaseRecord(
                fence, run_id, job, when, this_machine(), os.getpid(), stamp, stamp, writes=writes, dead=dead
            )
            made = control.create(_name(fence), record.to_bytes())
            # A slow starter may have made a number that was already used and cleared away: then a higher one is there.
            if made and _highest(control) == fence:
                _clear_old(control, fence)
                return cls(control, record, previous, clock, lasts)
            if made:
                control.remove(_name(fence))

    @property
    def fence(self) -> int:
        return self._record.fence

    @property
    def dead(self) -> tuple[DeadRun, ...]:
        """Runs that this one has to settle before it writes."""
        return self._record.dead

    @property
    def writes(self) -> tuple[str, ...]:
        """The tables that the run has written or was about to write."""
        return self._record.writes

    @property
    def started_at(self) -> datetime:
        return datetime.fromisoformat(self._record.started_at)

    def note_write(self, table: str) -> None:
        """Say, before the first write to a table, that it will be written. Raises LakeError when the lease is lost."""
        self.ensure_held()
        if table not in self._record.writes:
            self._put(writes=(*self._record.writes, table))

    def ensure_held(self) -> None:
        """Raises LakeError when another run has taken over, as happens to a run that slept beyond its lease."""
        highest = _highest(self._control)
        if highest != self._record.fence or self._record.ended is not None:
            raise LakeError(
                f"run {self._record.run_id} lost its lease (number {self._record.fence}, now {highest}): it was not renewed "
                "in time and another run has started; nothing more is written, start this run again when the other has ended"
            )

    def settled(self) -> None:
        """What dead runs left has been undone."""
        if self._record.dead:
            self._put(writes=(), dead=())

    def renew(self) -> None:
        self._put()

    def end(self, how: str) -> None:
        """Give the lease back; the file stays as the record of how the run ended."""
        self._stop.set()
        self._put(ended=how)

    def end_unsettled(self) -> None:
        """Give the lease back, and leave what this run wrote for the next run to settle."""
        self._stop.set()
        self._put(ended="unsettled", dead=(*self._record.dead, self._record.as_dead()))

    def stop_renewing(self) -> None:
        """End the renewals without giving the lease back, as a killed process does."""
        self._stop.set()

    def _put(
        self,
        writes: tuple[str, ...] | None = None,
        ended: str | None = None,
        dead: tuple[DeadRun, ...] | None = None,
    ) -> None:
        with self._lock:
            record = replace(self._record, renewed_at=self._clock().astimezone(UTC).isoformat(), ended=ended)
            if writes is not None:
                record = replace(record, writes=writes)
            if dead is not None:
                record = replace(record, dead=dead)
            self._control.write(_name(record.fence), record.to_bytes())
            self._record = record

    def _keep_renewing(self) -> None:
        while not self._stop.wait(self._lasts.total_seconds() / 3):
            try:
                if self._record.ended is None:
                    self.renew()
            except Exception as error:  # the network may be back at the next turn; a lost lease shows at the next write
                _log.warning("lease=%s renewal=failed error=%s", self._record.fence, type(error).__name__)


def _name(fence: int) -> str:
    return f"{_FOLDER}/{fence:08d}.json"


def _highest(control: ControlFolder) -> int | None:
    numbers = [int(name.removesuffix(".json")) for name in control.names(_FOLDER) if name.endswith(".json")]
    return max(numbers, default=None)


def _read(control: ControlFolder, fence: int) -> LeaseRecord | None:
    content = control.read(_name(fence))
    try:
        return None if content is None else LeaseRecord.from_bytes(content)
    except (ValueError, TypeError, KeyError):
        raise LakeError(
            f"the lease file {_name(fence)} of the lake's control folder can't be read; if no run is writing, remove it"
        ) from None


def _clear_old(control: ControlFolder, fence: int) -> None:
    for name in control.names(_FOLDER):
        if name.endswith(".json") and int(name.removesuffix(".json")) <= fence - _KEPT:
            control.remove(f"{_FOLDER}/{name}")


def this_machine() -> str:
    """The host with its boot and process namespace: process numbers mean something only within these."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:  # no Linux
        boot = namespace = "-"
    return f"{socket.gethostname()}:{boot}:{namespace}"


def process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
