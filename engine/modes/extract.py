"""mode=extract: from scans to clean signatures."""

import collections
import dataclasses
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.text import clock, shown_path

from data.commands import command, override
from data.errors import UserError
from data.pages.page_classes import CLASSES, counted
from data.pictures.left_out import printable
from data.wording import count_of
from engine.config import Config, Extract
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.input_files import check_input
from engine.modes.used_models import find_model, UsedModel
from engine.runs.places import extraction_folder
from models.extraction.journal import Journal
from models.extraction.sources import find_sources, name_sources, Source, SUFFIXES, unreadable

FORMAT = 2
"""Raise this when the same options give other results."""

LINES_SHOWN = 20

_LOW_SCORE = 0.1
"""`extract.score` of the command that is suggested if nothing is found."""

_CUT_OUTS = {"found", "cleaned", "transparent"}
"""Values of `extract.write` that stand for pictures of a detection."""


def extract(config: Config, overrides: list[str]) -> None:
    """Finds, cuts out and cleans the handwriting in the files of `extract.input`.

    Raises:
      UserError: there are no files, none of them can be read, or a file of the user is in the way.
    """
    settings, console = config.extract, Console()
    source, output = Path(settings.input), extraction_folder(settings)
    files, others = find_files(source, output)
    models = {"detector": find_model("detector", settings.detector)}
    if {"cleaned", "transparent"} & set(settings.write) and settings.classes:
        models["cleaner"] = find_model("cleaner", settings.cleaner)
    for name, model in models.items():
        console.line(name, model.about)
    journal = Journal(output, source)
    try:
        _extract(config, journal, name_sources(files, source, _stems(journal)), models, console)
    finally:
        journal.close()
    if others:
        console.line("left out", others)


def find_files(source: Path, output: Path) -> tuple[list[Path], str]:
    """The files of `extract.input`, and a line on those left out.

    Raises:
      UserError: it does not exist, or no file in it ends as a picture or PDF file does.
    """
    check_input("extract.input", source)
    files, others = find_sources(source, output)
    if not files:
        looked = f"looked for *{', *'.join(SUFFIXES)}" + (f"; {others}" if others else "")
        raise UserError("extract.input", f"no image and no PDF file in {source} ({looked})")
    return files, others


def _stems(journal: Journal) -> dict[str, str]:
    return {name: str(record["stem"]) for name, record in journal.records.items() if record.get("stem")}


def _key(settings: Extract, models: dict[str, UsedModel]) -> str:
    """Hash of everything that decides the results of a file."""
    options = {name: getattr(settings, name) for name in ("score", "margin", "classes", "dpi", "write")}
    content = [FORMAT, options, {name: model.content for name, model in models.items()}]
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=8).hexdigest()


def _extract(
    config: Config, journal: Journal, sources: Sequence[Source], models: dict[str, UsedModel], console: Console
) -> None:
    key, started = _key(config.extract, models), time.monotonic()
    left = [source for source in sources if not journal.is_done(source.name, source.path, key)]
    if before := len(sources) - len(left):
        console.line("done", f"{before:,} of {count_of(len(sources), 'file')} already, with the same options")
    bad = {source.name: unreadable(source.path) for source in left if journal.was_bad(source.name, source.path)}
    bad = {name: reason for name, reason in bad.items() if reason}
    left = [source for source in left if source.name not in bad]
    results = _run(config, journal, left, models, console, key) if left else []
    bad |= {result.source.name: result.reason for result in results if result.reason}
    if len(bad) == len(sources):
        name, reason = next(iter(bad.items()))
        raise UserError("extract.input", f"none of {count_of(len(bad), 'file')} could be read; {name}: {reason}")
    _report(config, journal, sources, bad, console)
    pages = sum(result.pages - len(result.skipped) for result in results if not result.reason)
    if left:
        seconds = time.monotonic() - started
        console.line("time", f"{clock(seconds)} for {count_of(pages, 'page')} of {count_of(len(left), 'file')}")


def _run(
    config: Config,
    journal: Journal,
    sources: Sequence[Source],
    models: dict[str, UsedModel],
    console: Console,
    key: str,
) -> list[Any]:
    """Extracts from files; returns their results."""
    configure_tensorflow(config)
    from models.cleaner.export import load_cleaner  # imports TensorFlow, which is configured now
    from models.detector.export import load_detector
    from models.extraction.cutting import QuickModel
    from models.extraction.extraction import Choices, Extraction, Result
    from models.extraction.finding import Finder

    settings, cache = config.extract, Path(config.dataset.cache_dir)
    detector = load_detector(models["detector"].folder(cache))
    finder = Finder(detector, models["detector"].size, settings.score)
    cleaner = QuickModel(load_cleaner(models["cleaner"].folder(cache))) if "cleaner" in models else None
    choices = Choices(settings.margin, settings.classes, settings.dpi, settings.write, key)
    results: list[Result] = []
    pages = 0
    try:
        with console.progress("extract", len(sources)) as update:

            def done(result: Result) -> None:
                nonlocal pages
                results.append(result)
                pages += result.pages
                update(len(results), f"{count_of(pages, 'page')} · {printable(result.source.path.name)}")

            Extraction(journal, finder, cleaner, choices).run(sources, done)
    except KeyboardInterrupt:
        console.line("stopped", f"{len(results):,} of {count_of(len(sources), 'file')} are done")
        console.line("resume", "run the same command again; it skips the files that are done")
        raise
    return results


def _report(config: Config, journal: Journal, sources: Sequence[Source], bad: dict[str, str], console: Console) -> None:
    """Writes tables and contact sheets of all files, done now or earlier, and prints a summary."""
    from models.extraction.sheets import captions, write_sheets
    from models.extraction.tables import LIST, TABLE, write_tables

    settings, folder = config.extract, journal.folder
    records: list[dict[str, Any]] = [
        {"file": source.name, "skipped": [{"reason": bad[source.name]}]}
        if source.name in bad
        else journal.records[source.name]
        for source in sources
    ]
    options = dataclasses.asdict(settings)
    write_tables(folder, records, {"input": options.pop("input"), "options": options})
    sheets = write_sheets(folder, list(captions(records, folder))) if "sheet" in settings.write else []
    skipped = [(record["file"], entry) for record in records for entry in record.get("skipped", [])]
    for name, entry in skipped[:LINES_SHOWN]:
        page = f", page {entry['page']}" if "page" in entry else ""
        console.line("skipped", f"{printable(name)}{page}: {entry['reason']}")
    if len(skipped) > LINES_SHOWN:
        console.line("", f"and {len(skipped) - LINES_SHOWN:,} more; all are in {LIST}")
    found = collections.Counter(entry["class"] for record in records for entry in record.get("signatures", []))
    pages = sum(len(record.get("pages", [])) for record in records)
    text = counted([found[name] for name in CLASSES])
    console.line("found", f"{text} on {count_of(pages, 'page')} of {count_of(len(sources) - len(bad), 'file')}")
    is_cut_out = any(found[name] for name in settings.classes) and _CUT_OUTS & set(settings.write)
    console.line("pictures", shown_path(folder / "signatures") if is_cut_out else "none")
    blank = sum("blank" in entry for record in records for entry in record.get("signatures", []))
    if blank:
        console.line("blank", f"{count_of(blank, 'cut-out')} without ink after cleaning; `blank` in {TABLE} names them")
    console.line("lists", f"{shown_path(folder / TABLE)}, {LIST}")
    if "pages" in settings.write:
        console.line("pages", shown_path(folder / "pages"))
    if sheets:
        console.line("look", shown_path(sheets[0]) + (f" and {len(sheets) - 1} more" if len(sheets) > 1 else ""))
    if not found and settings.score > _LOW_SCORE:
        wanted = (override("extract.input", settings.input), f"extract.score={_LOW_SCORE}")
        lower = command("mode=extract", *wanted)
        console.line("next", f"to see what scored less:  {lower}")
