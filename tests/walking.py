"""The modules of packages, also those in rooms within rooms, so that no test looks at one level."""

import importlib
import pkgutil


def modules(*packages):
    """Yield every module below the packages, imported, but those that run as commands."""
    for package in packages:
        path = importlib.import_module(package).__path__
        for entry in pkgutil.walk_packages(path, f"{package}."):
            if not entry.name.endswith("__main__"):
                yield importlib.import_module(entry.name)
