"""The `coterie` command, and the demo workspace it can fill."""
