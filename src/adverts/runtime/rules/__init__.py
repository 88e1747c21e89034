"""The rules that ship with a model: from logits to probabilities, decisions and queues."""
