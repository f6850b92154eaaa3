"""What counts as the whole database."""

from pathlib import Path

from undersigned.store import every_table


def test_it_knows_the_tables_of_every_module() -> None:
    """A backup, and a migration, leave out no table because nobody had imported it."""
    folder = Path(every_table.__file__).parent
    modules = {path.stem for path in folder.glob("*tables.py")}

    assert modules
    assert modules <= set(vars(every_table))
