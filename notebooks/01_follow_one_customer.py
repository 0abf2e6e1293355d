# Databricks notebook source
# MAGIC %md
# MAGIC # Follow one customer
# MAGIC From the rows that the shop's systems wrote down, over the identifiers that tie them, to one profile, its segments
# MAGIC and where it was sent. Choose an identifier in the widgets above. The lake must have been filled: `make demo`, or the
# MAGIC job `run_everything`.

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
namespace, value = given("namespace", "crm_id", "Namespace"), given("value", "C10001", "Value")

# COMMAND ----------

# MAGIC %md
# MAGIC ## 1. Who it is
# MAGIC All identifiers of the profile, highest priority first. An identifier belongs to one profile.

# COMMAND ----------

person = workspace.explain_person(namespace=namespace, value=value)
print(f"profile {person.profile_id}, as of {person.as_of}, {person.events} events")
display(workspace.spark.createDataFrame(list(person.identifiers), "namespace string, value string, first_seen_at timestamp"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 2. What each system wrote down
# MAGIC The current record of each dataset, and the events, by the identifier that owns them.

# COMMAND ----------

owned = workspace.table("identity_map").where(F.col("profile_id") == person.profile_id).select(F.col("identifier_id").alias("owner_id"))
for dataset in workspace.project.datasets:
    print(dataset)
    display(workspace.table(f"raw_{dataset}").join(owned, "owner_id", how="left_semi").orderBy("source_time", "record_id").limit(20))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 3. What became of it
# MAGIC One value an attribute, with the dataset and the record that gave it. The merge policy decides.

# COMMAND ----------

attributes = [(a.path, str(a.value), a.dataset, a.time) for a in person.attributes]
display(workspace.spark.createDataFrame(attributes, "attribute string, value string, dataset string, time timestamp"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 4. In which segments
# MAGIC `realized` entered in the last evaluation, `existing` was in it before, `exited` left it in the last 30 days; without a status the profile is no member.

# COMMAND ----------

segments = [(s.name, s.status, s.entered_at) for s in person.segments]
display(workspace.spark.createDataFrame(segments, "segment string, status string, entered_at timestamp").orderBy(F.desc_nulls_last("status"), "segment"))
