"""The books and the state database."""
