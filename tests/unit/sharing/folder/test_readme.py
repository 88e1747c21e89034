from made_notices import EXPIRES, HASH, SHARE, WITHDRAWAL, item, outgoing, recipient, withdrawing

from adverts.sharing.folder.readme import write_readme
from adverts.sharing.notices.notice import ANSWER_COLUMNS
from adverts.sharing.notices.readme_notices import notices_section


def readme(folder, what, sections=()):
    write_readme(folder, what, sections)
    return (folder / "README.md").read_text(encoding="utf-8")


def test_a_readme_says_until_when_and_joins_its_sections(tmp_path):
    text = readme(tmp_path, outgoing(item()), ["## One\n", "## Two\n\nmore\n"])
    assert text.startswith(f"# Share {SHARE} for Demo platform\n")
    assert f"Do not use it after {EXPIRES}." in text
    assert HASH in text
    assert text.endswith("\n\n## One\n\n## Two\n\nmore\n")
    assert "Ada Demo" not in text


def test_a_withdrawal_is_called_so_and_has_no_last_day(tmp_path):
    text = readme(tmp_path, withdrawing({1: "asked"}, item()))
    assert text.startswith(f"# Withdrawal {WITHDRAWAL} for ")
    assert "Do not use it after" not in text


def test_a_hostile_name_is_no_markup(tmp_path):
    to = recipient(name="[a](javascript:x)\n# <b>\u202e")
    first = readme(tmp_path, outgoing(item(), to=to)).splitlines()[0]
    assert "](" not in first.replace("\\](", "")
    assert "<b>" not in first
    assert "\u202e" not in first


def test_the_section_of_notices_counts_them_and_names_the_columns_of_answers():
    text = notices_section(outgoing(item(1), item(2)))
    assert text.startswith("## Notices: 2 notices\n")
    assert ",".join(ANSWER_COLUMNS) in text
