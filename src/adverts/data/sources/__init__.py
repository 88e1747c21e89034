"""Where rows come from: every kind of file and dataset, as a stream of rows, within bounds."""
