"""A simulated broker for dry runs."""
