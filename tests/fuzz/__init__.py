"""A fuzzer that measures: hostile texts, pictures, bundles, JSON lines, sources and pages.

    PYTHONPATH=tests python -m fuzz --seconds 300 --seed 0 --out findings.jsonl
    PYTHONPATH=tests python -m fuzz --only bundles/graph,texts     # a few kinds alone
    PYTHONPATH=tests python -m fuzz --case texts/search:1234       # replay one

It knows the interfaces and the formats, and no hole: values are repeated, nested, lengthened and
swapped at random, and what is taken grows while it stays cheap. Every kind of case has its share
of the time, and what it can try takes turns. A case is a finding where it costs more CPU time or
memory than its size allows, ends its process, raises what is no error of ours, says too much, or
lets through what it must not.
"""
