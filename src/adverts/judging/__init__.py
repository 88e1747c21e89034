"""The steps of ``adverts evaluate``: judge, champion, disguise, gallery, gate, latency."""
