"""The prepared dataset on disk: its shards, its manifest, and the files next to them."""
