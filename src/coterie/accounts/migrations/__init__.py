"""Schema changes of the accounts room."""
