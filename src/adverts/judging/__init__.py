"""The parts of the verb evaluate: judge, champion, disguise, gallery, gate, latency."""
