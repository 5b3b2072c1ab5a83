"""Books and state in SQLite files."""
