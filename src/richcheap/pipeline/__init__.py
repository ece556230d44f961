"""What knows DVC, files and params, and knows nothing of bonds."""
