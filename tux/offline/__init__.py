"""A local Discord: the server, its driver and the console."""
