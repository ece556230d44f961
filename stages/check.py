"""Stage check: refuse params with any fault, in params.yaml or params/, and tell all of them at once."""

from richcheap.params import all_sections, model_sections
from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text

VALID = "params are valid\n"  # the same bytes whatever the values, so that no stage follows this one's runs


def main() -> None:
    """Check all params and write that they are valid."""
    validate(read_params(), all_sections(), optional=model_sections())
    write_text(VALID, paths.PARAMS_CHECKED)


if __name__ == "__main__":
    run(main, __doc__)
