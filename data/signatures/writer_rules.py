"""A table of rules that find the writer of a signature by the file names of public datasets."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class WriterRule:
    """A rule for the names of one dataset. A forgery counts as a signature of the writer that it imitates.

    Attributes:
      name: of the dataset.
      pattern: matches the end of a path, in any case; its groups are the writer.
      examples: (path, its writer).
      source: the description of the names.
      collection: identifies the writers of several rules of one dataset; empty for `name`.
    """

    name: str
    pattern: "re.Pattern[str]"
    examples: tuple[tuple[str, str], ...]
    source: str
    collection: str = ""

    def writer_of(self, path: str) -> str | None:
        """The writer of a path with `/`; None if the rule does not match."""
        match = self.pattern.search(path)
        if not match:
            return None
        groups = [group for group in match.groups() if group is not None]
        return "/".join(group.lower().lstrip("0") or "0" for group in groups)


def _rule(name: str, pattern: str, examples: dict[str, str], source: str, collection: str = "") -> WriterRule:
    ending = r"(?:[-_ ]?\(\d+\))?\.[A-Za-z]+$"
    whole = re.compile(rf"(?:^|/){pattern}{ending}", re.IGNORECASE)
    return WriterRule(name, whole, tuple(examples.items()), source, collection)


_KIND = r"(?:real|forge|forged|forgery|forgeries|genuine|genuines|original|simulated|skilled)"

WRITER_RULES = (
    _rule(
        "CEDAR",
        r"(?:original|forgeries)_(\d+)_\d+",
        {"full_org/original_30_7.png": "30", "full_forg/forgeries_30_7.png": "30"},
        "Kaggle shreelakshmigp/cedardataset",
    ),
    _rule(
        "HanSig",
        r"(?:original|forgery)_(w\d+)_\d+_\d+",
        {"original_w1_2_3.jpg": "w1", "forgery_w12_2_3.jpg": "w12"},
        "github.com/hsinmin/HanSig: w1 is the writer, 2 the name, 3 the sample",
    ),
    _rule(
        "BHSig260",
        r"([BH])-S-(\d+)-[GF]-\d+",
        {"Bengali/001/B-S-001-G-01.tif": "b/1", "H-S-160-F-30.tif": "h/160", "BHSig260/Hindi/7/H-S-7-G-02.tif": "h/7"},
        "BHSig260: B Bengali or H Hindi, writer, G genuine or F forged, sample",
    ),
    _rule(
        "GPDS",
        r"cf?-(\d+)-\d+",
        {"001/c-001-01.jpg": "1", "001/cf-001-24.jpg": "1"},
        "GPDS synthetic and GPDS-960: c genuine or cf forged, writer, sample",
    ),
    _rule(
        "MCYT",
        r"(?:\d{4}_)?(\d{4})[vf]\d{2}",
        {"0002/0002v00.bmp": "2", "0002/0003_0002f00.bmp": "2", "0002/0002f04.bmp": "2"},
        "MCYT-75's readme: <writer>v<n>, and <forger>_<writer>f<n>",
    ),
    _rule(
        "SigComp2009, training",
        r"NISDCC-\d{3}_(\d{3})_\d{3}(?:_6g)?",
        {"NISDCC-001_001_001_6g.PNG": "1", "NISDCC-021_001_003_6g.PNG": "1"},
        "SigComp2009: NISDCC-<hand>_<writer>_<n>",
    ),
    _rule(
        "SigComp2009, evaluation (NFI)",
        r"NFI-?\d{3}\d{2}(\d{3})",
        {"NFI-00602023.png": "23", "NFI-02103021.png": "21"},
        "SigComp2009 and Kaggle divyanshrai/handwritten-signatures: NFI-<hand><n><writer>",
        "NFI",
    ),
    _rule(
        "NFI numbers",
        rf"{_KIND}\w*/\d{{3}}\d{{2}}(\d{{3}})",
        {"dataset1/real/00100001.png": "1", "dataset1/forge/02100001.png": "1"},
        "Kaggle divyanshrai/handwritten-signatures: the same without NFI-, in the folders real and forge",
        "NFI",
    ),
    _rule(
        "SigComp2011",
        r"(?:(Dutch|Chinese|Japanese|German|Italian|Bengali)[^/]*/(?:[^/]+/)*)?(?:\d{4})?(\d{3})_\d{1,2}",
        {
            "Offline Genuine/001_01.PNG": "1",
            "Offline Forgeries/0112001_02.PNG": "1",
            "Dutch/TrainingSet/Offline Genuine/014_03.PNG": "dutch/14",
            "Dutch/TrainingSet/Offline Forgeries/0102014_02.png": "dutch/14",
            "sign_data/train/001_forg/0119001_01.png": "1",
        },
        "SigComp2011: <writer>_<n>, and <forger><writer>_<n>; Kaggle robinreni/signature-verification-dataset",
        "SigComp2011",
    ),
    _rule(
        "SigComp2011, writer last",
        r"\d{2}_(?:\d{4})?(\d{3})",
        {"sign_data/test/049/01_049.png": "49", "sign_data/test/049_forg/01_0114049.PNG": "49"},
        "Kaggle robinreni/signature-verification-dataset, its test folder: <n>_<forger><writer>",
        "SigComp2011",
    ),
    _rule(
        "SVC2004",
        r"(?:U|USER)(\d+)[S_]\d+",
        {"U1S20.png": "1", "USER12_3.png": "12"},
        "SVC2004: U<writer>S<n>, 1 to 20 genuine and 21 to 40 forged",
    ),
    _rule(
        "UTSig",
        r"(?:Genuine|Forgery/(?:Simple|Skilled|Opposite Hand))/(\d+)/[^/]+",
        {"UTSig/Genuine/7/3.tif": "7", "UTSig/Forgery/Skilled/7/12.tif": "7", "Forgery/Opposite Hand/7/1.tif": "7"},
        "UTSig: a folder a writer, below Genuine and below each kind of forgery",
    ),
)
"""The rules in the order in which they are tried; the first match counts."""
