"""The steps of ``adverts train``: open a run, record it with a tracker, fit its model."""
