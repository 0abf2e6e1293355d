"""The people of the sample shop: an ordinary crowd, and a cast of awkward cases at known places in it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

Choice = TypeVar("Choice")

FIRST_NAMES = (
    "Anna", "Bram", "Chloé", "Daan", "Eva", "Fenna", "Gijs", "Hanna", "Ilse", "Jürgen", "Karin", "Luuk", "Maëlle", "Noor",
    "Olivier", "Pien", "Quinten", "Ruben", "Sanne", "Thijs", "Ute", "Vera", "Wout", "Xavier", "Yara", "Zoë", "Łukasz", "Åse",
)  # fmt: skip
LAST_NAMES = (
    "de Vries", "Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Hendriks", "Müller",
    "Schmidt", "Weber", "Dubois", "Lefèvre", "Peeters", "Claes", "O'Neill", "Novák", "Hansen", "d'Hondt", "Dijkstra, jr.",
)  # fmt: skip
HOMES = (
    ("Amsterdam", "NL", 30), ("Rotterdam", "NL", 18), ("Utrecht", "NL", 14), ("Antwerpen", "BE", 10), ("Gent", "BE", 6),
    ("Köln", "DE", 9), ("Aachen", "DE", 5), ("Lille", "FR", 5), ("London", "GB", 3),
)  # fmt: skip
MAIL_HOSTS = (("freemail.example", 40), ("example.com", 30), ("example.org", 20), ("example.net", 10))
INTERESTS = ("running", "hiking", "cycling", "yoga", "climbing")
PEOPLE = 300

SHARED_LAPTOP = (1, 2)
"""A couple that shops on one laptop: two customers, one browser. They are joined."""
REUSED_PHONE = (20, 21)
"""One gave the number up, the other got it from the operator. They are joined."""
SHOP_TABLET = tuple(range(10, 18))
"""Checked out on the tablet of a shop: more persons than `persons_per_value` allows, so it joins nobody."""
SWITCHBOARD = tuple(range(30, 35))
"""Gave the number of their company's switchboard: joins nobody."""
OFFICE_ADDRESS = tuple(range(40, 46))
"""Gave the address of their office: joins nobody."""
TYPO = tuple(range(50, 56))
"""Their card has their address with two letters swapped, and no customer number: one person, two profiles."""
PLACEHOLDER = (60, 61, 62)
"""The cashier typed test@test.com: a blocked value."""
NO_ADDRESS = 90
"""Says yes to everything and can't be written to: no e-mail address anywhere."""
MIDNIGHT = {"after_month_end": 70, "before_month_start": 71, "window_edge": 72, "future": 73}
"""One order each, at an edge of the calendar or of a window."""
LATE_VERSION = 80
"""The later file holds an older version of this customer."""
TABLET_BROWSER = "9" * 37 + "1"


@dataclass(frozen=True)
class Person:
    """One person of flesh and blood; what the sources know of them is in `sources`."""

    number: int
    first_name: str
    last_name: str
    birth_date: date
    city: str
    country: str
    email: str | None
    phone: str | None
    crm_id: str | None
    card: str | None
    card_knows_customer: bool
    card_email: str | None
    tier: str
    points: int
    joined_on: date
    interests: tuple[str, ...]
    status: str
    consents: tuple[str | None, str | None, str | None]
    """To advertising, e-mail, analytics; None is a question that nobody asked."""
    browsers: tuple[str, ...]


def make_people(random_numbers: random.Random) -> list[Person]:
    """All people, the awkward ones at their places."""
    people = [_ordinary(number, random_numbers) for number in range(PEOPLE)]
    for number in (
        *SHARED_LAPTOP,
        *REUSED_PHONE,
        *SHOP_TABLET,
        *SWITCHBOARD,
        *OFFICE_ADDRESS,
        *TYPO,
        *MIDNIGHT.values(),
        LATE_VERSION,
    ):
        people[number] = _well_known(people[number])
    first, second = SHARED_LAPTOP
    people[second] = replace(people[second], browsers=people[first].browsers)
    first, second = REUSED_PHONE
    people[first] = replace(people[first], phone="+447700900020", status="closed")
    people[second] = replace(people[second], phone="+447700900020")
    for number in SWITCHBOARD:
        people[number] = replace(people[number], phone="+447700900999")
    for number in OFFICE_ADDRESS:
        people[number] = replace(people[number], email="office@company.example", card=None, card_email=None)
    for number in TYPO:
        email = people[number].email or ""
        swapped = email[1] + email[0] + email[2:]
        card = people[number].card or f"L{700000 + number}"
        people[number] = replace(people[number], card=card, card_email=swapped, card_knows_customer=False)
    for number in PLACEHOLDER:
        people[number] = replace(
            people[number], crm_id=f"C{10000 + number}", email="test@test.com", card=None, card_email=None
        )
    people[NO_ADDRESS] = replace(
        people[NO_ADDRESS], crm_id=f"C{10000 + NO_ADDRESS}", email=None, card=None, card_email=None, browsers=(), status="active",
        consents=("y", "y", "y"),
    )  # fmt: skip
    for number in MIDNIGHT.values():
        people[number] = replace(people[number], card=None, card_email=None)
    return people


def _ordinary(number: int, random_numbers: random.Random) -> Person:
    first, last = random_numbers.choice(FIRST_NAMES), random_numbers.choice(LAST_NAMES)
    city, country = _weighted(random_numbers, [((city, country), weight) for city, country, weight in HOMES])
    email = f"{_ascii(first)}.{_ascii(last)}{number}@{_weighted(random_numbers, MAIL_HOSTS)}"
    in_crm = random_numbers.random() < 0.9
    has_card = random_numbers.random() < 0.55
    knows_customer = in_crm and random_numbers.random() < 0.4
    consents = tuple(_weighted(random_numbers, (("y", yes), ("n", no), (None, unknown))) for yes, no, unknown in
                     ((60, 25, 15), (70, 15, 15), (80, 10, 10)))  # fmt: skip
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        birth_date=date(1945, 1, 1) + timedelta(days=random_numbers.randrange(22_500)),
        city=city,
        country=country,
        email=None if random_numbers.random() < 0.1 else email,
        phone=f"+447700900{number:03}" if random_numbers.random() < 0.7 else None,
        crm_id=f"C{10000 + number}" if in_crm else None,
        card=f"L{700000 + number}" if has_card else None,
        card_knows_customer=knows_customer,
        card_email=email if not knows_customer or random_numbers.random() < 0.5 else None,
        tier=_weighted(random_numbers, (("blue", 55), ("silver", 30), ("gold", 15))),
        points=random_numbers.randrange(0, 3000),
        joined_on=date(2026, 10, 31) - timedelta(days=random_numbers.randrange(900)),
        interests=tuple(interest for interest in INTERESTS if random_numbers.random() < 0.3),
        status="closed" if random_numbers.random() < 0.08 else "active",
        consents=consents,  # type: ignore[arg-type]
        browsers=tuple(browser(random_numbers) for _ in range(random_numbers.choice((0, 1, 1, 1, 2)))),
    )


def _well_known(person: Person) -> Person:
    """In the CRM, with an address and a browser of their own, so that the case shows what it is there to show."""
    email = person.email or f"{_ascii(person.first_name)}.{_ascii(person.last_name)}{person.number}@example.com"
    own = person.browsers or (f"5{person.number:037}",)
    return replace(
        person, crm_id=f"C{10000 + person.number}", email=email, browsers=own, card_email=email, status="active"
    )


def browser(random_numbers: random.Random) -> str:
    """An ECID: 38 digits."""
    return "".join(str(random_numbers.randrange(10)) for _ in range(38))


def _weighted(random_numbers: random.Random, choices: Sequence[tuple[Choice, int]]) -> Choice:
    """One of (choice, weight) pairs."""
    drawn = random_numbers.random() * sum(weight for _, weight in choices)
    for choice, weight in choices:
        drawn -= weight
        if drawn < 0:
            return choice
    return choices[-1][0]


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l").replace("å", "a"))
    return "".join(letter for letter in plain if "a" <= letter <= "z")
