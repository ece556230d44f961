"""The name of the command in its own messages; a program that hands the runner's words on sets its own."""

name = "dvc-parallel"
