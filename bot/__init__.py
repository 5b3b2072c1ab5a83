"""The process and its chat: Telegram in and out, /health."""

__version__ = "0.1.0"
