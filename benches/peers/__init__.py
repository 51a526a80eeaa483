"""Other tools that a user could choose, on one light task. See README.md; ``python -m benches.peers --help``."""
