"""Rules of the Korean exchange and of the desk that trades there."""
