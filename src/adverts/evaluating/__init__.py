"""The parts of the verb evaluate, where data, models and judgement meet."""
