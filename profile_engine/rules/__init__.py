"""The rule language: parsed once, told as a sentence, and meant alike by numpy over Arrow and by Spark Columns."""
