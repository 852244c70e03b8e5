"""Schema changes of the segments room."""
