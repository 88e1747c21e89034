"""Record runs through a tracker protocol that hides the tracking library from other code."""

from adverts.tracking.build_tracker import find_run, open_tracker, plain_config
from adverts.tracking.events import redact
from adverts.tracking.registry import Registry, open_registry
from adverts.tracking.spooling_tracker import remember_run_id
from adverts.tracking.tracker import MemoryTracker, NullTracker, RunStatus, Tracker

__all__ = [
    "MemoryTracker",
    "NullTracker",
    "Registry",
    "RunStatus",
    "Tracker",
    "find_run",
    "open_registry",
    "open_tracker",
    "plain_config",
    "redact",
    "remember_run_id",
]
