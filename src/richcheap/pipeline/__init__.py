"""What knows DVC, files and params.yaml, and knows nothing of bonds."""
