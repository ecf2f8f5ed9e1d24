"""Builds the wheel of the Python package (PEP 517), with the library and all that it needs but the C library.

    pip install Sources/Python            from the checkout: builds what is missing
    pip wheel --no-deps Sources/Python    the wheel, for machines without Swift

The library is built with the Swift runtime linked in; other libraries, such as GMP, lie beside it in the wheel. Only the
Swift toolchain and the package's libraries are needed, no build tool of Python. PLUMBLINE_LIBRARY names a library that is
already built, and is not built again. `pip install -e Sources/Python` uses what `swift build` has built in the checkout.
"""

import base64
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
# Libraries of every Linux with GNU's C library; a wheel takes them from the machine.
OF_THE_SYSTEM = re.compile(r"(ld-linux.*|linux-vdso|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+)\.so.*")


def _project(key: str) -> str:
    text = (HERE / "pyproject.toml").read_text()
    return re.search(rf'^{key} = "(.*)"$', text, re.M).group(1)


NAME, VERSION = _project("name"), _project("version")


def _library() -> pathlib.Path:
    """The library with the Swift runtime in it."""
    if named := os.environ.get("PLUMBLINE_LIBRARY"):
        return pathlib.Path(named)
    # Beside the usual build, whose objects are compiled for a shared runtime.
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "plumbline", "--scratch-path", ".build-wheel",
         "-Xswiftc", "-static-stdlib", "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN", "-Xlinker", "--strip-all"],
        cwd=CHECKOUT, check=True,
    )
    return CHECKOUT / ".build-wheel/release/libplumbline.so"


def _needed(library: pathlib.Path) -> list[tuple[str, pathlib.Path]]:
    """The libraries that `library` needs and a system may lack, by the names by which they are looked for."""
    lines = subprocess.run(["ldd", library], check=True, capture_output=True, text=True).stdout.splitlines()
    found = [match.groups() for line in lines if (match := re.match(r"\s*(\S+) => (\S+)", line))]
    return [(name, pathlib.Path(path)) for name, path in found if not OF_THE_SYSTEM.fullmatch(name)]


def _tag(libraries: list[pathlib.Path]) -> str:
    """The platform of the wheel: the least version of GNU's C library that has every symbol that is looked for."""
    versions = {
        tuple(map(int, version.split(b".")))
        for library in libraries for version in re.findall(rb"GLIBC_(\d+\.\d+)\b", library.read_bytes())
    }
    major, minor = max(versions, default=(2, 17))
    return f"manylinux_{major}_{minor}_{platform.machine()}"


def _write(folder: str, tag: str, files: dict[str, bytes]) -> str:
    """The wheel of `files`, whose names are those in it."""
    information = f"{NAME}-{VERSION}.dist-info"
    files = dict(files)
    files[f"{information}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\nSummary: {_project('description')}\n"
        f"Requires-Python: {_project('requires-python')}\nRequires-Dist: numpy\n"
    ).encode()
    files[f"{information}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n"
    ).encode()
    record = f"{information}/RECORD"
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    wheel = f"{NAME}-{VERSION}-py3-none-{tag}.whl"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # One date for all, so that one content gives one wheel.
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16 if ".so" in name else 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The wheel with everything in it."""
    library = _library()
    needed = _needed(library)
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in sorted((HERE / NAME).glob("*")) if path.is_file()}
    files[f"{NAME}/libplumbline.so"] = library.read_bytes()
    files |= {f"{NAME}/{name}": path.read_bytes() for name, path in needed}
    return _write(wheel_directory, _tag([library, *(path for _, path in needed)]), files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """A wheel that names this folder, whose package finds the library that the checkout has built."""
    if not any((CHECKOUT / ".build" / build / "libplumbline.so").exists() for build in ("release", "debug")):
        subprocess.run(["swift", "build", "-c", "release", "--product", "plumbline"], cwd=CHECKOUT, check=True)
    return _write(wheel_directory, f"linux_{platform.machine()}", {f"{NAME}.pth": f"{HERE}\n".encode()})


def build_sdist(sdist_directory, config_settings=None):
    """Not there: the library is built from the checkout."""
    raise RuntimeError("there is no source distribution: build a wheel from the checkout")
