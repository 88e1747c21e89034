"""Read many pictures in worker processes, which may hang or die without harm."""
