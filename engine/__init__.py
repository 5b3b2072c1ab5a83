"""The trading engine: model, rules, desks, ports, flow and adapters (docs/adr/0001)."""
