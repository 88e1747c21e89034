"""Python reads this at its start where this folder is on its path: so every process is measured."""

import coverage

coverage.process_startup()
