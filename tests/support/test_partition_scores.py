"""The score of a partition, against counting every pair."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from profile_engine.identity.worlds.pair_scores import PairScores, pair_scores
from tests.support.partition_scores import Partition


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), max_size=12))
def test_scores_equal_counting_every_pair(rows):
    pairs = list(combinations(rows, 2))
    in_cluster = [left[1] == right[1] for left, right in pairs if left[0] == right[0]]
    of_person = [left[0] == right[0] for left, right in pairs if left[1] == right[1]]

    scores = pair_scores(rows)

    assert scores.precision == (sum(in_cluster) / len(in_cluster) if in_cluster else 1.0)
    assert scores.recall == (sum(of_person) / len(of_person) if of_person else 1.0)


def test_orders_of_nobody_are_components_of_their_own_and_strangers_are_no_pairs():
    partition = Partition.of(
        {("crm_id", "C1"): 1, ("email", "a@b.c"): 1, ("ecid", "9"): 2}, {"O1": 1, "O2": None, "O3": None}
    )
    truth = [
        ("crm", "C1", "P1"),
        ("order", "O1", "P1"),
        ("order", "O2", "anonymous"),
        ("ecid", "9", "shared"),
        ("order", "O3", "P1"),
    ]

    assert partition.sizes == [3, 1, 1, 1]
    assert partition.scored(truth) == PairScores(3, 1, 2, 2, 1.0, 1 / 3)
