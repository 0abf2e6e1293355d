"""Datasets: source files become rows of raw Delta tables, each accepted, or rejected and kept with its reasons."""
