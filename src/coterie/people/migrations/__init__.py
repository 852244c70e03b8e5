"""Schema changes of the people room."""
