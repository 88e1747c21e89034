"""What others may do with the files that a command writes."""

from __future__ import annotations

import os

_EVERYBODY_WRITES, _OTHERS_WRITE = 0o002, 0o022


def keep_others_from_writing() -> None:
    """Let nobody but the owner write what this process makes from now on, whatever made it.

    A umask that lets everybody write is taken for an oversight; one that lets a group write is left
    alone. This reaches files that libraries make, such as the database of MLflow. What is
    restricted is made for its owner alone in any case.
    """
    found = os.umask(0o077)
    os.umask(found if found & _EVERYBODY_WRITES else found | _OTHERS_WRITE)
