"""A project: conf/ and segments/ read as one whole, with every reference checked. Needs no Spark."""

from profile_engine.project.load import open_project
from profile_engine.project.project import Project

__all__ = ["Project", "open_project"]
