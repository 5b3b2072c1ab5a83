"""Copies of a data directory, made while it is in use, and the way back."""
