"""The population as source files: CSV of customers and orders, Parquet of cards, JSON lines of clicks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.population import CATEGORIES, CONSENTS, COUNTRIES, TIERS, WEB_TYPES, Numbers, Population

FIRST_NAMES = ("Ada", "Bo", "Cem", "Dora", "Emil", "Fay", "Gus", "Hedy")
PLAIN = pa_csv.WriteOptions(quoting_style="none")


def crm_id(person: int) -> str:
    return f"C{person:08d}"


def email(person: int) -> str:
    return f"person{person}@mail{person % 50}.example"


def phone(person: int) -> str:
    return f"+49151{person:08d}"


def loyalty_id(person: int) -> str:
    return f"L{person:08d}"


def ecid(browser: int, seed: int) -> str:
    return f"{seed:06d}{browser:032d}"


def write_sources(population: Population, folder: Path, files: int) -> None:
    """Writes crm, loyalty, orders and web below `folder`, each in at most `files` files of equal size."""
    for name in ("crm", "loyalty", "orders", "web"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, part in _parts(len(population.people), files):
        pa_csv.write_csv(_customers(population, part), folder / "crm" / f"customers_{number:03}.csv", PLAIN)
    cards = np.flatnonzero(population.people.has_card)
    for number, part in _parts(len(cards), files):
        pq.write_table(_cards(population, cards[part]), folder / "loyalty" / f"cards_{number:03}.parquet")
    for number, part in _parts(len(population.orders), files):
        options = pa_csv.WriteOptions(delimiter=";", quoting_style="none")
        pa_csv.write_csv(_orders(population, part), folder / "orders" / f"orders_{number:03}.csv", options)
    for number, part in _parts(len(population.clicks), files):
        with (folder / "web" / f"clicks_{number:03}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(_clicks(population, part))


def _parts(rows: int, files: int) -> Iterator[tuple[int, Numbers]]:
    for number, part in enumerate(np.array_split(np.arange(rows), files)):
        if len(part):
            yield number, part


def _times(seconds: Numbers) -> pa.Array:
    return pc.strftime(pa.array(seconds, pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")


def _customers(population: Population, part: Numbers) -> pa.Table:
    people = population.people
    emails = [email(person) if people.has_email[person] else "" for person in part]
    return pa.table({
        "crm_id": [crm_id(person) for person in part],
        "email": [text.upper() if person % 7 == 0 else text for person, text in zip(part, emails, strict=True)],
        "phone": [phone(person) if people.has_phone[person] else "" for person in part],
        "first_name": [FIRST_NAMES[person % len(FIRST_NAMES)] for person in part],
        "birth_date": [f"{1940 + person % 65}-{1 + person % 12:02}-{1 + person % 28:02}" for person in part],
        "status": np.where(people.closed[part], "closed", "active"),
        "city": [f"City {person % 500}" for person in part],
        "country": COUNTRIES[people.country[part]],
        "ad_consent": CONSENTS[people.ad_consent[part]],
        "updated_at": _times(people.updated_at[part]),
    })  # fmt: skip


def _cards(population: Population, part: Numbers) -> pa.Table:
    people = population.people
    by_crm_id = people.card_names_crm_id[part]
    return pa.table({
        "loyalty_id": [loyalty_id(person) for person in part],
        "crm_id": [crm_id(person) if known else None for person, known in zip(part, by_crm_id, strict=True)],
        "email": [None if known else email(person) for person, known in zip(part, by_crm_id, strict=True)],
        "first_name": [f"{FIRST_NAMES[person % len(FIRST_NAMES)]}ly" for person in part],
        "tier": TIERS[people.tier[part]],
        "points": pa.array(people.points[part], pa.int64()),
        "updated_at": pa.array(people.card_updated_at[part], pa.timestamp("s", tz="UTC")).cast(pa.timestamp("us", tz="UTC")),
    })  # fmt: skip


def _orders(population: Population, part: Numbers) -> pa.Table:
    orders = population.orders
    person, named_by = orders.person[part], orders.named_by[part]
    names = (crm_id, loyalty_id, email)
    columns = {
        column: [names[way](who) if way == place else "" for who, way in zip(person, named_by, strict=True)]
        for place, column in enumerate(("crm_id", "loyalty_id", "email"))
    }
    amounts = [
        f"{cents // 100}.{cents % 100:02}" if readable else "n/a"
        for cents, readable in zip(orders.cents[part], orders.readable[part], strict=True)
    ]
    return pa.table({
        "order_id": [f"O{number:09d}" for number in part],
        "ordered_at": _times(orders.at[part]),
        "category": CATEGORIES[orders.category[part]],
        "amount": amounts,
        **columns,
    })  # fmt: skip


def _clicks(population: Population, part: Numbers) -> Iterator[str]:
    clicks = population.clicks
    for number in part.tolist():
        browser = int(clicks.browser[number])
        click = {
            "event_id": f"W{number:09d}",
            "ts": datetime.fromtimestamp(int(clicks.at[number]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "type": str(WEB_TYPES[clicks.type[number]]),
            "category": str(CATEGORIES[clicks.category[number]]),
            "ecid": ecid(browser, population.seed),
        }
        if clicks.typed_email[number]:
            click["email"] = email(int(population.browsers.person[browser]))
        yield json.dumps(click) + "\n"
