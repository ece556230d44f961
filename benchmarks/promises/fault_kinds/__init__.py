"""The kinds of faults, a module for each subject: what happens to runs, disks, files, caches, locks and surroundings.

`workspace` has the finished run whose stages are put to the test, and the judgement of a stage that has met a fault.
"""
