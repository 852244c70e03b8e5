"""Where a value came from, told by who asks."""

from coterie.accounts.permissions import Access
from coterie.people.edits import Origin


def origin_of(access: Access) -> Origin:
    """The origin of what a caller of the API writes: a person who is logged in, or a program with a key."""
    if access.user is not None:
        return Origin("agent", access.user.public_id)
    assert access.key is not None
    return Origin("api", access.key.public_id)
