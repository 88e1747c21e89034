"""The rest of the folder that is sent: its README, and the manifest that names every file."""
