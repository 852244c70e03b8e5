"""Users, workspaces, roles, API keys and the audit log."""
