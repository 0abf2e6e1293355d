"""What the engine must find in the sample shop, worked out in plain Python from what the generator knows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sample_data.facts import Bad, Card, Click, Customer, Fact, Order, SourceFile

PRIORITY = ("crm_id", "loyalty_id", "email", "phone", "ecid")
PERSON_NAMESPACES = frozenset({"crm_id", "loyalty_id", "email", "phone"})
PERSONS_PER_VALUE = {"email": 4, "phone": 2, "ecid": 3}
BLOCKED = frozenset({("email", "test@test.com"), ("ecid", "anonymous")})
Identifier = tuple[str, str]


@dataclass
class Profile:
    """One profile: its identifiers, the current records of its customers and cards, and its events."""

    identifiers: frozenset[Identifier]
    customers: list[Customer] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)


def identifiers_of(fact: Fact) -> list[Identifier]:
    """The accepted identifiers on a fact, highest priority first, in normal form."""
    values: dict[str, str | None] = {}
    if isinstance(fact, Customer):
        values = {"crm_id": fact.crm_id, "email": fact.email, "phone": fact.phone}
    elif isinstance(fact, Card):
        values = {"crm_id": fact.crm_id, "loyalty_id": fact.card, "email": fact.email}
    elif isinstance(fact, Order):
        values = {"crm_id": fact.crm_id, "loyalty_id": fact.card, "email": fact.email, "ecid": fact.ecid}
    else:
        values = {"email": fact.email, "ecid": fact.ecid}
    found = []
    for namespace in PRIORITY:
        value = values.get(namespace)
        if value is None:
            continue
        identifier = (namespace, _normal(namespace, value))
        if identifier in BLOCKED or (namespace == "ecid" and not re.fullmatch("[0-9]{38}", identifier[1])):
            continue
        found.append(identifier)
    return found


def _normal(namespace: str, value: str) -> str:
    if namespace == "email":
        return value.strip().lower()
    if namespace == "phone":
        return "+" + re.sub("[^0-9]", "", value).removeprefix("00")
    return value.strip()


class Groups:
    """Union-find over hashable things."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}

    def of(self, item: object) -> object:
        self._parent.setdefault(item, item)
        while self._parent[item] != item:
            self._parent[item] = item = self._parent[self._parent[item]]
        return item

    def join(self, items: Iterable[object]) -> None:
        first, *others = items
        for other in others:
            self._parent[self.of(other)] = self.of(first)

    def all(self) -> list[list[object]]:
        groups = defaultdict(list)
        for item in list(self._parent):
            groups[self.of(item)].append(item)
        return list(groups.values())


def over_limit(records: list[list[Identifier]], namespace: str, limit: int) -> set[Identifier]:
    """Values that were seen with more than `limit` persons, persons being what the other person namespaces join."""
    persons = Groups()
    for record in records:
        others = [i for i in record if i[0] in PERSON_NAMESPACES and i[0] != namespace]
        if others:
            persons.join(others)
    seen_with = defaultdict(set)
    for record in records:
        others = [i for i in record if i[0] in PERSON_NAMESPACES and i[0] != namespace]
        for identifier in record:
            if identifier[0] == namespace and others:
                seen_with[identifier].add(persons.of(others[0]))
    return {identifier for identifier, with_persons in seen_with.items() if len(with_persons) > limit}


def current_facts(files: list[SourceFile]) -> list[Fact]:
    """The facts that count: no bad row, no copied file, each event once, the newest version of each customer."""
    kept: dict[tuple[str, str], Fact] = {}
    for file in files:
        for row in file.rows:
            if isinstance(row, Bad) or file.copy_of:
                continue
            key = _key(row)
            before = kept.get(key)
            if isinstance(row, Customer) and isinstance(before, Customer) and before.updated_at >= row.updated_at:
                continue
            kept[key] = row
    return list(kept.values())


def _key(fact: Fact) -> tuple[str, str]:
    if isinstance(fact, Customer):
        return "customer", fact.crm_id
    if isinstance(fact, Card):
        return "card", fact.card
    return ("order", fact.order_id) if isinstance(fact, Order) else ("click", fact.event_id)


def profiles_of(facts: list[Fact]) -> list[Profile]:
    """Exact matching under the shipped rules: what shares an identifier is one profile, unless the value is over its limit."""
    records = [identifiers_of(fact) for fact in facts]
    joins_nobody = {i for namespace, limit in PERSONS_PER_VALUE.items() for i in over_limit(records, namespace, limit)}
    groups = Groups()
    for record in records:
        for identifier in record:
            groups.of(identifier)
        linking = [identifier for identifier in record if identifier not in joins_nobody]
        if linking:
            groups.join(linking)
    by_group: dict[object, Profile] = {}
    for group in groups.all():
        by_group[groups.of(group[0])] = Profile(frozenset(group))  # type: ignore[arg-type]
    for fact, record in zip(facts, records, strict=True):
        if not record:
            continue
        profile = by_group[groups.of(record[0])]
        if isinstance(fact, Customer):
            profile.customers.append(fact)
        elif isinstance(fact, Card):
            profile.cards.append(fact)
        elif isinstance(fact, Order):
            profile.orders.append(fact)
        else:
            profile.clicks.append(fact)
    return list(by_group.values())


def files_read(files: list[SourceFile]) -> dict[str, dict[str, object]]:
    """Per file: rows read, accepted, rejected with their codes, and accepted rows without any identifier."""
    read: dict[str, dict[str, object]] = {}
    for file in files:
        bad = [row for row in file.rows if isinstance(row, Bad)]
        good = [row for row in file.rows if not isinstance(row, Bad)]
        codes = Counter(code for row in bad for code, _ in row.reasons)
        read[file.path] = {
            "dataset": file.dataset, "source": file.source, "copy_of": file.copy_of, "read": len(file.rows),
            "accepted": len(good), "rejected": len(bad), "reasons": dict(sorted(codes.items())),
            "no_identity": sum(not identifiers_of(fact) for fact in good),
        }  # fmt: skip
    return read


def revenue(facts: list[Fact]) -> Decimal:
    """The sum over all orders that landed, whoever placed them and whenever."""
    return sum((fact.amount for fact in facts if isinstance(fact, Order)), Decimal(0))
