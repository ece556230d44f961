"""The models of prices, a folder each; what they share stands in `common`."""
