"""The Python face of the engine: `open_workspace(project).run(as_of=...)`, `.table(name)`, `.preview(...)`, `.explain_person(...)`."""

from profile_engine.workspace.workspace import Workspace, open_workspace

__all__ = ["Workspace", "open_workspace"]
