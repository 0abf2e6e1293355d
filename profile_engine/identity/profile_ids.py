"""Profile ids as state: minted once from an anchor identifier, kept through merges, splits and rebuilds."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.lake.identity_changes import MERGED_INTO, MINTED, MOVED, SPLIT_FROM

CHANGE_COLUMNS = (
    "change string, profile_id string, profile_no bigint, other_profile_id string, identifier_id bigint, "
    "anchor_id bigint, anchor_priority int, minted_at timestamp"
)
_ID_DIGITS = 20
_BUCKETS = 64


def assigned_profiles(placed: DataFrame, at_home: DataFrame, minted_before: DataFrame, as_of: datetime) -> DataFrame:
    """The profile of every identifier.

    placed         (identifier_id bigint, component bigint, priority int, first_seen_at timestamp, before string): the
                   component of each identifier now, and its profile in the last graph (null: it had none)
    at_home        of `homes`
    minted_before  (profile_id string, profile_no bigint, anchor_id bigint, anchor_priority int, minted_at timestamp,
                   merged_away boolean), all profiles ever minted, and whether they are merged into others (`with_fate`)
    as_of          becomes `minted_at` of new profiles
    returns        the columns of `placed`, `profile_id string`, `profile_no bigint` of profiles that are minted now or come
                   back, and for those that are minted `anchor_id bigint, anchor_priority int, minted_at timestamp`
                   (else null)

    A profile is at home in the component that holds its anchor (the best of its identifiers that are left, if the anchor
    itself is gone). The profile with the least (anchor priority, minted_at, profile_id) at home in a component keeps it; a
    component where none is at home, but the anchor of one that was merged away, gets that one back: a merge that is undone
    leaves everybody with the id that they had. Any other component gets a new profile.
    """
    survivors = at_home.filter("profile_id = survivor").select("component", "profile_id")
    homeless = placed.join(survivors, "component", how="left_anti")
    back = returned_profiles(homeless, minted_before)
    minted = minted_profiles(homeless.join(back, "component", how="left_anti"), minted_before, as_of)
    named = minted.unionByName(survivors, allowMissingColumns=True).unionByName(back, allowMissingColumns=True)
    return placed.join(named, "component", how="inner").select(
        *placed.columns, "profile_id", "profile_no", "anchor_id", "anchor_priority", "minted_at"
    )


def first_profiles(placed: DataFrame, minted_before: DataFrame, as_of: datetime) -> DataFrame:
    """`assigned_profiles` where no identifier had a profile before: the same answer by a smaller plan."""
    minted = minted_profiles(placed, minted_before, as_of)
    return placed.join(minted, "component", how="inner").select(
        *placed.columns, "profile_id", "profile_no", "anchor_id", "anchor_priority", "minted_at"
    )


def homes(placed: DataFrame, minted_before: DataFrame) -> DataFrame:
    """Where the profiles of the last graph are at home now, and who stays there.

    returns  (profile_id string, component bigint, survivor string): `survivor` is the profile that keeps the component,
             itself or the one it merges into; profiles without any identifier left have no row
    """
    anchors = minted_before.select(F.col("profile_id").alias("before"), "anchor_id", "anchor_priority", "minted_at")
    had_profile = placed.filter(F.col("before").isNotNull()).select("before", "component", *_rank())
    members = had_profile.join(anchors, "before", how="inner")
    best_first = F.struct(F.col("identifier_id") != F.col("anchor_id"), *_rank())
    at_home = members.groupBy("before", "anchor_priority", "minted_at").agg(
        F.min_by("component", best_first).alias("component")
    )
    rank = F.struct("anchor_priority", "minted_at", F.col("before").alias("profile_id"))
    survivor = F.min(rank).over(Window.partitionBy("component"))["profile_id"]
    return at_home.select(F.col("before").alias("profile_id"), "component", survivor.alias("survivor"))


def merges_in_force(identity_changes: DataFrame) -> DataFrame:
    """The profiles of which the last that the ledger tells is that another one took them in; one that came back is split.

    identity_changes  (change string, profile_id string, other_profile_id string, at timestamp, ..)
    returns           (profile_id string, merged_into string, merged_at timestamp)
    """
    told = identity_changes.filter(F.col("change").isin(MERGED_INTO, SPLIT_FROM)).groupBy("profile_id")
    last = told.agg(F.max(F.struct("at", "change", "other_profile_id")).alias("last"))
    return last.filter(F.col("last.change") == MERGED_INTO).select(
        "profile_id", F.col("last.other_profile_id").alias("merged_into"), F.col("last.at").alias("merged_at")
    )


def with_fate(minted: DataFrame, identity_changes: DataFrame) -> DataFrame:
    """Minted profiles (profile_id string, ..) with `merged_away boolean`, by `merges_in_force` of the ledger."""
    away = merges_in_force(identity_changes).select("profile_id", F.lit(True).alias("is_away"))
    marked = minted.join(away, "profile_id", how="left")
    return marked.select(*minted.columns, F.coalesce("is_away", F.lit(False)).alias("merged_away"))


def returned_profiles(homeless: DataFrame, minted_before: DataFrame) -> DataFrame:
    """The profile that comes back to a component where none is at home: of those merged away whose anchor is in it, the one
    with the least (anchor priority, minted_at, profile_id).

    homeless  of `placed`: whole components; one of which no identifier had a profile in the last graph gets none back
    returns   (component bigint, profile_id string, profile_no bigint)
    """
    away = minted_before.filter("merged_away").select(
        F.col("anchor_id").alias("identifier_id"),
        F.struct("anchor_priority", "minted_at", "profile_id", "profile_no").alias("one"),
    )
    parted = homeless.filter(F.col("before").isNotNull()).select("component").distinct()
    there = homeless.select("identifier_id", "component").join(away, "identifier_id", how="inner")
    best = there.join(parted, "component", how="left_semi").groupBy("component").agg(F.min("one").alias("one"))
    return best.select("component", "one.profile_id", "one.profile_no")


def minted_profiles(placed: DataFrame, minted_before: DataFrame, as_of: datetime) -> DataFrame:
    """A new profile for each component in `placed`.

    returns  (component bigint, profile_id string, profile_no bigint, anchor_id bigint, anchor_priority int,
             minted_at timestamp)

    The anchor is the identifier with the highest priority, of those the oldest, of those the smallest. Numbers are dense
    and go on from the highest ever given. An id is the hash of its anchor and the time, and of how often that anchor was
    minted before, so that no id comes twice.
    """
    anchors = (
        placed.groupBy("component")
        .agg(F.min(F.struct(*_rank())).alias("anchor"))
        .select(
            "component",
            F.col("anchor.identifier_id").alias("anchor_id"),
            F.col("anchor.priority").alias("anchor_priority"),
            F.lit(as_of).cast("timestamp").alias("minted_at"),
        )
    )
    earlier = minted_before.groupBy("anchor_id").agg(F.count("*").alias("earlier"))
    highest = minted_before.agg(F.coalesce(F.max("profile_no"), F.lit(0)).alias("highest"))
    numbered = _numbered(anchors).join(earlier, "anchor_id", how="left").crossJoin(F.broadcast(highest))
    return numbered.select(
        "component",
        _profile_id(F.col("anchor_id"), F.col("minted_at"), F.col("earlier")).alias("profile_id"),
        (F.col("highest") + F.col("number")).alias("profile_no"),
        "anchor_id",
        "anchor_priority",
        "minted_at",
    )


def profile_changes(assigned: DataFrame, at_home: DataFrame) -> DataFrame:
    """What happened to profile ids: a row per mint, merge, split and move, with CHANGE_COLUMNS. An id that comes back is told
    as a split, of an id that was minted before.

    assigned  of `assigned_profiles`
    at_home   of `homes`, the one that `assigned` rests on

    An identifier moved if its profile is another one, neither because its old profile merged into the new one nor because
    the new one split from the old.
    """
    mints = mint_rows(assigned)
    merges = at_home.filter("profile_id <> survivor")
    had_profile = assigned.filter(F.col("before").isNotNull())
    has_parted = F.col("profile_no").isNotNull()
    splits = had_profile.filter(has_parted).select("profile_id", "before").distinct()
    changed = had_profile.filter(~has_parted & (F.col("before") != F.col("profile_id")))
    merged_pairs = merges.select(F.col("profile_id").alias("before"), F.col("survivor").alias("profile_id"))
    moves = changed.join(merged_pairs, ["before", "profile_id"], how="left_anti")
    return (
        mints.unionByName(_rows(MERGED_INTO, merges, profile_id="profile_id", other_profile_id="survivor"))
        .unionByName(_rows(SPLIT_FROM, splits, profile_id="profile_id", other_profile_id="before"))
        .unionByName(
            _rows(MOVED, moves, profile_id="profile_id", other_profile_id="before", identifier_id="identifier_id")
        )
    )


def mint_rows(assigned: DataFrame) -> DataFrame:
    """The rows of `profile_changes` for profiles minted now: one each, beside their anchor."""
    columns = ("profile_id", "profile_no", "anchor_id", "anchor_priority", "minted_at")
    anchors = assigned.filter(F.col("identifier_id") == F.col("anchor_id"))
    return _rows(MINTED, anchors, **{name: name for name in columns})


def _rank() -> tuple[Column, Column, Column]:
    return F.col("priority"), F.col("first_seen_at"), F.col("identifier_id")


def _numbered(anchors: DataFrame) -> DataFrame:
    """`anchors` with `number`, dense from 1; counted within buckets, as one window over all would be one task."""
    bucketed = anchors.withColumn("bucket", F.pmod("anchor_id", F.lit(_BUCKETS)))
    sizes = bucketed.groupBy("bucket").agg(F.count("*").alias("size"))
    before = Window.partitionBy(F.lit(0)).orderBy("bucket").rowsBetween(Window.unboundedPreceding, -1)
    starts = sizes.select("bucket", F.coalesce(F.sum("size").over(before), F.lit(0)).alias("start"))
    within = Window.partitionBy("bucket").orderBy("anchor_id")
    return (
        bucketed.join(F.broadcast(starts), "bucket", how="inner")
        .withColumn("number", F.col("start") + F.row_number().over(within))
        .select(*anchors.columns, "number")
    )


def _profile_id(anchor_id: Column, minted_at: Column, earlier: Column) -> Column:
    """Digits of a hash; 80 bits make two equal ids among a billion profiles less likely than one in a million."""
    text = F.concat_ws("|", anchor_id.cast("string"), F.unix_micros(minted_at).cast("string"), earlier.cast("string"))
    return F.concat(F.lit("p"), F.substring(F.sha2(F.encode(text, "UTF-8"), 256), 1, _ID_DIGITS))


def _rows(change: str, frame: DataFrame, **sources: str) -> DataFrame:
    """Rows of CHANGE_COLUMNS: the columns in `sources` from `frame`, the others null."""
    columns = [F.lit(change).alias("change")]
    for column in CHANGE_COLUMNS.split(", ")[1:]:
        name, kind = column.split()
        value = F.col(sources[name]) if name in sources else F.lit(None)
        columns.append(value.cast(kind).alias(name))
    return frame.select(*columns)
