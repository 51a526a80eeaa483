"""How fast the engine is on this machine: the command ``simengine bench`` and what it measures."""
