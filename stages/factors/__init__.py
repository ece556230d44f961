"""What moves the whole market: factors of curve and spread changes, and what each bond has of them."""
