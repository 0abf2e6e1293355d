"""The people of an evaluation: who they are, and their attributes under each merge policy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.rules.arrow_columns import column_of
from profile_engine.rules.columns import Column, Mask, Whole
from profile_engine.rules.syntax import Attribute


@dataclass
class People:
    """`profile_ids` are distinct, in the order of first appearance; a person has one row per merge policy at most."""

    profile_ids: pa.Array
    rows: pa.Table
    person_of_row: Whole
    _columns: dict[tuple[str, str | None], Column] = field(default_factory=dict)
    _rows_under: dict[str | None, Whole] = field(default_factory=dict)
    _under: dict[str | None, Mask] = field(default_factory=dict)

    @classmethod
    def of(cls, profiles: pa.Table) -> People:
        """`profiles`: a row per person and merge policy, with `profile_id`, `merge_policy` if there is more than one, and
        a column per attribute, named by its path."""
        coded = profiles.column("profile_id").combine_chunks().dictionary_encode()
        return cls(coded.dictionary, profiles, np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.profile_ids)

    def number(self, profile_ids: pa.ChunkedArray) -> Whole:
        """The place of each profile id among the people; -1 for somebody else."""
        found = pc.index_in(profile_ids.combine_chunks(), value_set=self.profile_ids).fill_null(-1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)

    def under(self, merge_policy: str | None) -> Mask:
        """Who is there under a merge policy; None stands for the only one."""
        if merge_policy not in self._under:
            self._under[merge_policy] = self._row_of_person(merge_policy) >= 0
        return self._under[merge_policy]

    def column(self, source: Attribute, merge_policy: str | None) -> Column:
        """An attribute of everybody, missing for those who are not there under the policy."""
        key = (source.column, merge_policy)
        if key not in self._columns:
            values = column_of(self.rows.column(source.column), source.type)
            self._columns[key] = values.take(self._row_of_person(merge_policy))
        return self._columns[key]

    def _row_of_person(self, merge_policy: str | None) -> Whole:
        if merge_policy not in self._rows_under:
            chosen = np.full(len(self), -1, dtype=np.int64)
            rows = np.arange(self.rows.num_rows, dtype=np.int64)
            if merge_policy is not None and "merge_policy" in self.rows.column_names:
                policies = pc.equal(self.rows.column("merge_policy"), merge_policy).fill_null(False)
                rows = rows[np.asarray(policies.to_numpy(), dtype=np.bool_)]
            chosen[self.person_of_row[rows]] = rows
            self._rows_under[merge_policy] = chosen
        return self._rows_under[merge_policy]
