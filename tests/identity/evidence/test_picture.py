"""Pictures: self-contained, well formed, without values unless wanted, and the same each time."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link
from profile_engine.identity.evidence.drawing import drawing
from profile_engine.identity.evidence.picture import page, svg

AT = datetime(2026, 1, 1, tzinfo=UTC)


def shared_phone() -> Cluster:
    """Two people with their cookies, joined by a phone; a third one was kept apart."""
    names = [(1, "crm_id"), (2, "email"), (3, "phone"), (4, "crm_id"), (5, "email"), (6, "phone"), (7, "crm_id")]
    names += [(10 + i, "ecid") for i in range(9)] + [(30 + i, "ecid") for i in range(3)]
    priority = {"crm_id": 1, "email": 2, "phone": 3, "ecid": 4}
    identifiers = {i: Identifier(i, name, f"<{name}&{i}>", priority[name], AT, "p1") for i, name in names}
    live = [(1, 2, 9), (1, 3, 5), (3, 4, 1), (4, 5, 12), (2, 3, 2)]
    live += [(1, 10 + i, 1) for i in range(9)] + [(5, 30 + i, 1) for i in range(3)]
    links = [Link(left, right, "live", None, AT, ("crm",), n) for left, right, n in live]
    links.append(Link(6, 7, "dropped", "persons_per_value", AT, ("crm",), 3))
    links.append(Link(4, 6, "live", None, AT, ("crm",), 3))
    return Cluster(identifiers, tuple(links))


def test_a_picture_is_well_formed_masks_values_and_bundles_leaves():
    # given a cluster with marks
    drawn = drawing(shared_phone(), bridges={(3, 4)}, path={(1, 3), (3, 4)}, cut={(3, 4)})
    # then nine cookies are one node, three stay three
    assert [node.label for node in drawn.nodes if node.identifiers > 1] == ["9 × ecid"]
    assert sum(node.identifiers for node in drawn.nodes) == len(shared_phone().identifiers)
    picture = svg(drawn, "Why <A> & B")
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "crm_id&amp;1" not in picture, "labels are namespace and number"
    assert "email 2" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", ""), "nothing outside is referred to"
    assert picture == svg(drawing(shared_phone(), {(3, 4)}, {(1, 3), (3, 4)}, {(3, 4)}), "Why <A> & B")
    # and values stand there when wanted, escaped
    assert "&lt;crm_id&amp;1&gt;" in svg(drawing(shared_phone(), with_values=True), "t")
    html = page(picture, "t", [("Links", ["from", "<to>"], [["a", "<b>"]])])
    assert "<td>&lt;b&gt;</td>" in html


def test_the_empty_and_the_single_cluster_have_a_picture():
    ElementTree.fromstring(svg(drawing(Cluster({})), "nobody"))
    alone = Cluster({1: Identifier(1, "email", "a\x00b", 1, AT)})
    ElementTree.fromstring(svg(drawing(alone, with_values=True), "one"))
