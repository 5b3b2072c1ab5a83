"""The asynchronous shell around the desks."""
