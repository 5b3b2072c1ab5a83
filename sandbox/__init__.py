"""A loopback stand-in for KIS and Telegram, as strict as the real servers.

A stranger to the rest of the project: nothing here imports ``engine`` or ``bot``.
"""
