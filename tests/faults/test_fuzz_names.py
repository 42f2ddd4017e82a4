"""Random names as people write them: versions, pages and writers are joined, and joined tables are separated."""

import contextlib
import itertools
import json
import unicodedata
from collections import defaultdict
from pathlib import PurePosixPath

import pytest
from fuzzing import fuzz, ROUND
from hypothesis import strategies as st

from data.labels.numbering import repair_ids, repair_references, Unrepairable
from data.signatures.writers import find_writers
from data.splits.document_names import documents_of, labelled_page
from data.splits.path_names import part_of_folder, part_of_list, split_of, unclear_folders

BASES = (
    "lease",
    "Mietvertrag \u00e4",
    "scan-A7 b",
    "x.y",
    "\u0434\u043e\u0433\u043e\u0432\u043e\u0440",
    "aao54e00",
    "\u5951\u7ea6",
)
VERSIONS = ("", "", "_jpg.rf.{:032x}", ".rf.{:08x}", "_aug{}", " - Copy ({})", "_rot{}", "-hflip")
PAGES = ("", "_page{}", "-p0{}", " (page {})", " seite {} von 9", "_amendment_{}", "_page{}_amendment_2")
FOLDERS = ("", "train/", "valid/images/", "Testing/", "images/", "images/val2017/")


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """(path, document) of some pages."""
    pages = set()
    for _ in range(draw(st.integers(1, 12))):
        base = draw(st.integers(0, len(BASES) - 1))
        number = draw(st.integers(1, 9))
        written = (
            BASES[base] + draw(st.sampled_from(PAGES)).format(number) + draw(st.sampled_from(VERSIONS)).format(number)
        )
        written = (
            draw(st.sampled_from((str, str.upper, str.title)))(written)
            if base < 2 and ".rf." not in written
            else written
        )
        form = draw(st.sampled_from(("NFC", "NFD")))
        pages.add((draw(st.sampled_from(FOLDERS)) + unicodedata.normalize(form, written) + ".png", base))
    return json.dumps(sorted(pages)).encode()


@pytest.mark.fault(
    "names of pages as people and tools write them: versions, pages, case, accents, folders of a split",
    "pages are of one document if, and only if, their names say so",
)
def test_documents(seconds: float):
    def read(made: bytes) -> None:
        names, right = zip(*json.loads(made), strict=True)
        found = documents_of(names).documents
        pairs = set(zip(found, right, strict=True))
        assert len(pairs) == len(set(found)) == len(set(right))

    assert fuzz(read, documents(), seconds) >= ROUND


KINDS = (
    ("genuine", "forged"),
    ("Original", "Forgeries"),
    ("real", "fake"),
    ("echt", "gef\u00e4lscht"),
    ("G", "F"),
    ("", "forg"),
)
WRITERS = (
    ("ann", "bob", "zo\u00eb", "dan"),
    ("1", "2", "31", "44"),
    ("w1", "w2", "w31", "w44"),
    ("Ann Lee", "Bo Lee", "Al Ng", "Cy Wu"),
)
PLACES = (
    "{kind}/{who}/{n}",
    "{who}/{kind}/{n}",
    "{who}_{kind}/{n}",
    "{kind}/{who}_{n}",
    "{kind}_{who}_{n}",
    "{who}_{n}_{kind}",
)
PLACES = (*PLACES, "{who}_{kind}_{n}", "all/{who}-{kind}{n}", "{who}/{kind}_{n}", "{part}/{who}/{kind}_{n}")


@st.composite
def signatures(draw: st.DrawFn) -> bytes:
    """(path, writer) of signatures that follow one scheme."""
    place, kinds = draw(st.sampled_from(PLACES)), draw(st.sampled_from(KINDS))
    writers, digits = draw(st.sampled_from(WRITERS)), draw(st.integers(1, 3))
    versions = draw(st.lists(st.sampled_from(("", "_aug{}", "_jpg.rf.{:032x}", " - Copy")), min_size=1, unique=True))
    found = []
    for who in writers:
        for part, n in (("train", 1), ("train", 2), ("val", 3)):
            for kind in kinds:
                for version in versions:
                    name = unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD"))), who)
                    path = place.format(kind=kind, who=name, n=str(n).zfill(digits), part=part)
                    found.append((f"{path}{version.format(n)}.png".lstrip("/"), who))
    return json.dumps(draw(st.permutations(found))).encode()


@pytest.mark.fault(
    "names of signatures as people write them: kinds, folders, versions, accents, in any order",
    "no signature of one writer counts as another's, or a line says that this is not sure",
)
def test_writers(seconds: float):
    def read(made: bytes) -> None:
        paths, right = zip(*json.loads(made), strict=True)
        found = find_writers(paths, "auto")
        keys = defaultdict(set)
        for key, who in zip(found.keys, right, strict=True):
            keys[who].add(key)
        assert found.doubt or all(len(each) == 1 for each in keys.values()), found
        assert found.doubt or len(set(found.keys)) == len(keys), found

    assert fuzz(read, signatures(), seconds) >= ROUND


@pytest.mark.fault("names of files of any letters", "read; never another error")
def test_any_names(seconds: float):
    letters = st.text(st.sampled_from("aA1_-. ()/\u00e9\u0301\u0130\u0663\udc80g") | st.characters(), max_size=20)
    names = st.lists(letters.map(lambda text: f"{text.strip('/') or 'a'}.png"), min_size=1, max_size=6)

    def read(made: bytes) -> None:
        paths = json.loads(made)
        assert len(documents_of(paths).documents) == len(find_writers(paths, "auto").keys) == len(paths)
        for path in paths:
            split_of(PurePosixPath(path))
            part_of_folder(path)
            part_of_list(path)
            labelled_page(path)
        unclear_folders(map(PurePosixPath, paths))

    assert fuzz(read, names.map(lambda each: json.dumps(each).encode()), seconds) >= ROUND


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Ids of some tables that count upwards, and references to some of them in each."""
    joined = []
    for _ in range(draw(st.integers(1, 4))):
        ids = sorted(draw(st.sets(st.integers(0, 12), min_size=1, max_size=8)))
        joined.append((ids, sorted(draw(st.lists(st.sampled_from(ids), min_size=1, max_size=8)))))
    return json.dumps(joined).encode()


@pytest.mark.fault(
    "tables that each count anew, joined", "rows and references come apart as they were joined, or it says why not"
)
def test_joined_tables(seconds: float):
    def read(made: bytes) -> None:
        joined = json.loads(made)
        ids, references = ([number for pair in joined for number in pair[column]] for column in (0, 1))
        batches = [batch for batch, pair in enumerate(joined) for _ in pair[1]]
        falls = all(after[0][0] < before[0][-1] for before, after in itertools.pairwise(joined))
        with contextlib.suppress(Unrepairable):
            repaired = repair_ids(ids)
            assert len(set(repaired)) == len(ids)
            assert [number for _, number in repaired] == ids
            if falls and len(set(ids)) < len(ids):
                assert repaired == [(batch, number) for batch, pair in enumerate(joined) for number in pair[0]]
            found = repair_references(repaired, references, batches)
            assert set(found) <= set(repaired) or not falls

    assert fuzz(read, tables(), seconds) >= ROUND
