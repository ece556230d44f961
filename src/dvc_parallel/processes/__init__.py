"""Stages' commands in process groups, and their end."""
