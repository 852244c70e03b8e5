"""Named sets of people, dynamic and static, and their upkeep."""
