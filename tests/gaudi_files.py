"""Trees of files like those with which the kernel describes Gaudi cards."""

from pathlib import Path


def write_files(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")


def write_card(root: Path, index: int, **files: str) -> None:
    """`/dev/accel/accel<index>`, its control device, and what the driver says of it."""
    write_files(root, {f"dev/accel/accel{index}": "", f"dev/accel/accel_controlD{index}": ""})
    folder = f"sys/class/accel/accel{index}/device"
    write_files(root, {f"{folder}/{name}": text for name, text in {"vendor": "0x1da3", **files}.items()})


def write_machine(root: Path, cards: int, model: str = "GAUDI") -> Path:
    """A machine with so many cards and Habana's runtime, in `lib`; returns the root."""
    for number in range(cards):
        write_card(root, number, module_id=str(number), device_type=model, driver_ver="1.14.0-12b3c4d")
    write_files(root, {"lib/libSynapse.so": ""})
    return root
