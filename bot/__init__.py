"""The process and its chat: Telegram in and out, /health."""
