"""What the child draws with; nothing of it is imported by the assistant itself."""
