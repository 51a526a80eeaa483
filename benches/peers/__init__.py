"""The tools a user would pick instead, on one light task. See README.md; ``python -m benches.peers --help``."""
