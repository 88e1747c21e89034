"""The rules that travel with a model: from logits to probabilities, decisions and queues."""
