"""The demo: two invented shops and their last ninety days, told by calling the same actions that people's clicks call."""
