"""What the functions of :mod:`adverts.api` take and give: frames, settings, results, silence."""

import adverts.compose  # noqa: F401 - first, since it says which extra is missing
