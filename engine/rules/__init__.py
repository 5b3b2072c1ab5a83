"""Verbs: pure functions over the model."""
