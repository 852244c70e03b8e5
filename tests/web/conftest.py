"""Workspaces with an index that is ready, for tests of the API as a whole."""

from collections.abc import Iterator

import pytest

from coterie.accounts.models import Workspace
from tests.audience.conftest import make_workspace, serving, workspace
from tests.web.site import Site, make_site

__all__ = ["make_workspace", "workspace"]


@pytest.fixture
def site(workspace: Workspace) -> Iterator[Site]:
    """A workspace with something of everything; what a request writes is in the index when it is answered."""
    with serving():
        yield make_site(workspace)
