"""What the engine needs from the world, as protocols over the model."""
