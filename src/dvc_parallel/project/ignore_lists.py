"""Put outputs on git's ignore list in DVC's order, whatever the order in which stages end."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.stage import Stage


class IgnoreLists:
    """The .gitignore files beside the outputs of a run's stages.

    DVC adds an output to the .gitignore of its folder once it is made, one stage after another. Here a stage that ends
    before an earlier one first adds what the earlier one will make in folders that are there.

    Parameters
    ----------
    stages : mapping of str to dvc.stage.Stage
        Those that may run, by name, in DVC's order.
    """

    def __init__(self, stages: Mapping[str, Stage]) -> None:
        self._outs = {name: [out for out in stage.outs if out.use_scm_ignore] for name, stage in stages.items()}

    def before(self, name: str) -> None:
        """Add the outputs of the stages before one that has ended; DVC adds those of the stage itself."""
        if name not in self._outs:
            return
        for earlier, outs in self._outs.items():
            if earlier == name:
                break
            there = [out for out in outs if Path(out.fs_path).parent.is_dir()]
            for out in there:
                outs.remove(out)
                with suppress(DvcException, OSError):  # told when the stage itself ends: git may track the output
                    out.ignore()
        self._outs[name] = []
