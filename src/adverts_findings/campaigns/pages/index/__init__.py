"""The index: the page on which all campaigns of a bank are searched, filtered and sorted."""
