"""The US desk: sells what the trader bought."""
