"""Who may read the audit log."""

ADMINISTRATOR = 7
