"""From snapshots, comparisons and sums to documents. Pure."""
