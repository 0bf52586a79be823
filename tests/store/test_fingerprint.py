import hashlib

import pytest

from driftmill.store.fingerprint import code_hash, file_hash


@pytest.fixture
def package(tmp_path):
    (tmp_path / "likelihoods").mkdir()
    (tmp_path / "likelihoods" / "a.py").write_text("x = 1")
    (tmp_path / "report" / "templates").mkdir(parents=True)
    (tmp_path / "report" / "page.py").write_text("y = 1")
    (tmp_path / "report" / "templates" / "page.html").write_text("<p>")
    return tmp_path


def fresh(*rooms, package):
    code_hash.cache_clear()
    return code_hash(*rooms, package=package)


def test_an_edit_changes_the_hash_of_its_room_only(package):
    fit, page = fresh("likelihoods", package=package), fresh("report", package=package)
    (package / "report" / "templates" / "page.html").write_text("<b>")
    assert fresh("likelihoods", package=package) == fit
    assert fresh("report", package=package) != page


def test_a_new_and_a_renamed_file_change_it(package):
    before = fresh("likelihoods", package=package)
    (package / "likelihoods" / "a.py").rename(package / "likelihoods" / "b.py")
    after = fresh("likelihoods", package=package)
    (package / "likelihoods" / "c.py").write_text("")
    assert len({before, after, fresh("likelihoods", package=package)}) == 3


def test_caches_do_not_count(package):
    before = fresh("likelihoods", package=package)
    (package / "likelihoods" / "__pycache__").mkdir()
    (package / "likelihoods" / "__pycache__" / "a.pyc").write_text("")
    (package / "likelihoods" / ".a.py.swp").write_text("")
    assert fresh("likelihoods", package=package) == before


def test_one_file_can_be_meant(package):
    before = fresh("report/page.py", package=package)
    (package / "report" / "templates" / "page.html").write_text("<b>")
    assert fresh("report/page.py", package=package) == before


def test_an_unknown_room_is_told(package):
    with pytest.raises(FileNotFoundError, match="no likelihood"):
        fresh("likelihood", package=package)


def test_the_package_has_its_rooms():
    rooms = ("likelihoods", "models", "simulation", "regression", "sampling", "store")
    assert len({code_hash(room) for room in rooms}) == len(rooms)


def test_a_file_hash_is_that_of_its_content(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    assert file_hash(tmp_path / "f") == hashlib.sha256(b"abc").hexdigest()
