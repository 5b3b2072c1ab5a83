"""What is said and asked in a terminal, apart from the chat."""
