"""Each stage's code dependencies in dvc.yaml cover all that it imports, by folders; how much wider is printed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from richcheap.pipeline.execution.import_closure import PLACES, closure, places_below
from richcheap.pipeline.storage import paths
from tests.conftest import ROOT

DVC = YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"]
MODELS = sorted(YAML(typ="safe", pure=True).load(ROOT / "params.yaml")["models"])
ROOFS = {ROOT / "stages", ROOT / "src" / "richcheap", ROOT / "src" / "dvc_parallel"}
PUBLIC_FACE = ROOT / "src" / "richcheap" / "__init__.py"
"""What users import; stages import the modules that they need."""
PRICER = "richcheap.pricer"
"""It opens a project that has run, and reads what stages have written."""
MAPPINGS = ("richcheap.ingestion.mappings", "richcheap.ingestion.mappings.terms")
"""They find their modules by themselves."""
LOADS_EVERY_MODEL = ("check", "decompose", "drift", "evaluate")  # check for their Params, the others to load them


def stage_of(name):
    """Return the definition of `name`, with the model's name filled in for train@NAME and the like."""
    if "@" not in name:
        return DVC[name]
    group, key = name.split("@")
    definition = dict(DVC[group]["do"])
    definition["cmd"] = definition["cmd"].replace("${key}", key)
    definition["deps"] = [dep.replace("${key}", key) for dep in definition["deps"]]
    return definition


NAMES = [
    full
    for name, definition in DVC.items()
    for full in ([f"{name}@{model}" for model in MODELS] if "foreach" in definition else [name])
]


def module_of(name):
    python, flag, module, *_ = stage_of(name)["cmd"].split()
    assert (python, flag) == ("python", "-m")
    return module


def declared(name):
    """Return the code among the deps of stage `name`; a folder stands for every file in it."""
    files: set[str] = set()
    for dep in stage_of(name)["deps"]:
        if is_code(dep):
            files |= files_below(ROOT / dep) if (ROOT / dep).is_dir() else {dep}
    return files


def is_code(dep):
    return dep.startswith(("stages/", "src/"))


def files_below(folder):
    """Return every file below `folder`, without what Python and Numba leave there."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


def imported(name):
    """Return the modules that stage `name` imports, and what lies beside them that is not Python."""
    modules = [module_of(name)]
    if name in LOADS_EVERY_MODEL:
        modules += [f"richcheap.models.{model}" for model in MODELS]
    elif "@" in name:
        modules.append(f"richcheap.models.{name.split('@')[1]}")
    for package in MAPPINGS:
        if package in closure(modules, places_below(ROOT)):
            folder = ROOT.joinpath("src", *package.split("."))
            modules += [f"{package}.{file.stem}" for file in folder.glob("[!_]*.py")]
    used = set(closure(modules, places_below(ROOT)).values())
    packages = {file.parent for file in used if file.name == "__init__.py"} - ROOFS
    data = {file for package in packages for file in files_below(package) if not file.endswith(".py")}
    return {file.relative_to(ROOT).as_posix() for file in used if does_something(file)} | data


def does_something(file):
    """Return whether a module can change what a stage does: a package's docstring and public face cannot."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return file != PUBLIC_FACE and not all(isinstance(node, ast.Expr) or is_face(node) for node in body)


def is_face(node):
    """Return whether a statement is the list of what a package offers."""
    return isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]


def paste(files):
    return "".join(f"\n      - {file}" for file in sorted(files))


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_declares_every_module_that_it_imports(name):
    missing = imported(name) - declared(name)
    assert not missing, f"add to the deps of {name} in dvc.yaml:{paste(missing)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_declares_no_folder_of_which_it_imports_nothing(name):
    used = imported(name)
    if "@" in name:  # the template serves every model
        used |= {file for other in NAMES if "@" in other for file in imported(other)}
    code = [dep for dep in stage_of(name)["deps"] if is_code(dep)]
    unused = [dep for dep in code if not any(file == dep or file.startswith(f"{dep}/") for file in used)]
    assert not unused, f"take out of the deps of {name} in dvc.yaml:{paste(unused)}"


def test_how_much_wider_the_dependencies_are_is_told(capsys):
    with capsys.disabled():
        for name in NAMES:
            wider = {file for file in declared(name) - imported(name) if file.endswith(".py")}
            print(f"\n{name}: {len(imported(name))} modules imported, {len(wider)} more declared", end="")
        print()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_loaded_at_run_time_was_found_by_reading(name):
    code = (
        f"import sys, {module_of(name)}\n"
        f"print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] in {tuple(PLACES)}), sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {Path(line) for line in done.stdout.split()}
    assert {file.relative_to(ROOT).as_posix() for file in loaded if does_something(file)} <= imported(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_says_what_it_does(name):
    assert len(stage_of(name)["desc"].split()) > 3


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_names_each_of_its_deps_once(name):
    deps = stage_of(name)["deps"]
    assert len(deps) == len(set(deps))


def artifacts_named(name):
    """Return the artifacts below training_data that stage `name` names, as constants of `paths`.

    Its module names them, or the one that opens a project that has run.
    """
    used_modules = closure([module_of(name)], places_below(ROOT))
    trees = [ast.parse(used_modules[file].read_text()) for file in (module_of(name), PRICER) if file in used_modules]
    attributes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "paths"}
    named = {getattr(paths, constant) for constant in used if constant.isupper()}
    return {path.as_posix() for path in named if path.is_relative_to(paths.TRAINING_DATA)}


def outputs(name):
    return [next(iter(out)) if isinstance(out, dict) else out for out in stage_of(name).get("outs", [])]


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_declares_the_artifacts_that_it_names_and_no_others(name):
    declared_too = {*stage_of(name)["deps"], *outputs(name)}
    artifacts = {path for path in declared_too if path.startswith("training_data/")}
    missing = {
        path
        for path in artifacts_named(name)
        if not any(Path(one).is_relative_to(path) or Path(path).is_relative_to(one) for one in artifacts)
    }
    assert not missing, f"add to the deps or outs of {name} in dvc.yaml:{paste(missing)}"
    known = {value.as_posix() for constant, value in vars(paths).items() if constant.isupper()}
    known.discard(paths.PARAMS_CHECKED.as_posix())  # its only word is that check comes first
    used = {parent.as_posix() for path in artifacts_named(name) for parent in (Path(path), *Path(path).parents)}
    needless = artifacts & known - used
    assert not needless, f"stages/{name} names none of these, which dvc.yaml declares:{paste(needless)}"
