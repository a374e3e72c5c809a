"""Who may see notes."""

MODERATOR = 3
