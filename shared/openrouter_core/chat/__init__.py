"""What a chat turn means, whichever framework asks. Pure: no I/O, no framework."""
