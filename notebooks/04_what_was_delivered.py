# Databricks notebook source
# MAGIC %md
# MAGIC # What was delivered
# MAGIC Which audiences went where, how many people were withheld and why, and which file holds what. Deliveries are decided
# MAGIC first (`outbox`), then made, and what became of each part is kept (`receipt`).

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
destination = given("destination", "ads_files", "Destination")

# COMMAND ----------

# MAGIC %md
# MAGIC ## 1. Every delivery, newest first

# COMMAND ----------

outbox = workspace.table("outbox")
deliveries = outbox.groupBy("destination", "audience", "as_of", "operation").agg(F.sum("rows").alias("rows"), F.count(F.lit(1)).alias("parts"))
display(deliveries.orderBy(F.desc("as_of"), "destination", "audience"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 2. Who was withheld
# MAGIC Consent is part of every delivery: no answer is no.

# COMMAND ----------

withheld = outbox.where(F.col("destination") == destination).select("audience", "as_of", F.explode("withheld").alias("of"))
display(withheld.groupBy("audience", "as_of", "of.reason").agg(F.max("of.rows").alias("people")).orderBy(F.desc("as_of"), "audience", "reason"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 3. The files, with their checksums

# COMMAND ----------

receipts = workspace.table("receipt").where(F.col("destination") == destination)
display(receipts.select("audience", "outcome", "location", "rows", "bytes", "sha256", "sent_at").orderBy("audience", "sent_at", "position"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## 4. What is there now

# COMMAND ----------

ledger = workspace.table("delivery_ledger").where(F.col("destination") == destination)
display(ledger.groupBy("audience").agg(F.max("as_of").alias("last_delivery"), F.sum("rows").alias("rows")).orderBy("audience"))
