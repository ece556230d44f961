"""Which stage goes next, how long stages take, and which must be asked again."""
