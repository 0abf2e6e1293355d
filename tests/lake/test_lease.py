"""One writing run per lake: exclusive, renewed, taken over when dead, numbered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from profile_engine.errors import LakeError, LeaseHeld
from profile_engine.lake.control import ControlFolder, LocalControl, S3Control
from profile_engine.lake.lease import Lease, LeaseRecord, process_lives, this_machine
from tests.lake.clocks import HandClock

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
LASTS = timedelta(minutes=15)


@pytest.fixture(scope="module")
def s3_client() -> Iterator[object]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="lakes")
    yield client
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def control(request: pytest.FixtureRequest, tmp_path: Path) -> ControlFolder:
    if request.param == "folder":
        return LocalControl(tmp_path / "control")
    return S3Control(request.getfixturevalue("s3_client"), "lakes", f"{tmp_path.name}/control")


def acquired(control: ControlFolder, clock: HandClock, run_id: str = "a", lasts: timedelta = LASTS) -> Lease:
    return Lease.acquire(control, lake="the lake", run_id=run_id, job="job", as_of=AS_OF, clock=clock, lasts=lasts)


def test_files_of_a_control_folder(control: ControlFolder) -> None:
    assert control.read("a/b") is None
    assert control.names("a") == []
    assert control.create("a/b", b"first")
    assert not control.create("a/b", b"second")
    assert control.read("a/b") == b"first"
    control.write("a/b", b"third")
    assert (control.read("a/b"), control.names("a")) == (b"third", ["b"])
    control.remove("a/b")
    assert control.names("a") == []


def test_a_second_starter_is_told_who_holds_the_lease_and_gets_it_when_it_ends(control: ControlFolder) -> None:
    clock = HandClock()
    first = acquired(control, clock, "the first run")
    with pytest.raises(LeaseHeld, match="the first run has been writing to the lake at the lake") as held:
        acquired(control, clock, "the second run")
    assert held.value.exit_code == 75
    first.note_write("link")
    first.end("published")
    second = acquired(control, clock, "the second run")
    assert (first.fence, second.fence) == (1, 2)
    assert second.previous is not None
    assert (second.previous.run_id, second.previous.writes, second.previous.ended) == (
        "the first run",
        ("link",),
        "published",
    )
    second.end("published")


def test_a_lease_that_was_not_renewed_is_taken_over_and_its_holder_writes_no_more(control: ControlFolder) -> None:
    clock = HandClock()
    dead = acquired(control, clock, "dead")
    clock.forward(minutes=10)
    dead.renew()
    clock.forward(minutes=14)
    with pytest.raises(LeaseHeld):
        acquired(control, clock, "too early")
    clock.forward(minutes=2)
    heir = acquired(control, clock, "heir")
    assert heir.previous is not None
    assert heir.previous.ended is None
    with pytest.raises(LakeError, match="lost its lease"):
        dead.note_write("link")
    heir.note_write("link")
    heir.end("published")
    dead.stop_renewing()


def test_a_lease_is_renewed_while_its_run_lives(control: ControlFolder) -> None:
    lease = acquired(control, HandClock(), lasts=timedelta(seconds=0.6))
    before = control.read("lease/00000001.json")
    lease._clock.forward(seconds=1)  # type: ignore[attr-defined]
    for _ in range(50):
        threading.Event().wait(0.1)
        if control.read("lease/00000001.json") != before:
            break
    assert control.read("lease/00000001.json") != before
    lease.end("published")


def test_of_many_starters_one_gets_the_lease(tmp_path: Path) -> None:
    control, clock = LocalControl(tmp_path), HandClock()
    leases: list[Lease] = []
    refused: list[str] = []

    def start(name: str) -> None:
        try:
            leases.append(acquired(control, clock, name))
        except LeaseHeld as held:
            refused.append(held.holder)

    threads = [threading.Thread(target=start, args=(f"run {n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leases) == 1
    assert len(refused) == 15
    leases[0].end("published")


def test_a_process_that_is_gone_from_this_machine_holds_nothing() -> None:
    now = datetime.now(UTC)
    alive = LeaseRecord(1, "a", "job", "", this_machine(), 1, now.isoformat(), now.isoformat())
    gone = replace(alive, pid=2**22 + 1)  # above the highest process number of Linux
    assert process_lives(1)
    assert alive.is_alive(now, LASTS)
    assert not gone.is_alive(now, LASTS)
    assert replace(gone, machine="another").is_alive(now, LASTS)


def test_old_lease_files_are_cleared(tmp_path: Path) -> None:
    control, clock = LocalControl(tmp_path), HandClock()
    for _ in range(25):
        acquired(control, clock).end("published")
    assert control.names("lease") == [f"{n:08d}.json" for n in range(6, 26)]
