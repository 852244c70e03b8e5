"""People: identities, attributes, tags and the change log."""
