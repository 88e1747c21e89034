"""Letters of all scripts: character sets, look-alikes, text folding, script and language."""
