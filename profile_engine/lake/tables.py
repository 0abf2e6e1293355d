"""The map of the system: every table with its columns, key, writer, layout, and how a person is found in it.

A stage reads some of these tables and writes some; nothing else joins the stages. Columns that depend on the project
(`raw_<dataset>`, the attributes of `profile`, the fields of `timeline`) are added by the stage that writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table. `columns` is DDL; `open_columns` says that the writer adds columns of the project's own."""

    name: str
    a_row_is: str
    columns: str
    key: tuple[str, ...]
    written_by: str
    person_by: str | None
    """The column through which a person's rows are found, or None where no person is in it."""
    open_columns: bool = False
    partitioned_by: tuple[str, ...] = ()
    clustered_by: tuple[str, ...] = ()
    """What maintenance sorts files by when it compacts."""
    rolled_back: bool = True
    """False for the records of what really happened: never undone with a refused or dead run."""
    change_feed: bool = False
    kept: Literal["always", "releases"] = "releases"

    @property
    def skipped_by(self) -> tuple[str, ...]:
        """The columns whose least and greatest value each file tells, so that readers pass over files. To find them for every
        column, as Delta does when it isn't told, took a fifth of the time in which a timeline was written."""
        return self.clustered_by or self.key


RAW_PREFIX = "raw_"
RAW_SYSTEM_COLUMNS = (
    "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
)  # fmt: skip


def raw_table(dataset: str) -> TableEntry:
    """The entry of one dataset's raw table: the schema's fields, nested, before the system columns."""
    return TableEntry(
        RAW_PREFIX + dataset, "a record's current version, or an event", RAW_SYSTEM_COLUMNS, ("record_id",),
        "ingest_datasets", "owner_id", open_columns=True, change_feed=True,
    )  # fmt: skip


_ENTRIES = (
    TableEntry(
        "batch",
        "a list of files planned for one source in one run; written as loading before any row lands",
        "batch_id string, dataset string, source string, status string, reason string, "
        "files array<struct<path:string,size:bigint,modified_at:timestamp,sha256:string>>, read bigint, "
        "accepted bigint, rejected bigint, no_identity bigint, planned_as_of timestamp, run_id string, fence bigint",
        ("batch_id",),
        "ingest_datasets",
        None,
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "quarantine",
        "a rejected record as it came, with all its reasons",
        "dataset string, source string, batch_id string, file string, row_sha256 string, occurrence int, "
        "record string, reasons array<struct<code:string,path:string,message:string>>, rejected_at timestamp",
        ("dataset", "batch_id", "file", "row_sha256", "occurrence"),
        "ingest_datasets",
        "record",
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "identifier",
        "a known identifier, a row once and for all; second_hash marks values that shared their first hash",
        "identifier_id bigint, namespace string, value string, first_seen_at timestamp, second_hash boolean",
        ("identifier_id",),
        "resolve_identity",
        "identifier_id",
    ),
    TableEntry(
        "sighting",
        "identifiers seen together on one record at one time; outlives raw",
        "dataset string, record_id string, seen_at timestamp, identifier_ids array<bigint>, "
        "dropped array<struct<namespace:string,value:string,reason:string>>, batch_id string",
        ("dataset", "record_id", "seen_at"),
        "resolve_identity",
        "identifier_ids",
    ),
    TableEntry(
        "link",
        "two identifiers seen together on a record, or (with a probability) records alike; left_id < right_id; state is live "
        "or dropped",
        "left_id bigint, right_id bigint, first_seen_at timestamp, datasets array<string>, state string, reason string, "
        "probability double",
        ("left_id", "right_id"),
        "resolve_identity",
        "left_id",
        clustered_by=("left_id",),
    ),
    TableEntry(
        "identity_map",
        "the profile that an identifier belongs to",
        "identifier_id bigint, profile_id string",
        ("identifier_id",),
        "resolve_identity",
        "identifier_id",
        clustered_by=("identifier_id",),
        change_feed=True,
    ),
    TableEntry(
        "identity_change",
        "what happened to a profile id in a run: minted, merged_into, split_from or moved",
        "change string, profile_id string, profile_no bigint, other_profile_id string, identifier_id bigint, "
        "anchor_id bigint, anchor_priority int, minted_at timestamp, at timestamp, run_id string",
        (),
        "resolve_identity",
        "profile_id",
        change_feed=True,
        kept="always",
    ),
    TableEntry(
        "identity_figure",
        "a figure of the whole identity graph, such as its profiles in a class of sizes",
        "figure string, of string, value bigint",
        ("figure", "of"),
        "resolve_identity",
        None,
    ),
    TableEntry(
        "profile",
        "one person under one merge policy",
        "profile_id string, profile_no bigint, merge_policy string, "
        "identities array<struct<namespace:string,value:string>>, "
        "provenance array<struct<dataset:string,record_id:string,time:timestamp,paths:array<string>>>",
        ("profile_id", "merge_policy"),
        "build_profiles",
        "profile_id",
        open_columns=True,
        clustered_by=("profile_id",),
        change_feed=True,
    ),
    TableEntry(
        "merge_policy_version",
        "a merge policy's definition by content, with the time from which profiles were merged by it",
        "merge_policy string, version int, content_hash string, definition string, default boolean, valid_from timestamp, "
        "run_id string",
        ("merge_policy", "version"),
        "build_profiles",
        None,
        kept="always",
    ),
    TableEntry(
        "timeline",
        "an event, narrow: owner, type, time and the fields that rules name",
        "bucket int, owner_id bigint, event_type string, occurred_at timestamp, dataset string, record_id string",
        ("dataset", "record_id"),
        "build_profiles",
        "owner_id",
        open_columns=True,
        partitioned_by=("bucket",),
        clustered_by=("owner_id", "occurred_at"),
        change_feed=True,
    ),
    TableEntry(
        "evaluation_state",
        "when a profile was evaluated last, and the instant before which time alone changes none of its answers",
        "profile_id string, evaluated_as_of timestamp, program_hash string, next_change_at timestamp",
        ("profile_id",),
        "evaluate_segments",
        "profile_id",
        clustered_by=("profile_id",),
    ),
    TableEntry(
        "evaluated_rule",
        "a segment's rule as everybody was last evaluated by it (no content hash: it was set aside), with how many members it has",
        "segment_no int, content_hash string, members bigint",
        ("segment_no",),
        "evaluate_segments",
        None,
    ),
    TableEntry(
        "membership",
        "the segments that a profile is in: parallel arrays of segment number and time of entry",
        "profile_id string, profile_no bigint, segments array<int>, entered_at array<timestamp>",
        ("profile_id",),
        "evaluate_segments",
        "profile_id",
        clustered_by=("profile_id",),
        change_feed=True,
    ),
    TableEntry(
        "membership_change",
        "the segments that a profile entered and left at a time; beside each that it left, when it had entered",
        "profile_id string, profile_no bigint, at timestamp, entered array<int>, left array<int>, "
        "left_entered_at array<timestamp>, run_id string",
        ("profile_id", "at"),
        "evaluate_segments",
        "profile_id",
        kept="always",
    ),
    TableEntry(
        "segment_version",
        "a segment's definition by content, in words, with its number",
        "segment string, segment_no int, version int, content_hash string, name string, definition string, "
        "sentence string, merge_policy string, evaluation_method string, method_reason string, valid_from timestamp, "
        "run_id string",
        ("segment", "version"),
        "evaluate_segments",
        None,
        kept="always",
    ),
    TableEntry(
        "segment_bitmap",
        "a segment's members among 65,536 people, by profile_no: a container of the Roaring format",
        "segment_no int, bucket bigint, members int, bitmap binary",
        ("segment_no", "bucket"),
        "evaluate_segments",
        None,
        clustered_by=("segment_no",),
    ),
    TableEntry(
        "outbox",
        "a part of an audience that will be sent",
        "batch_key string, position int, destination string, audience string, segment string, operation string, "
        "as_of timestamp, rows bigint, members bigint, withheld array<struct<reason:string,rows:bigint>>, "
        "mapping_hash string, membership_version bigint, profile_version bigint, run_id string",
        ("batch_key", "position"),
        "deliver_audiences",
        None,
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "receipt",
        "what became of a part: accepted, rejected, retry or unknown",
        "batch_key string, position int, attempt int, destination string, audience string, outcome string, "
        "code string, location string, rows bigint, bytes bigint, sha256 string, sent_at timestamp, run_id string",
        ("batch_key", "position", "attempt"),
        "deliver_audiences",
        None,
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "delivery_ledger",
        "a part of an audience's last delivery, its members pinned by table versions",
        "destination string, audience string, position int, batch_key string, operation string, as_of timestamp, "
        "rows bigint, members bigint, membership_version bigint, profile_version bigint, mapping_hash string, run_id string",
        ("destination", "audience", "position"),
        "deliver_audiences",
        None,
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "run",
        "a run's record, written when it opens and when it ends",
        "run_id string, job string, as_of timestamp, status string, started_at timestamp, ended_at timestamp, "
        "fence bigint, release_id bigint, figures string, error string",
        ("run_id",),
        "every job",
        None,
        rolled_back=False,
        kept="always",
    ),
    TableEntry(
        "release",
        "the set of table versions that belong together, with the inputs of each stage",
        "release_id bigint, run_id string, as_of timestamp, tables map<string,bigint>, "
        "inputs map<string,map<string,bigint>>, configurations map<string,string>, stage_times map<string,timestamp>, "
        "published_at timestamp, lake_format int",
        ("release_id",),
        "every job",
        None,
        rolled_back=False,
        kept="always",
    ),
)

TABLES: dict[str, TableEntry] = {entry.name: entry for entry in _ENTRIES}


def table_entry(name: str) -> TableEntry:
    """The entry of a table by name; raises KeyError for a name that is not on the map."""
    if name.startswith(RAW_PREFIX):
        return raw_table(name.removeprefix(RAW_PREFIX))
    return TABLES[name]
