"""Tests of values, one file a family; a new file here adds its tests to the language."""
