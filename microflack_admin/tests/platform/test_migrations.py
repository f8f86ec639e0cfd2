"""What a migration must not do, since older code works on the same tables."""

from pathlib import Path

import pytest

from mftools.testing.migrations import made_outside, main, problems

ROOT = Path(__file__).parents[3]
FORM = """
def upgrade():
    {}


def downgrade():
    op.drop_table("words")
"""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('op.drop_column("words", "text")', "takes away"),
        ('op.drop_table("words")', "takes away"),
        ('op.rename_table("words", "texts")', "takes away"),
        ('op.alter_column("words", "a", new_column_name="b")', "renamed"),
        ('op.alter_column("words", "a", nullable=False)', "must not be empty"),
        ('op.alter_column("words", "a", type_=sa.Integer())', "changes its type"),
        ('op.add_column("words", sa.Column("n", sa.Text(), nullable=False))', "omits"),
        ('op.create_unique_constraint("u", "words", ["a"])', "may refuse"),
        ('op.create_index("i", "words", ["a"], unique=True)', "may refuse"),
        ('op.execute("ALTER TABLE words DROP COLUMN a")', "SQL that takes away"),
        ('op.execute(sa.text("alter table w rename to v"))', "SQL that takes away"),
        (
            'with op.batch_alter_table("words") as batch: batch.drop_column("a")',
            "takes away",
        ),
    ],
)
def test_what_older_code_cannot_bear_is_found(statement: str, said: str) -> None:
    ((line, problem),) = problems(FORM.format(statement))
    assert line == 3
    assert said in problem


@pytest.mark.parametrize(
    "statement",
    [
        'op.add_column("words", sa.Column("n", sa.Text()))',
        'op.add_column("w", sa.Column("n", sa.Text(), nullable=False, '
        'server_default=""))',
        'op.create_table("w", sa.Column("n", sa.Text(), nullable=False))',
        'op.create_index("i", "words", ["a"])',
        'op.alter_column("words", "a", nullable=True)',
        'op.alter_column("words", "a", nullable=False, server_default="x")',
        'op.execute("UPDATE words SET a = b WHERE a IS NULL")',
        'op.create_table("w"); op.create_index("i", "w", ["a"], unique=True)',
        'op.drop_column("w", "a")  # older code bears it: unread since release 3',
    ],
)
def test_what_older_code_can_bear_is_let_through(statement: str) -> None:
    assert list(problems(FORM.format(statement))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "connection.execute(CreateTable(Word.__table__, if_not_exists=True))",
        "db.create_all()",
        'op.create_table("words")',
        'connection.execute(text("CREATE TABLE words (id INTEGER)"))',
    ],
)
def test_a_table_that_is_made_outside_revisions_is_found(statement: str) -> None:
    ((line, problem),) = made_outside(f"run_migrations()\n{statement}\n")
    assert line == 2
    assert "no revision" in problem


@pytest.mark.parametrize("place", ["migrations/env.py", "microflack_words/store.py"])
def test_it_is_found_wherever_a_service_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    file = tmp_path / place
    file.parent.mkdir()
    file.write_text("db.create_all()\n")
    assert main([str(tmp_path / "migrations")]) == 1
    assert f"{file}:1: a table that no revision makes" in capsys.readouterr().err


def test_problems_are_printed_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "versions").mkdir()
    file = tmp_path / "versions" / "0002_drop.py"
    file.write_text(FORM.format('op.drop_column("words", "text")'))
    assert main([str(tmp_path)]) == 1
    assert f"{file}:3: drop_column takes away" in capsys.readouterr().err


@pytest.mark.parametrize(
    "folder", sorted(ROOT.glob("microflack_*/migrations")), ids=lambda f: f.parent.name
)
def test_the_services_migrations_keep_to_it(folder: Path) -> None:
    assert main([str(folder)]) == 0
