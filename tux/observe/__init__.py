"""What looks at a running bot from outside; nothing below knows of it."""
