"""Who lives in a made-up world: their identifiers in a project's namespaces, and what they do on ordinary days."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from profile_engine.identity.simulation.events import Given
from profile_engine.identity.simulation.made_up_values import Form, namespace_of_kind, value_form
from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.namespace_rules import Namespaces

DAYS = 90
_DAY = 86_400
CUSTOMER, CARD, EMAIL, PHONE, COOKIE, DEVICE = "customer", "card", "email", "phone", "cookie", "device"


@dataclass(frozen=True)
class Roles:
    """Which namespace plays which part, with the form of its values; a part that no namespace can play is missing."""

    played: dict[str, tuple[str, Form]]
    addresses: bool
    """E-mail addresses stand as such, so that they can be spelt in several ways."""

    @classmethod
    def of(cls, namespaces: Namespaces) -> Roles:
        """Raises ConfigurationError for a namespace that no made-up value fits."""
        people = [config.name for config in namespaces.configs if config.kind == "person"]
        names = {
            CUSTOMER: people[0] if people else None,
            CARD: people[1] if len(people) > 1 else None,
            EMAIL: namespace_of_kind(namespaces, "email"),
            PHONE: namespace_of_kind(namespaces, "phone"),
            COOKIE: namespace_of_kind(namespaces, "cookie"),
            DEVICE: namespace_of_kind(namespaces, "device"),
        }
        played = {role: (name, value_form(namespaces, name)) for role, name in names.items() if name is not None}
        email = names[EMAIL]
        return cls(played, email is not None and refusal(namespaces, email, "a.b+c@gmail.com")[1] is None)


@dataclass
class Story:
    """A world while it is told: who owns what, and what was seen when."""

    draw: Random
    roles: Roles
    people: int
    told: list[tuple[int, tuple[Given, ...]]] = field(default_factory=list)
    """(second, identifiers) in the order of telling."""
    owners: dict[Given, int | None] = field(default_factory=dict)
    """The one person that a value belongs to; None: several, or nobody."""
    touched: dict[str, set[int]] = field(default_factory=dict)
    """By trouble, whom it befell."""
    numbers: int = 0

    def new(self, role: str, owner: int | None, word: str = "") -> Given | None:
        """A value that was not there before; None where the project has no namespace for it."""
        if role not in self.roles.played:
            return None
        namespace, form = self.roles.played[role]
        self.numbers += 1
        return self.own((namespace, form(word or f"{role}{self.numbers}", self.numbers)), owner)

    def own(self, given: Given, owner: int | None) -> Given:
        self.owners[given] = owner if self.owners.get(given, owner) == owner else None
        return given

    def see(self, at: int, *given: Given | None) -> None:
        """An event with those of the values that there are."""
        known = tuple(one for one in given if one is not None)
        if known:
            self.told.append((at, known))

    def moment(self, first: int = 0, last: int = DAYS) -> int:
        """Some second between two days."""
        return self.draw.randrange(first * _DAY, last * _DAY)

    def some(self, share: float, at_least: int = 0) -> list[int]:
        """So large a share of the people, drawn without repetition."""
        return self.draw.sample(range(self.people), min(self.people, max(round(share * self.people), at_least)))


@dataclass(frozen=True)
class Person:
    """The identifiers of one person; None for what they or the project do not have."""

    number: int
    customer: Given | None
    card: Given | None
    email: Given | None
    phone: Given | None
    cookie: Given | None
    device: Given | None

    @property
    def login(self) -> Given | None:
        """What a person is known by when they log in."""
        return self.customer or self.email or self.card or self.phone


def settle(story: Story) -> list[Person]:
    """The people of the world, each with their ordinary days: a customer record, perhaps a card and an app, two logins and
    some browsing. Nine of ten are customers; who is none is known by an e-mail address."""
    everybody = []
    for number in range(story.people):
        known = story.draw.random() < 0.9 or EMAIL not in story.roles.played
        person = Person(
            number,
            story.new(CUSTOMER, number) if known else None,
            story.new(CARD, number) if story.draw.random() < 0.4 else None,
            story.new(EMAIL, number),
            story.new(PHONE, number),
            story.new(COOKIE, number),
            story.new(DEVICE, number) if story.draw.random() < 0.3 else None,
        )
        everybody.append(person)
        start = story.moment(0, 30)
        story.see(start, person.customer, person.email, person.phone)
        if person.card is not None:
            named_by = person.customer if story.draw.random() < 0.7 else person.email
            story.see(story.moment(30), person.card, named_by or person.login)
        if person.device is not None:
            story.see(story.moment(30), person.login, person.device)
        for _ in range(2):
            story.see(story.moment(30), person.login, person.cookie)
        story.see(story.moment(30), person.cookie)
    return everybody
