"""Does the code keep the house rules: imports, sizes, docstrings, words, and a light start?"""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
MODULES = sorted((SOURCE / "assay").rglob("*.py"))

MAX_MODULE_LINES = 300
MAX_FUNCTION_STATEMENTS = 40

# Joined here from halves, so that this file does not hold what it forbids. Names that no one outside can reach,
# or that bind the project to one place.
FORBIDDEN = [
    a + b
    for a, b in [
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("yarn", "pkg.com"),
        ("deb.", "debian.org"),
        ("/wo", "rk/"),
        ("sha", "red/"),
    ]
]
NOT_OURS = {".hypothesis", ".git", "build", "dist", "runs", "assay-demo", "node_modules"}


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files under a folder but those of environments, caches, builds and runs."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in NOT_OURS or path.name == "__pycache__":
            continue
        if path.is_file():
            yield path
        elif not path.name.endswith((".egg-info", "_cache")) and not (path / "pyvenv.cfg").exists():
            yield from _walk(path)


def _statements(function: ast.AST) -> int:
    """Count the statements in a function's body, nested ones too, without the docstring."""
    count = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return count - (ast.get_docstring(function) is not None)  # type: ignore[arg-type]  # only functions come here


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python at the top of the repository, with its output plain and not cut."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONWARNINGS": ""}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def _passes(*arguments: str) -> None:
    result = _run(*arguments)
    if result.returncode != 0:
        pytest.fail(f"{' '.join(arguments)}\n{result.stdout}{result.stderr}", pytrace=False)


@pytest.mark.parametrize("path", MODULES, ids=_dotted)
def test_module_says_what_it_is_for(path: Path) -> None:
    """Every module has a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{path} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=_dotted)
def test_module_fits_in_the_head(path: Path) -> None:
    """No module has more than 300 lines."""
    assert len(path.read_text("utf-8").splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=_dotted)
def test_functions_are_short(path: Path) -> None:
    """No function has more than 40 statements."""
    long = {
        node.name: _statements(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _statements(node) > MAX_FUNCTION_STATEMENTS
    }
    assert long == {}


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__main__.py"], ids=_dotted)
def test_public_names_exist(path: Path) -> None:
    """Every module can be imported, and every name in its `__all__` is there, once."""
    module = importlib.import_module(_dotted(path))
    names = list(getattr(module, "__all__", []))
    assert [name for name in names if not hasattr(module, name)] == []
    assert len(set(names)) == len(names)


def test_nothing_is_called_utils() -> None:
    """No module is a drawer for what has no room."""
    drawers = {"helper", "helpers", "util", "utils"}
    assert [_dotted(path) for path in MODULES if drawers & set(_dotted(path).replace("_", ".").split("."))] == []


def test_files_name_no_place_of_ours() -> None:
    """No file of the repository names a package index or a folder that only this workplace has."""
    found = []
    for path in _walk(ROOT):
        try:
            text = path.read_text("utf-8").lower()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


@pytest.mark.parametrize("verb", [[], ["verify"]], ids=["assay", "assay verify"])
def test_help_is_light(verb: list[str]) -> None:
    """Asking for help loads neither the model's client nor tables, and none of the nouns."""
    result = _run("-X", "importtime", "-m", "assay", *verb, "--help")
    assert result.returncode == 0, result.stderr
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "assay.cli" in loaded
    assert {"openai", "pandas", "assay.schema.record"} & loaded == set()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("assay.cli.app", {"aiohttp", "cryptography", "openai", "pandas", "scipy", "sigstore"}),
        ("assay.workflow.verify", {"aiohttp", "cryptography", "openai", "pandas", "rich", "sigstore", "typer"}),
    ],
)
def test_import_is_light(module: str, heavy: set[str]) -> None:
    """The command and `verify` load no heavy dependency before it is needed."""
    result = _run("-c", f"import sys, {module}; print(*sys.modules)")
    assert result.returncode == 0, result.stderr
    assert heavy & set(result.stdout.split()) == set()


@pytest.mark.slow
def test_wheel_ships_what_people_edit(tmp_path: Path) -> None:
    """The wheel holds the package and, inside it, every golden set, rubric and template."""
    _passes("-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    folders = {"goldensets": ROOT, "rubrics": ROOT, "templates": ROOT, "assay": SOURCE}
    for name, parent in folders.items():
        wanted = {path.relative_to(parent).as_posix() for path in _walk(parent / name)}
        inside = wanted if name == "assay" else {f"assay/{path}" for path in wanted}
        assert inside - shipped == set()
        assert inside


def test_imports_go_down() -> None:
    """The import contracts in pyproject.toml are kept."""
    _passes("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")


def test_style() -> None:
    """Ruff finds nothing."""
    _passes("-m", "ruff", "check", "--no-cache")


def test_format() -> None:
    """Ruff would format nothing anew."""
    _passes("-m", "ruff", "format", "--check", "--no-cache")


@pytest.mark.slow
def test_types() -> None:
    """Mypy finds nothing."""
    _passes("-m", "mypy")
