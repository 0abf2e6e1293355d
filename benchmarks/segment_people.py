"""People and their events for the benchmark of segments, drawn from a seed and written as Parquet.

A fifth of the people have no event; the others have a heavy tail of them. Events are written in the order of time, as they
would arrive. `owner_id` is the identifier that an event carries; one person has one, which spares the peers the identity
graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

AS_OF = datetime(2026, 10, 1, 6, tzinfo=UTC)
DAYS = 180
COUNTRIES = ("DE", "FR", "NL", "BE", "AT", "CH", "IT", "ES", "PT", "PL", "CZ", "DK", "SE", "NO", "FI", "IE", "GB", "LU", "HU", "RO")  # fmt: skip
TIERS = ("none", "bronze", "silver", "gold", "platinum")
CHANNELS = ("store", "web", "app", "phone", "partner", "event", "post", "referral")
LANGUAGES = ("de", "fr", "nl", "en", "it", "es", "pl", "sv")
CATEGORIES = (
    "shoes",
    "coats",
    "shirts",
    "sports",
    "garden",
    "books",
    "music",
    "toys",
    "food",
    "wine",
    "beauty",
    "travel",
)
EVENT_TYPES = ("page_view", "product_view", "add_to_cart", "purchase", "search", "newsletter_open")
_SHARES = (0.50, 0.22, 0.12, 0.06, 0.06, 0.04)
_WITH_CATEGORY = np.array([False, True, True, True, False, False])
_WITH_AMOUNT = np.array([False, False, True, True, False, False])
_FILE = 1_000_000
_DAY = 86_400 * 10**6
_OWNER_STEP = 0x5851F42D4C957F2D
"""Odd, so that no two people get the same owner."""


@dataclass(frozen=True)
class SegmentData:
    """Where the files are: `profiles.parquet`, `events/*.parquet`, `new_events/*.parquet` (the day after)."""

    folder: Path
    people: int
    events: int

    @property
    def profiles(self) -> Path:
        return self.folder / "profiles.parquet"

    @property
    def old_events(self) -> Path:
        return self.folder / "events"

    @property
    def new_events(self) -> Path:
        return self.folder / "new_events"


def write_segment_data(folder: Path, people: int, events: int, seed: int = 1) -> SegmentData:
    """Draws and writes everything, unless the folder already holds it; 1 % of the events again are of the next day."""
    data = SegmentData(folder, people, events)
    done = folder / f"drawn_{people}_{events}_{seed}"
    if not done.exists():
        random = np.random.default_rng(seed)
        for part in (data.old_events, data.new_events):
            part.mkdir(parents=True, exist_ok=True)
        pq.write_table(_profiles(people, random), data.profiles, row_group_size=200_000)
        busy = _weights(people, random)
        begin = _micro(AS_OF) - DAYS * _DAY
        for number, table in enumerate(_events(busy, events, begin, DAYS * _DAY, 0, random)):
            pq.write_table(table, data.old_events / f"part_{number:03}.parquet")
        for number, table in enumerate(_events(busy, events // 100, _micro(AS_OF), _DAY, events, random)):
            pq.write_table(table, data.new_events / f"part_{number:03}.parquet")
        done.touch()
    return data


def owners(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The identifier of each person; any 64 bits."""
    return (numbers.astype(np.uint64) * np.uint64(_OWNER_STEP)).astype(np.int64)


def _micro(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _profiles(people: int, random: np.random.Generator) -> pa.Table:
    numbers = np.arange(1, people + 1, dtype=np.int64)

    def holes(values: pa.Array) -> pa.Array:
        return pc.if_else(pa.array(random.random(people) >= 0.03), values, pa.scalar(None, values.type))

    def words(choices: tuple[str, ...], tilt: float) -> pa.Array:
        share = np.arange(1, len(choices) + 1) ** -tilt
        codes = random.choice(len(choices), people, p=share / share.sum()).astype(np.int32)
        return holes(pa.DictionaryArray.from_arrays(codes, list(choices)).cast(pa.string()))

    signed_up = _micro(AS_OF) - (random.random(people) * 1500 * _DAY).astype(np.int64)
    return pa.table({
        "profile_id": pa.array([f"p{number:08x}" for number in numbers]),
        "profile_no": numbers,
        "owner_id": owners(numbers),
        "country": words(COUNTRIES, 0.8), "tier": words(TIERS, 0.9), "channel": words(CHANNELS, 0.5), "language": words(LANGUAGES, 0.7),
        "city": words(tuple(f"{letter}{n:03}" for letter in "abcdefgh" for n in range(40)), 0.4),
        "age": holes(pa.array(random.integers(16, 95, people))),
        "points": holes(pa.array((random.pareto(1.2, people) * 100).astype(np.int64).clip(0, 10**6))),
        "visits": holes(pa.array(random.poisson(6, people).astype(np.int64))),
        "score": holes(pa.array(random.random(people))),
        "margin": holes(pa.array(np.round(random.normal(20, 15, people), 3))),
        "vip": holes(pa.array(random.random(people) < 0.04)), "newsletter": holes(pa.array(random.random(people) < 0.45)),
        "signed_up_at": holes(pa.array(signed_up, pa.timestamp("us", "UTC"))),
    })  # fmt: skip


def _weights(people: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    weight = np.minimum(random.pareto(1.4, people) + 0.3, 300.0)
    weight[random.random(people) < 0.2] = 0.0
    return np.cumsum(weight / weight.sum())


def _events(
    busy: npt.NDArray[np.float64], count: int, begin: int, length: int, first: int, random: np.random.Generator
) -> Iterator[pa.Table]:
    """Tables of a file's size, rising in time."""
    files = -(-count // _FILE)
    for number in range(files):
        rows = min(_FILE, count - number * _FILE)
        part = length // files
        times = np.sort(begin + number * part + (random.random(rows) * part).astype(np.int64) + 1)
        person = np.minimum(np.searchsorted(busy, random.random(rows)), len(busy) - 1) + 1
        types = random.choice(len(EVENT_TYPES), rows, p=_SHARES).astype(np.int32)
        category = random.choice(len(CATEGORIES), rows).astype(np.int32)
        cents = (random.gamma(2.0, 2500, rows)).astype(np.int64) + 100
        ids = np.arange(first + number * _FILE, first + number * _FILE + rows)
        digits = pa.py_buffer(np.stack([cents, np.zeros_like(cents)], axis=1).tobytes())
        amount = pa.Array.from_buffers(pa.decimal128(12, 2), rows, [None, digits])
        yield pa.table({
            "event_id": pa.array([f"e{id:09}" for id in ids.tolist()]),
            "owner_id": owners(person.astype(np.int64)),
            "event_type": pa.DictionaryArray.from_arrays(types, list(EVENT_TYPES)).cast(pa.string()),
            "occurred_at": pa.array(times, pa.timestamp("us", "UTC")),
            "category": pc.if_else(pa.array(_WITH_CATEGORY[types]), pa.DictionaryArray.from_arrays(category, list(CATEGORIES)).cast(pa.string()), None),
            "amount": pc.if_else(pa.array(_WITH_AMOUNT[types]), amount, pa.scalar(None, pa.decimal128(12, 2))),
            "url": pa.array([f"/c/{n % 977}/{n % 31}" for n in range(rows)]),
        })  # fmt: skip
