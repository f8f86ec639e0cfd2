"""Making one module of many."""

from pathlib import Path

import pytest

from microflack_ui import compose


def write(folder: Path, **modules: str) -> Path:
    """Write modules, and return their folder."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_each_module_is_there_once_and_after_those_that_it_imports(
    tmp_path: Path,
) -> None:
    folder = write(
        tmp_path,
        app='import { a } from "./a.js";\nimport * as b from "./b.js";\na(b);\n',
        a='import { b as c } from "./b.js";\nexport function a() {\n  return c;\n}\n',
        b="export const b = 1;\n",
    )
    text = compose.script(folder, "app.js")
    order = [text.index(f"// {name}.js") for name in "ba"] + [text.index("// app.js")]
    assert order == sorted(order)
    assert text.count("// b.js") == 1
    assert "const { b: c } = module0;" in text
    assert "const b = module0;" in text
    assert "return { b };" in text


def test_libraries_are_imported_once_by_their_names(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        app='import { a } from "./a.js";\nimport htm from "htm";\na(htm);\n',
        a='import { x } from "htm";\nexport class a {}\n',
    )
    text = compose.script(folder, "app.js")
    assert text.count('import * as library0 from "htm";') == 1
    assert "const htm = library0.default;" in text
    assert "const { x } = library0;" in text


@pytest.mark.parametrize(
    "text",
    ["export default 1;\n", 'import "./b.js";\n', 'export * from "./b.js";\n'],
)
def test_what_it_does_not_know_is_named(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, app=text, b="")
    with pytest.raises(compose.NotComposable, match=r"app\.js: .* is not known here"):
        compose.script(folder, "app.js")


def test_modules_that_import_each_other_are_named(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        app='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./app.js";\nexport const b = a;\n',
    )
    with pytest.raises(compose.NotComposable, match=r"app\.js imports itself"):
        compose.script(folder, "app.js")
