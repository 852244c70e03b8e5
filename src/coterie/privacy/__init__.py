"""What is kept about people as a whole: the register of it, a person's copy, and erasing a person everywhere."""
