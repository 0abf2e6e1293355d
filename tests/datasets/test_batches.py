"""What becomes of new files: loaded, known, refused, or finished as a dead run planned them. No Spark."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from profile_engine.datasets.batches import Batch, planned_batches
from profile_engine.datasets.files import ListedFile
from profile_engine.datasets.inspection import InspectedFile
from profile_engine.datasets.outcome import Outcome, ended

NOW = datetime(2026, 10, 2, tzinfo=UTC)
BEFORE = datetime(2026, 10, 1, tzinfo=UTC)


def file(path: str, content: str, code: str | None = None, source: str = "s") -> InspectedFile:
    return InspectedFile(ListedFile("d", source, path, 1, NOW), content, ("a",), "", False, code, code and "why")


def told(batches: list[Batch]) -> list[tuple[str, str, list[str], int]]:
    return sorted((b.source, b.status, [f.listed.path for f in b.files], b.rejected) for b in batches)


def test_files_are_loaded_once_by_content_and_refused_alone() -> None:
    files = [file("c", "1"), file("a", "1"), file("b", "2"), file("bad", "3", "wrong_header"), file("old", "4")]
    other = file("x", "1", source="t")
    batches = planned_batches([*files, other], frozenset({("d", "s", "4")}), [], NOW)
    assert told(batches) == [
        ("s", "duplicate", ["c", "old"], 0), ("s", "loading", ["a", "b"], 0), ("s", "refused", ["bad"], 1),
        ("t", "loading", ["x"], 0),
    ]  # fmt: skip
    # the plan does not depend on the order of the listing
    assert planned_batches([other, *reversed(files)], frozenset({("d", "s", "4")}), [], NOW) == batches


def test_a_dead_runs_batch_keeps_its_id_only_while_its_files_are_as_they_were() -> None:
    files = [file("a", "1"), file("b", "2"), file("bad", "3", "wrong_header")]
    dead = planned_batches(files, frozenset(), [], BEFORE)
    # when all is as it was, with one file more
    batches = planned_batches([*files, file("new", "5")], frozenset(), dead, NOW)
    assert {b.batch_id for b in dead} < {b.batch_id for b in batches}
    assert told(batches) == [
        ("s", "loading", ["a", "b"], 0), ("s", "loading", ["new"], 0), ("s", "refused", ["bad"], 1),
    ]  # fmt: skip
    # when a file has changed since
    batches = planned_batches([file("a", "9"), *files[1:]], frozenset(), dead, NOW)
    assert told(batches) == [
        ("s", "abandoned", ["a", "b"], 0), ("s", "loading", ["a", "b"], 0), ("s", "refused", ["bad"], 1),
    ]  # fmt: skip


def test_a_batch_is_refused_above_its_threshold_not_at_it() -> None:
    (batch,) = planned_batches([file("a", "1")], frozenset(), [], NOW)
    at_limit = ended(batch, Outcome(20, 1, 3, None, None), 0.05)
    above = ended(batch, Outcome(19, 1, 3, None, None), 0.05)
    assert (at_limit.status, at_limit.accepted, at_limit.rejected, at_limit.no_identity) == ("loaded", 19, 1, 3)
    assert (above.status, above.accepted, above.rejected) == ("refused", 0, 19)
    assert ended(batch, None, 0.0) == replace(batch, status="loaded")


_files = st.lists(
    st.builds(file, st.sampled_from("abcdef"), st.sampled_from("123"), st.sampled_from([None, "bad"])),
    unique_by=lambda f: f.listed.path,
)


@given(_files, st.sets(st.sampled_from("123")), st.randoms(use_true_random=False))
def test_every_file_is_in_exactly_one_batch_whatever_the_order(files, seen, random) -> None:  # type: ignore[no-untyped-def]
    known = frozenset(("d", "s", content) for content in seen)
    dead = planned_batches(files[::2], frozenset(), [], BEFORE)
    batches = planned_batches(files, known, dead, NOW)
    live = [f.listed.path for batch in batches if batch.status != "abandoned" for f in batch.files]
    assert sorted(live) == sorted(f.listed.path for f in files)
    shuffled = random.sample(files, len(files))
    assert planned_batches(shuffled, known, dead, NOW) == batches
