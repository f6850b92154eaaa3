"""What ships with the product."""

from undersigned import resources


def test_it_finds_what_ships() -> None:
    """Config, templates and examples are found beside the package or inside it."""
    assert "[database]" in resources.config_text("undersigned.toml")
    assert (resources.templates("email") / "invitation").is_dir()
    assert (resources.example("security-council-2022") / "letter.md").is_file()
