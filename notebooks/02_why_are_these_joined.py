# Databricks notebook source
# MAGIC %md
# MAGIC # Why are these joined?
# MAGIC Two identifiers in one profile, and a customer who says that is wrong. This shows the chain of links between the two,
# MAGIC and the records on which each link was seen. In the sample shop C10020 and C10021 are two people: one gave a
# MAGIC telephone number up, the other got it. `persons_per_value` in conf/identity/namespaces.yaml is the way to stop such joins.

# COMMAND ----------

import os

from pyspark.sql import functions as F

from profile_engine.workspace import open_workspace


def given(name, default, label):
    """A widget on Databricks; in plain Python the environment variable WIDGET_<NAME>."""
    if "dbutils" in globals():
        dbutils.widgets.text(name, default, label)
        return dbutils.widgets.get(name)
    return os.environ.get(f"WIDGET_{name.upper()}", default)


if "display" not in globals():

    def display(rows):
        rows.show(50, truncate=False)


# COMMAND ----------

project = given("project", "." if os.path.isdir("conf") else "..", "Folder of the project")
lake = given("lake", "", "Lake (empty: that of conf/engine.yaml)")
workspace = open_workspace(project, lake=lake or None)

# COMMAND ----------

# MAGIC %md
# MAGIC ## 1. Both profiles
# MAGIC The same id twice: they are joined.

# COMMAND ----------

identifiers = workspace.table("identifier")
placed = identifiers.join(workspace.table("identity_map"), "identifier_id", how="inner")


def identifier_of(text):
    namespace, _, value = text.partition(":")
    found = placed.where((F.col("namespace") == namespace) & (F.col("value") == value)).first()
    if found is None:
        raise SystemExit(f"nobody has that value in namespace {namespace}")
    return found


one = identifier_of(given("one", "crm_id:C10020", "One identifier (namespace:value)"))
other = identifier_of(given("other", "crm_id:C10021", "The other"))
joined = one.profile_id == other.profile_id
print(one.profile_id, other.profile_id, "joined" if joined else "not joined")

# COMMAND ----------

# MAGIC %md
# MAGIC ## 2. The shortest chain of links between them
# MAGIC Only the links of these profiles are looked at, a few dozen. A link in state `dropped` joins nobody: its value was seen
# MAGIC with more people than its namespace allows.

# COMMAND ----------

members = placed.where(F.col("profile_id").isin(one.profile_id, other.profile_id)).select("identifier_id", "namespace", "value")
names = {row.identifier_id: f"{row.namespace}:{row.value}" for row in members.collect()}
around = workspace.table("link").where(F.col("left_id").isin(list(names)) | F.col("right_id").isin(list(names)))
links = around.select("left_id", "right_id", "first_seen_at", "datasets", "state", "reason").collect()

neighbours = {}
for link in links:
    if link.state == "live":
        neighbours.setdefault(link.left_id, []).append((link.right_id, link))
        neighbours.setdefault(link.right_id, []).append((link.left_id, link))

came_from, waiting = {one.identifier_id: None}, [one.identifier_id]
for identifier in waiting:  # breadth first, so the first way found is a shortest
    for neighbour, link in sorted(neighbours.get(identifier, []), key=lambda pair: pair[0]):
        if neighbour not in came_from:
            came_from[neighbour] = (identifier, link)
            waiting.append(neighbour)

chain, at = [], other.identifier_id if other.identifier_id in came_from else one.identifier_id
while came_from[at] is not None:
    before, link = came_from[at]
    chain.append((names[before], names[at], link.first_seen_at, link.datasets))
    at = before
chain.reverse()
display(workspace.spark.createDataFrame(chain, "identifier string, linked_with string, first_seen_at timestamp, datasets array<string>"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 3. Where they were seen together
# MAGIC Every record that carries two identifiers of the chain.

# COMMAND ----------

numbers = {text: number for number, text in names.items()}
steps = [(position, numbers[left], numbers[right], left, right) for position, (left, right, *_) in enumerate(chain, start=1)]
wanted = workspace.spark.createDataFrame(steps, "step int, left_id bigint, right_id bigint, identifier string, linked_with string")
together = F.array_contains("identifier_ids", F.col("left_id")) & F.array_contains("identifier_ids", F.col("right_id"))
evidence = workspace.table("sighting").join(F.broadcast(wanted), together, how="inner")
display(evidence.select("step", "identifier", "linked_with", "dataset", "record_id", "seen_at").orderBy("step", "seen_at", "record_id").limit(50))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 4. Links that were not made
# MAGIC Values over their limit that these two met: a shop's tablet, a switchboard.

# COMMAND ----------

dropped = [(names.get(link.left_id), names.get(link.right_id), link.reason) for link in links if link.state == "dropped"]
display(workspace.spark.createDataFrame(dropped, "left string, right string, reason string"))
