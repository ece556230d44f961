"""AutoML libraries beside the models of prices, on the same rows, columns, dates and CPU.

`blocks` and `rivals` run in a rival's own environment, too, and import nothing of this project but each other.
"""
