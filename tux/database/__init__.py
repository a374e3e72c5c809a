"""The PostgreSQL side: engine, service, local server, schema state. It knows no plugin."""
