"""The world: brokers, databases, clocks. Adapters know the model, never a desk."""
