"""The filter language: its tree, its notations, its operators and their meaning. Pure Python."""
