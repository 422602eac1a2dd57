"""What a call tells those who watch it. Below the client, so it imports none."""
