"""Discord views that any plugin can use."""
