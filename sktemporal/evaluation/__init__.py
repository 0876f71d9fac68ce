"""How features are computed: columns of chunks, and the roads from a slice to its values."""
