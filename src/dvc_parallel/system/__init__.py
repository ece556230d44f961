"""Files written whole or not at all, faults, cores, processes that end with their parent. Nothing here knows DVC."""
