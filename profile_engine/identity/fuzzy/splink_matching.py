"""Records to pairs of records that are probably one person, by Splink's model of Fellegi and Sunter."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from profile_engine.errors import PlatformError

if TYPE_CHECKING:
    from splink.internals.comparison_creator import ComparisonCreator

    from profile_engine.identity.config import FuzzyConfig

RECORD = "record"
PAIR = pa.schema([("left_id", pa.int64()), ("right_id", pa.int64()), ("probability", pa.float64())])
_SEED = 1
_MOST_SAMPLED = 2_000_000
"""Pairs from which it is learnt how often strangers agree; as many as give the same model within a digit."""
_RECALL = 0.7
"""Assumed share of true pairs that agree on all fields of a candidate rule; the answer hardly depends on it."""
_DIGITS = 6


def need_splink() -> None:
    """Raises PlatformError that says how to get Splink."""
    if find_spec("splink") is None:
        raise PlatformError(
            "fuzzy links (conf/identity/stitching.yaml: fuzzy) need Splink, which is not installed here; "
            "run: pip install 'profile-engine[fuzzy]'"
        )


def matched_pairs(records: pa.Table, config: FuzzyConfig) -> pa.Table:
    """Pairs of records with a probability of at least `config.at_least`.

    records  `record int64`, distinct, and a text column for each field of `config.compare`, null where not known
    returns  PAIR, left_id < right_id, in ascending order; probabilities rounded to six digits

    The model learns from these records alone (no labels), with a fixed seed, on one thread and in the order of `record`, so
    that the same records give the same pairs. Only pairs that agree on all fields of one of `config.candidates` are compared.
    """
    need_splink()
    if records.num_rows < 2:
        return PAIR.empty_table()
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    for chatty in ("splink", "sqlglot"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    # columns by number: a field may have the name of an SQL word, which Splink does not quote everywhere
    column = {field: f"field_{number}" for number, field in enumerate(config.compare)}
    rules = [block_on(*(column[field] for field in fields)) for fields in config.candidates]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(column[field], kind) for field, kind in config.compare.items()],
        blocking_rules_to_generate_predictions=rules,
        unique_id_column_name=RECORD,
        retain_matching_columns=False,
    )
    sorted_records = (
        records.sort_by(RECORD).select([RECORD, *config.compare]).rename_columns([RECORD, *column.values()])
    )
    linker = Linker(DuckDBAPI(connection=connection).register(sorted_records), settings, log_level=logging.ERROR)
    # a rule that no two records agree on teaches nothing, and leaves Splink's model without its comparisons
    agreeing = [
        rule for rule, fields in zip(rules, config.candidates, strict=True)
        if _some_agree(sorted_records.select([column[field] for field in fields]))
    ]  # fmt: skip
    if not agreeing:
        return PAIR.empty_table()
    linker.training.estimate_probability_two_random_records_match(agreeing, recall=_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=_MOST_SAMPLED, seed=_SEED)
    for rule in agreeing:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=config.at_least).as_pyarrow_table()
    return _in_order(found)


def _some_agree(fields: pa.Table) -> bool:
    """Whether two records have the same values in all of these columns."""
    known = fields.drop_null()
    return bool(known.num_rows > known.group_by(known.column_names).aggregate([]).num_rows)


def _comparison(field: str, kind: str) -> ComparisonCreator:
    import splink.comparison_library as compare

    makers: Mapping[str, Any] = {
        "exact": lambda: compare.ExactMatch(field).configure(term_frequency_adjustments=True),
        "name": lambda: compare.NameComparison(field),
        "date": lambda: compare.DateOfBirthComparison(field, input_is_string=True),
        "email": lambda: compare.EmailComparison(field),
        "text": lambda: compare.JaroWinklerAtThresholds(field, [0.92, 0.8]),
        "digits": lambda: compare.DamerauLevenshteinAtThresholds(field, [1, 2]),
    }
    made: ComparisonCreator = makers[kind]()
    return made


def _in_order(found: pa.Table) -> pa.Table:
    """The pairs as PAIR; Splink gives the ends in the order in which it read them."""
    import numpy as np

    one, other = (found[f"{RECORD}_{side}"].to_numpy() for side in ("l", "r"))
    pairs = pa.table(
        {
            "left_id": np.minimum(one, other).astype("int64"),
            "right_id": np.maximum(one, other).astype("int64"),
            "probability": np.round(found["match_probability"].to_numpy().astype("float64"), _DIGITS),
        },
        schema=PAIR,
    )
    return pairs.sort_by([("left_id", "ascending"), ("right_id", "ascending")])
