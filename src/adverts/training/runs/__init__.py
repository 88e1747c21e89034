"""The files of a run on disk: its folder, record, checkpoints and state."""
