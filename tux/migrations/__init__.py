"""What makes aerich safe: guards, declared DDL, and the upgrade."""
