"""What knows DVC, files and params.yaml; it knows nothing of bonds."""
