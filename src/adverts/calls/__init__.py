"""What the functions of :mod:`adverts.api` take and give: frames, settings, results, silence."""
