"""Settings of the test session: two cores, few partitions, no user interface, no second compiler, plans as first made.

Plans are interpreted: compiling each of them once for a handful of rows took a fifth of the CPU seconds of a stage's tests.
They are not planned again after each shuffle either (adaptive execution), which made a job of each shuffle and took about a tenth.
The job on the standalone cluster compiles and adapts its plans as every run of a user does, and must end with the same tables;
tests that go from day to day adapt them too where they ask for `adaptive_plans`."""

TEST_SETTINGS = {
    "spark.master": "local[2]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.driver.memory": "2g",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "ERROR",
}
