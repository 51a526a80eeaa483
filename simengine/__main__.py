"""``python -m simengine`` is the `simengine` command."""

from simengine.cli.main import main

main()
