"""Who of an audience is sent, as whom and with what; and who is withheld, by reason."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.destinations.identities import identities_as_sent
from profile_engine.destinations.mapping import DestinationMapping, MappedAudience
from profile_engine.destinations.members import ENTRIES, FOUND
from profile_engine.destinations.payload import attributes_of
from profile_engine.governance.consent import GRANTED, REFUSED, consent_state

NO_PROFILE, NO_CONSENT, UNKNOWN_CONSENT, NO_IDENTITY = "no_profile", "no_consent", "unknown_consent", "no_identity"
REASONS = (NO_CONSENT, UNKNOWN_CONSENT, NO_IDENTITY, NO_PROFILE)


def candidates(members: DataFrame, audiences: Sequence[MappedAudience], mapping: DestinationMapping) -> DataFrame:
    """Members of the audiences, each with what would be sent of them or the reason why not.

    members  as `members.members` returns them, of these audiences' segments and maybe others
    Returns `audience_no, profile_id, entered_at, identities array<string>, attributes struct, reason`. A row is a member
    of an audience. `reason` is null for those to be sent; consent is asked first, so that a member is withheld for one
    reason only. Members without a profile under the segment's merge policy are `no_profile`.
    """
    persons = members.select(
        "profile_id",
        ENTRIES,
        FOUND,
        identities_as_sent(F.col("identities"), mapping.namespace, mapping.form).alias("identities"),
        attributes_of(members.schema, mapping.attributes).alias("attributes"),
        (F.lit(GRANTED) if mapping.purpose is None else consent_state(members.schema, mapping.purpose)).alias(
            "consent"
        ),
    )
    reason = (
        F.when(F.col(FOUND).isNull(), NO_PROFILE)
        .when(F.col("consent") == REFUSED, NO_CONSENT)
        .when(F.col("consent") != GRANTED, UNKNOWN_CONSENT)
        .when(F.size("identities") == 0, NO_IDENTITY)
    )
    # a select of its own: beside a generator Spark drops the names of a struct's members
    entries = persons.withColumn("reason", reason).withColumn("entry", F.explode(ENTRIES))
    return entries.select(
        # a member of a segment that none of these audiences is of has no number, and explode drops it
        F.explode(F.try_element_at(_numbers(audiences), F.col("entry.segment_no"))).alias("audience_no"),
        "profile_id",
        F.col("entry.entered_at").alias("entered_at"),
        "identities",
        "attributes",
        "reason",
    )


def audience_rows(candidates: DataFrame) -> DataFrame:
    """Rows to be at the destination: one per audience and identity.

    candidates  as `candidates` returns them
    Returns `audience_no, identity, attributes`. A person with several identifiers of the namespace has as many rows. An
    identity of several members is sent once, for the one who entered last, then for the lowest profile id.
    """
    sent = candidates.where("reason is null").select(
        "audience_no", F.explode("identities").alias("identity"), "attributes", "entered_at", "profile_id"
    )
    best = Window.partitionBy("audience_no", "identity").orderBy(F.col("entered_at").desc(), "profile_id")
    return (
        sent.withColumn("place", F.row_number().over(best))
        .where("place = 1")
        .select("audience_no", "identity", "attributes")
    )


def withheld_counts(candidates: DataFrame) -> DataFrame:
    """`audience_no, reason, rows`: members not sent, by reason."""
    withheld = candidates.where("reason is not null").groupBy("audience_no", "reason")
    return withheld.agg(F.count(F.lit(1)).alias("rows")).select("audience_no", "reason", "rows")


def _numbers(audiences: Sequence[MappedAudience]) -> Column:
    """A map from a segment's number to those of its audiences; a segment may be sent under several names."""
    of_segment: dict[int, list[int]] = {}
    for audience in audiences:
        of_segment.setdefault(audience.segment_no, []).append(audience.number)
    pairs = [(F.lit(segment), F.array(*map(F.lit, numbers))) for segment, numbers in sorted(of_segment.items())]
    return F.create_map(*[part for pair in pairs for part in pair])
