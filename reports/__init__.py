"""The read side: statistics from the books; never writes."""
