"""``python -m simengine`` is the `simengine` command."""

from simengine.cli import main

main()
