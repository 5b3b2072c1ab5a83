"""Whole days on the stage: recorded ones, and an ordinary one for what it costs in calls."""
