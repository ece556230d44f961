"""Who trades and when: bonds, peer groups, ratings, blocks of dates. No price is looked at here."""
