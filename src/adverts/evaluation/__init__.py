"""Judge a classifier: metrics, intervals over clusters, slices, comparison, report."""
