"""The stage of segments, for erasing on it."""

from tests.segments.conftest import make_workspace, stage, workspace

__all__ = ["make_workspace", "stage", "workspace"]
