"""Decisions: synchronous machines that take an event and return an outcome."""
