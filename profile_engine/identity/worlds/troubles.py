"""What goes wrong in a made-up world, each kind told as events on top of ordinary days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from profile_engine.identity.simulation.events import Given
from profile_engine.identity.worlds.people import COOKIE, DAYS, EMAIL, PHONE, Person, Story

Trouble = Callable[[Story, Sequence[Person]], set[int]]
"""Tells a trouble and gives the people whom it befell."""
_BOT_VISITS = 20


def households(story: Story, people: Sequence[Person]) -> set[int]:
    """Two to four people give one landline, and half of the families one e-mail address: 15 % of the people."""
    befallen = story.some(0.15, at_least=4)
    families, rest = [], list(befallen)
    while rest:
        size = story.draw.choice((2, 2, 3, 4))
        families.append(rest[:size])
        rest = rest[size:]
    for family in families:
        landline = story.new(PHONE, None, f"landline{family[0]}")
        address = story.new(EMAIL, None, f"family{family[0]}") if story.draw.random() < 0.5 else None
        for member in family:
            story.see(story.moment(30), people[member].login, landline)
            story.see(story.moment(30), people[member].login, address)
    return set(befallen)


def shared_devices(story: Story, people: Sequence[Person]) -> set[int]:
    """Pairs log in on one browser in turn (6 % of the people), and a tablet in a shop is used by twenty."""
    befallen = story.some(0.06, at_least=2)
    for one, other in zip(befallen[::2], befallen[1::2], strict=False):
        cookie = story.new(COOKIE, None)
        for person in (one, other, one):
            story.see(story.moment(30), people[person].login, cookie)
        story.see(story.moment(30), cookie)
    tablet = story.new(COOKIE, None)
    guests = story.draw.sample(range(story.people), min(20, story.people))
    for guest in guests:
        story.see(story.moment(30), people[guest].login, tablet)
    return {*befallen, *guests}


def recycled_phones(story: Story, people: Sequence[Person]) -> set[int]:
    """Somebody gives up a number, and another person gets it: 4 % of the people."""
    befallen = story.some(0.04, at_least=2)
    for old, new in zip(befallen[::2], befallen[1::2], strict=False):
        number = people[old].phone
        if number is None:
            return set()
        story.see(story.moment(40, 50), people[old].login, story.new(PHONE, old))
        story.see(story.moment(60), people[new].login, story.own(number, new))
    return set(befallen)


def bots(story: Story, people: Sequence[Person]) -> set[int]:
    """A script with one cookie types the addresses of twenty people; one script for 150 people."""
    befallen: set[int] = set()
    for _ in range(max(1, story.people // 150)):
        cookie, day = story.new(COOKIE, None), story.draw.randrange(30, DAYS - 1)
        for victim in story.draw.sample(range(story.people), min(_BOT_VISITS, story.people)):
            story.see(story.moment(day, day + 1), people[victim].email, cookie)
            befallen.add(victim)
    return befallen


def typos(story: Story, people: Sequence[Person]) -> set[int]:
    """An address is misspelt at a login (8 % of the people); one in four misspelt addresses is somebody else's."""
    befallen = set()
    for number in story.some(0.08, at_least=4):
        person = people[number]
        befallen.add(number)
        if story.draw.random() < 0.25:
            other = people[story.draw.randrange(story.people)]
            befallen.add(other.number)
            story.see(story.moment(30), other.email, person.cookie)
        else:
            story.see(story.moment(30), story.new(EMAIL, number, f"typo{number}"), person.cookie)
    return befallen


def gmail_spellings(story: Story, people: Sequence[Person]) -> set[int]:
    """One mailbox is written with dots, without, with a tag and in capitals, each on a device of its own (8 %)."""
    if not story.roles.addresses:
        return set()
    befallen = set(story.some(0.08, at_least=2))
    namespace = story.roles.played[EMAIL][0]
    for number in sorted(befallen):
        spellings = (
            f"per.son.{number}@gmail.com", f"person{number}@gmail.com", f"per.son.{number}+shop@gmail.com",
            f"Per.Son.{number}@Gmail.com",
        )  # fmt: skip
        story.see(story.moment(30), people[number].login, story.own((namespace, spellings[0]), number))
        for spelling in spellings[1:]:
            story.see(story.moment(30), story.own((namespace, spelling), number), story.new(COOKIE, number))
    return befallen


def several_cookies(story: Story, people: Sequence[Person]) -> set[int]:
    """A second browser logs in with the address (30 % of the people), and a third one never does."""
    befallen = set(story.some(0.3, at_least=2))
    for number in sorted(befallen):
        second: Given | None = story.new(COOKIE, number)
        story.see(story.moment(30), people[number].email, second)
        story.see(story.moment(30), people[number].device, story.new(COOKIE, number))
    return befallen


TROUBLES: dict[str, Trouble] = {
    trouble.__name__: trouble
    for trouble in (households, shared_devices, recycled_phones, bots, typos, gmail_spellings, several_cookies)
}
