"""The rules' second back end: conditions as Spark Columns."""
