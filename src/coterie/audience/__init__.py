"""The audience index: schema, sets, projector and queries over them."""
