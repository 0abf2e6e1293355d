"""Candidates for an attribute: the values that a person's fragments bring, and how one of them comes first.

All strategies work on the same rows: parallel numpy arrays over the fragments of many people, grouped by person. Of the
values of one key of a map, a group is a person's key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Order:
    """Rows by group, in each group the one that comes first standing last; `starts` says where each group begins."""

    rows: Whole
    starts: Whole
    groups: Whole


@dataclass(frozen=True)
class Candidates:
    """Rows that may give a value. A row's time for the customer is `source_time`, or the time of ingestion without one.

    Ties of an order go to the dataset that stands earlier in the project, then to the greater batch_id and record_id
    (`latecomer`), so that the order is total and the order of rows changes nothing.
    """

    groups: Whole
    """The group of each row, from 0."""
    number_of_groups: int
    dataset_no: Whole
    customer_time: Whole
    ingested_at: Whole
    latecomer: Whole
    """Rises with (batch_id, record_id) among rows of one group and dataset."""
    _orders: dict[object, Order] = field(default_factory=dict)

    def time(self, kind: str) -> Whole:
        """`source_time`, the customer's, or `ingested_at`."""
        return self.ingested_at if kind == "ingested_at" else self.customer_time

    def newest(self, kind: str) -> Order:
        """By one of the two times, the newest coming first."""
        return self._order(kind, lambda: (np.arange(len(self.groups)), self._keys(self.time(kind))))

    def of_datasets(self, numbers: tuple[int, ...]) -> Order:
        """By datasets in this order, the newest for the customer coming first in each; rows of others are left out."""

        def listed() -> tuple[Whole, Sequence[Whole]]:
            place = np.full(int(max(self.dataset_no.max(initial=0), *numbers, 0)) + 1, -1, dtype=np.int64)
            place[list(numbers)] = np.arange(len(numbers))
            places = place[self.dataset_no]
            return np.flatnonzero(places >= 0), (*self._keys(self.customer_time), -places)

        return self._order(numbers, listed)

    def by(self, key: Whole, among: Mask) -> Order:
        """By the greatest key, then the newest for the customer; only rows of `among`."""
        place = np.empty(len(self.groups), dtype=np.int64)
        newest = self.newest("source_time").rows
        place[newest] = np.arange(len(newest))
        return _ordered(self.groups, np.flatnonzero(among), (place, key))

    def winners(self, order: Order, present: Mask) -> Whole:
        """The row of each group that comes first among those with a value; -1 where no row has one."""
        won = np.full(self.number_of_groups, -1, dtype=np.int64)
        if len(order.rows):
            places = np.where(present[order.rows], np.arange(len(order.rows)), -1)
            last = np.maximum.reduceat(places, order.starts)
            won[order.groups] = np.where(last >= 0, order.rows[last], -1)
        return won

    def regrouped(self, rows: Whole, groups: Whole, number_of_groups: int) -> Candidates:
        """These rows (one may come more than once) as candidates of other groups."""
        return Candidates(
            groups, number_of_groups, self.dataset_no[rows], self.customer_time[rows], self.ingested_at[rows],
            self.latecomer[rows],
        )  # fmt: skip

    def _keys(self, time: Whole) -> tuple[Whole, ...]:
        return self.latecomer, -self.dataset_no, time

    def _order(self, name: object, made_of: Callable[[], tuple[Whole, Sequence[Whole]]]) -> Order:
        if name not in self._orders:
            rows, keys = made_of()
            self._orders[name] = _ordered(self.groups, rows, keys)
        return self._orders[name]


def _ordered(groups: Whole, rows: Whole, keys: Sequence[Whole]) -> Order:
    """The last key counts most."""
    rows = rows[np.lexsort([*(key[rows] for key in keys), groups[rows]])]
    in_order = groups[rows]
    starts = np.flatnonzero(np.diff(in_order, prepend=-1))
    return Order(rows, starts, in_order[starts])
