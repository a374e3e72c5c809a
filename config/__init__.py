"""The project's configuration: settings, and the Tortoise config that aerich imports."""
