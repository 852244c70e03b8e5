"""Clock, ids, errors, cursors, tokens and environment: imports nothing of ours."""
