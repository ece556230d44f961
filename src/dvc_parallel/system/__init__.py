"""Files written whole or not at all, cores, and processes that end with their parent. Nothing here knows DVC."""
