"""Korea Investment & Securities Open API: REST and WebSocket."""
