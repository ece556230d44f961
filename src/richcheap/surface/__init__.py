"""The spread surface of each date and the matrix price of each print, found without that print."""
