# Databricks notebook source
# MAGIC %md
# MAGIC # Write a segment
# MAGIC A segment is one YAML file below `segments/`; its file name is its id, and segments/README.md is the language on one page.
# MAGIC Here a rule is looked at before it is anybody's: its sentence, its size and some members. Nothing is written to the lake.

# COMMAND ----------

import os
import tempfile
from pathlib import Path

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
# MAGIC ## 1. The segments that are there
# MAGIC What each file says, as a sentence.

# COMMAND ----------

for segment in workspace.project.segments.values():
    print(f"{segment.id}\n    {segment.sentence}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## 2. A new one
# MAGIC Change the rule and run this cell again. A mistake is shown at its line and column, with what was meant.

# COMMAND ----------

rule = """
name: Autumn walkers
description: Bought jackets or tents in the last half year, and no shoes
members:
  all:
    - did: {event: order, where: {category: [jackets, tents]}, within_last: 180 days}
    - did_not: {event: order, where: {category: shoes}, within_last: 180 days}
    - address.country: [NL, BE]
"""
draft = Path(tempfile.mkdtemp()) / "autumn_walkers.yaml"
draft.write_text(rule, encoding="utf-8")
preview = workspace.preview(draft)
print(preview)

# COMMAND ----------

# MAGIC %md
# MAGIC ## 3. Make it somebody's
# MAGIC Put the file below `segments/`, run `profile-engine validate`, and the next run evaluates it. It is sent nowhere before
# MAGIC a file in `conf/destinations` names it.
