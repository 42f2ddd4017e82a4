"""Pools of signatures and printed noise: their content, skipped scans, and the cache."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_data import REAL_CEDAR

from data.ink import find_ink, resize_ink, signature_ink, unpack
from data.pictures.reading import BadScan, read_scan
from data.signatures import pair_pools
from data.signatures.cedar import find_signatures, SignatureFile, split_by_writer
from data.signatures.pair_pools import load_pools, noisy_pair, PairPools
from data.signatures.printed_noise import draw_printed_noise, FONT_FILES, WORDS_FILE
from data.signatures.signature_sources import drawn_sources, file_sources
from data.signatures.warping import warp_ink

HELD_OUT = [2, 5, 6, 15, 19, 22, 30, 34, 48, 51]


@pytest.fixture
def files(tmp_path: Path) -> list[SignatureFile]:
    rng = np.random.default_rng(0)
    made = []
    for number in range(6):
        scan = np.full((120, 200), 255, np.uint8)
        for x, y in rng.integers(10, 100, (8, 2)):
            scan[y : y + 4, x : x + 60] = 10
        path = tmp_path / f"original_1_{number}.png"
        Image.fromarray(scan).save(path)
        made.append(SignatureFile(1, path))
    return made


def load(cache: Path, files: list[SignatureFile], **changes) -> PairPools:
    settings = {"seed": 1, "variants": 3, "noise_layers": 4, "validation_repeats": 1} | changes
    return load_pools(cache, file_sources(files[:4]), file_sources(files[4:]), **settings)


def test_shapes_and_the_scan_itself_first(files: list[SignatureFile], tmp_path: Path):
    pools = load(tmp_path / "cache", files, validation_repeats=2)
    assert pools.ink.shape == (4, 3, 224, 28)
    assert pools.noise.shape == (4, 224, 28)
    assert pools.validation.noisy.shape == pools.validation.clean.shape == (4, 224, 28)
    for file, variants in zip(files, unpack(pools.ink), strict=False):
        np.testing.assert_array_equal(variants[0], resize_ink(find_ink(read_scan(file.path))))
        assert not np.array_equal(variants[0], variants[1])
        assert not np.array_equal(variants[1], variants[2])


def test_bad_scans_are_named_and_skipped(files: list[SignatureFile], tmp_path: Path):
    files[1].path.write_bytes(b"")
    Image.new("L", (50, 50), 255).save(files[5].path)
    pools = load(tmp_path / "cache", files)
    assert len(pools.ink) == 3
    assert len(pools.validation) == 1
    assert [name for name, _ in pools.bad] == ["original_1_1.png", "original_1_5.png"]
    assert "empty" in pools.bad[0][1]
    assert "no ink" in pools.bad[1][1]


def test_nothing_good_is_empty_not_an_error(files: list[SignatureFile], tmp_path: Path):
    for file in files:
        file.path.write_bytes(b"broken")
    pools = load(tmp_path / "cache", files)
    assert pools.ink.shape == (0, 3, 224, 28)
    assert pools.validation.noisy.shape == (0, 224, 28)
    assert len(pools.bad) == 6


def test_a_second_run_reads_the_cache(files: list[SignatureFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = load(tmp_path / "cache", files)
    monkeypatch.setattr(pair_pools, "map_chunks", None)
    second = load(tmp_path / "cache", files)
    assert second.fingerprint == first.fingerprint
    np.testing.assert_array_equal(second.ink, first.ink)


def test_the_same_settings_give_the_same_pairs_anywhere(files: list[SignatureFile], tmp_path: Path):
    one, other = load(tmp_path / "one", files), load(tmp_path / "other", files)
    np.testing.assert_array_equal(one.validation.noisy, other.validation.noisy)
    np.testing.assert_array_equal(one.noise, other.noise)


def test_changed_content_is_another_dataset(files: list[SignatureFile], tmp_path: Path):
    before = load(tmp_path / "cache", files).fingerprint
    scan = read_scan(files[0].path).copy()
    scan[:3] = 0
    Image.fromarray(scan).save(files[0].path)
    assert load(tmp_path / "cache", files).fingerprint != before
    assert load(tmp_path / "cache", files, seed=2).fingerprint != before


def test_drawn_signatures_are_added(files: list[SignatureFile], tmp_path: Path):
    train = [*file_sources(files[:2]), *drawn_sources(1, range(3), samples=2)]
    pools = load_pools(
        tmp_path, train, file_sources(files[4:]), seed=1, variants=1, noise_layers=2, validation_repeats=1
    )
    assert len(pools.ink) == 8
    assert len({variants.tobytes() for variants in pools.ink}) == 8


def test_print_is_added_and_ink_never_covered():
    rng = np.random.default_rng(3)
    ink = signature_ink(drawn_sources(1, [0], 1)[0].read())
    for _ in range(10):
        noisy, clean = noisy_pair(rng, ink)
        assert (clean & ~noisy).sum() < 0.03 * clean.sum()
        assert noisy.sum() > 1.05 * clean.sum()


def test_warps_change_the_hand_but_keep_a_signature():
    ink = signature_ink(drawn_sources(1, [0], 1)[0].read())
    rng = np.random.default_rng(0)
    amounts = [warp_ink(rng, ink).mean() / ink.mean() for _ in range(30)]
    assert 0.4 < np.median(amounts) < 1.6
    assert min(amounts) > 0.1


def test_printed_noise_is_a_function_of_its_generator():
    draws = [draw_printed_noise(np.random.default_rng(7), 500, 250) for _ in range(2)]
    np.testing.assert_array_equal(*draws)
    assert draws[0].shape == (250, 500)


def test_every_picture_has_a_line_at_a_fifth_a_half_or_four_fifths():
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = draw_printed_noise(rng, 600, 300).mean(axis=1)
        assert max(rows[y - 1 : y + 2].max() for y in (60, 150, 240)) > 0.4


@pytest.mark.parametrize(("width", "height"), [(8, 8), (20, 500), (4000, 60)])
def test_scans_of_odd_sizes_get_noise_too(width: int, height: int):
    for seed in range(5):
        assert draw_printed_noise(np.random.default_rng(seed), width, height).shape == (height, width)


def test_words_and_fonts_are_there():
    words = WORDS_FILE.read_text().split()
    assert len(set(words)) > 500
    assert all(word.isascii() and word.islower() and word.isalpha() for word in words)
    for name in FONT_FILES:
        assert pair_pools.draw_printed_noise.__globals__["_font"](name, 30).getlength("Sincerely") > 50


@pytest.mark.skipif(not REAL_CEDAR.exists(), reason="no real CEDAR signatures beside the repository")
def test_uncleaned_pairs_score_as_in_the_reference():
    _, held_out = split_by_writer(find_signatures(REAL_CEDAR), HELD_OUT)
    rng = np.random.default_rng(0)
    psnr, hits, found, true = [], 0, 0, 0
    for file in held_out:
        noisy, clean = noisy_pair(rng, signature_ink(read_scan(file.path)))
        psnr.append(-10 * np.log10((noisy != clean).mean()))
        hits, found, true = hits + (noisy & clean).sum(), found + noisy.sum(), true + clean.sum()
    assert np.mean(psnr) == pytest.approx(13.2, abs=1.0)
    assert 2 * hits / (found + true) == pytest.approx(0.61, abs=0.06)


def test_every_page_of_a_tiff_is_a_signature(files: list[SignatureFile], tmp_path: Path):
    scans = [Image.open(file.path) for file in files[:3]]
    scans[0].save(tmp_path / "three.tif", save_all=True, append_images=scans[1:])
    sources = file_sources([SignatureFile(7, tmp_path / "three.tif"), files[3]])
    assert [source.name for source in sources] == [
        "three.tif page 1",
        "three.tif page 2",
        "three.tif page 3",
        files[3].path.name,
    ]
    assert [source.writer for source in sources] == [7, 7, 7, 1]
    for source, file in zip(sources, files, strict=False):
        np.testing.assert_array_equal(source.read(), read_scan(file.path))


def test_a_broken_tiff_is_named_once(tmp_path: Path):
    (tmp_path / "broken.tif").write_bytes(b"II*\0" + bytes(40))
    (source,) = file_sources([SignatureFile(1, tmp_path / "broken.tif")])
    with pytest.raises(BadScan, match=r"not a readable image|a TIFF of a kind that is not read, or damaged"):
        source.read()
