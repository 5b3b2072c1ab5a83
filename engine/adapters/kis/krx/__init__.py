"""The Korean market at KIS: replies, frames, broker, market data, master files."""
