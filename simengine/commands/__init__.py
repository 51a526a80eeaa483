"""Commands of the command line, each importing what it needs when it is called."""
