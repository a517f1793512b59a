"""Pages about shops and people."""
