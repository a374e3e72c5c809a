"""The one built-in plugin."""
