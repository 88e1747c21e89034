"""Reading many pictures in other processes, which may hang or die without harm."""
