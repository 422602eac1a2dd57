"""What one emulator remembers: settings, keys, tables, seed data."""
