"""Bring a DVC project up to date, stages side by side. It works with any dvc.yaml."""
