"""Pairs of identifiers with known truth: accounts seen with devices, drawn from one seed, as strings in Parquet.

The shapes that make such graphs hard: people with a handful of devices, chains of 60 links, two hubs with 20,000 devices
each, one grown-together component of 100,000 links, and pairs that were seen again. Who belongs together is known by
construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
CHAIN = 60
HUB = 20_000
GROWN = 100_000


@dataclass(frozen=True)
class Pairs:
    """One entry a pair: the numbers of its account and its device; and of each account and device the person it is of."""

    account: Numbers
    device: Numbers
    person_of_account: Numbers
    person_of_device: Numbers

    def __len__(self) -> int:
        return len(self.account)

    @property
    def people(self) -> int:
        return len(np.unique(np.concatenate([self.person_of_account, self.person_of_device])))


def pairs(links: int, seed: int) -> Pairs:
    """So many pairs, in an order that says nothing."""
    rng = np.random.default_rng(seed)
    hubs = _stars(np.full(2, min(HUB, max(1, links // 50)), dtype=np.int64))
    grown = _grown_together(rng, min(GROWN, max(2, links // 10)))
    chains = _chains(max(1, links // 10 // CHAIN))
    seen_again = links // 20
    stars = _stars(_sizes(rng, links - seen_again - len(hubs) - len(grown) - len(chains)))
    once = _side_by_side([stars, hubs, grown, chains])
    again = rng.integers(0, len(once), seen_again)
    account, device = np.append(once.account, once.account[again]), np.append(once.device, once.device[again])
    order = rng.permutation(links)
    return Pairs(account[order], device[order], once.person_of_account, once.person_of_device)


def next_day(known: Pairs, links: int, seed: int) -> Pairs:
    """So many new pairs on a known graph: half a new device of a known account, a third a known account with somebody
    else's device (two people become one), the rest new people. People are numbered as they are after the day."""
    rng = np.random.default_rng(seed)
    accounts, devices = len(known.person_of_account), len(known.person_of_device)
    grows, joins = links // 2, links // 3
    new = links - grows - joins
    account = np.concatenate([rng.integers(0, accounts, grows + joins), np.arange(accounts, accounts + new)]).astype(
        np.int64
    )
    device = np.concatenate(
        [
            np.arange(devices, devices + grows),
            rng.integers(0, devices, joins),
            np.arange(devices + grows, devices + grows + new),
        ]
    ).astype(np.int64)
    people = int(max(known.person_of_account.max(), known.person_of_device.max())) + 1
    person_of_account = np.append(known.person_of_account, np.arange(people, people + new))
    person_of_device = np.concatenate(
        [known.person_of_device, person_of_account[account[:grows]], np.arange(people, people + new)]
    )
    became = _joined(person_of_account[account], person_of_device[device], people + new)
    return Pairs(account, device, became[person_of_account], became[person_of_device])


def write_pairs(found: Pairs, file: Path, first: int = 0) -> None:
    """(record_id string, account string, device string), a row a pair; 40 letters an identifier, as real ones have."""
    import duckdb
    import pyarrow as pa

    numbered = pa.table({"n": np.arange(first, first + len(found)), "a": found.account, "d": found.device})
    with duckdb.connect() as database:
        database.register("numbered", numbered)
        database.execute(
            f"COPY (SELECT md5('record' || n) AS record_id, {_name('account', 'a')} AS account, "
            f"{_name('device', 'd')} AS device FROM numbered) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 200000)"
        )


def write_truth(found: Pairs, file: Path) -> None:
    """(identifier string, person bigint), a row an identifier."""
    import duckdb
    import pyarrow as pa

    with duckdb.connect() as database:
        for kind, person in (("account", found.person_of_account), ("device", found.person_of_device)):
            database.register(kind, pa.table({"n": np.arange(len(person)), "person": person}))
        each = " UNION ALL ".join(
            f"SELECT {_name(kind, 'n')} AS identifier, person FROM {kind}" for kind in ("account", "device")
        )
        database.execute(f"COPY ({each}) TO '{file}' (FORMAT parquet)")


def _name(kind: str, number: str) -> str:
    return f"'{kind[:1]}-' || md5('{kind}' || {number}) || '-{kind[:4]}'"


def _sizes(rng: np.random.Generator, links: int) -> Numbers:
    """Devices of each person: most have a few, some have many; they add up to `links`."""
    drawn = np.minimum(1 + rng.lognormal(1.0, 0.8, links // 2 + 1).astype(np.int64), 200)
    ends = np.cumsum(drawn)
    sizes = drawn[: int(np.searchsorted(ends, links, side="right"))]
    rest = links - int(sizes.sum())
    return np.append(sizes, rest) if rest else sizes


def _stars(sizes: Numbers) -> Pairs:
    person = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    return Pairs(person, np.arange(len(person), dtype=np.int64), np.arange(len(sizes), dtype=np.int64), person)


def _chains(many: int) -> Pairs:
    """Each a path account, device, account ... of CHAIN links."""
    step = np.tile(np.arange(CHAIN, dtype=np.int64), many)
    person = np.repeat(np.arange(many, dtype=np.int64), CHAIN)
    accounts, devices = CHAIN // 2 + 1, CHAIN // 2
    return Pairs(
        person * accounts + (step + 1) // 2,
        person * devices + step // 2,
        np.repeat(np.arange(many, dtype=np.int64), accounts),
        np.repeat(np.arange(many, dtype=np.int64), devices),
    )


def _grown_together(rng: np.random.Generator, links: int) -> Pairs:
    """One component: each new account or device is seen with an earlier one of the other kind."""
    devices = links // 2
    accounts = links - devices
    new_device, new_account = np.arange(devices, dtype=np.int64), np.arange(1, accounts + 1, dtype=np.int64)
    of_device = (rng.random(devices) * (np.minimum(new_device, accounts) + 1)).astype(np.int64)
    of_account = (rng.random(accounts) * np.minimum(new_account, devices)).astype(np.int64)
    return Pairs(
        np.append(of_device, new_account), np.append(new_device, of_account),
        np.zeros(accounts + 1, np.int64), np.zeros(devices, np.int64),
    )  # fmt: skip


def _side_by_side(parts: list[Pairs]) -> Pairs:
    accounts = np.cumsum([0, *(len(part.person_of_account) for part in parts)])
    devices = np.cumsum([0, *(len(part.person_of_device) for part in parts)])
    people = np.cumsum([0, *(int(part.person_of_account.max()) + 1 for part in parts)])
    return Pairs(
        np.concatenate([part.account + start for part, start in zip(parts, accounts, strict=False)]),
        np.concatenate([part.device + start for part, start in zip(parts, devices, strict=False)]),
        np.concatenate([part.person_of_account + start for part, start in zip(parts, people, strict=False)]),
        np.concatenate([part.person_of_device + start for part, start in zip(parts, people, strict=False)]),
    )


def _joined(left: Numbers, right: Numbers, people: int) -> Numbers:
    """What each person becomes where pairs of people turn out to be one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left)), (left, right)), shape=(people, people))
    labels: Numbers = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels
