"""Typed sections of params.yaml, and YAML with line numbers. What a section means is its own package's business."""

__all__ = ["sections"]
