"""The chat page in a real browser, driven over Chromium's DevTools socket."""
