"""The one API object, error handlers, operator endpoints and the entry page."""
