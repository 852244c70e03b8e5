"""The route table refuses rows that can't be right, when the program starts."""

import pytest

from coterie.accounts.permissions import LOGGED_IN, ApiRequest
from coterie.accounts.routes import Routes


def test_it_works() -> None:
    routes = Routes("things")

    @routes.get("/workspaces/{slug}/things", permission="people:read", response=list[str])
    def list_things(request: ApiRequest, slug: str) -> list[str]:
        """All things. None are left out."""
        return []

    (row,) = routes.rows
    assert row.options["summary"] == "All things"
    assert row.options["description"] == "All things. None are left out.\n\nNeeds the permission `people:read`."
    assert (row.method, row.path, row.permission, row.name) == (
        "GET",
        "/workspaces/{slug}/things",
        "people:read",
        "list_things",
    )


@pytest.mark.parametrize(
    ("path", "permission", "reason"),
    [
        ("/workspaces/{slug}/things", "people:raed", "permissions.py"),
        ("/things", "people:read", "starts with"),
        ("/workspaces/{slug}/things", LOGGED_IN, "starts with"),
        ("/workspaces/{slug}/things/{thing_id}", "people:read", "thing_id"),
    ],
)
def test_a_wrong_row_is_refused(path: str, permission: str, reason: str) -> None:
    routes = Routes("things")
    with pytest.raises(ValueError, match=reason):

        @routes.get(path, permission=permission)
        def list_things(request: ApiRequest, slug: str) -> None:
            """All things."""


def test_a_route_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="sentences"):

        @Routes("things").get("/workspaces/{slug}/things", permission="people:read")
        def list_things(request: ApiRequest, slug: str) -> None: ...


def test_words_are_tried_before_places_that_take_any() -> None:
    routes = Routes("things")
    for path in ("/workspaces/{slug}/things/{thing}", "/workspaces/{slug}/things/best", "/workspaces/{slug}/{any}/x"):

        @routes.get(path, permission="people:read")
        def read_thing(request: ApiRequest, slug: str, thing: str = "", any: str = "") -> None:
            """A thing."""

    ordered = [row.path.removeprefix("/workspaces/{slug}/") for row in sorted(routes.rows, key=lambda row: row.order)]
    assert ordered == ["things/best", "things/{thing}", "{any}/x"]
