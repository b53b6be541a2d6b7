"""From the file to Settings. Reads one file, and sees whether there is a login; changes nothing."""

from pathlib import Path

import platformdirs
from pydantic import ValidationError

from mpdbridge.config.document import Document, read_document
from mpdbridge.config.problems import explain
from mpdbridge.config.settings import Settings
from mpdbridge.errors import ConfigError


def default_config_path() -> Path:
    """`<user config dir>/mpdbridge/config.yaml` (XDG on Linux); it need not exist."""
    return platformdirs.user_config_path("mpdbridge") / "config.yaml"


def load_settings(path: Path | None = None) -> Settings:
    """The settings of the file `path`, or of the default file; without a default file, the defaults.

    Raises:
        ConfigError: with every problem of the file at once, each with its line, key, value and fix. A missing file is
            one only when `path` names it.
    """
    file = default_config_path() if path is None else path.expanduser()
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        if path is None:
            return _with_saved_login(Settings())
        raise ConfigError(
            f"{file}: there is no such file; `mpdbridge --config {file} config init` writes one"
        ) from None
    except IsADirectoryError:
        raise ConfigError(f"{file} is a directory: name the file in it, e.g. {file / 'config.yaml'}") from None
    except OSError as problem:
        raise ConfigError(f"{file} cannot be read: {problem.strerror}; check its owner and mode") from problem
    return _validated(file, read_document(file, raw))


def _validated(file: Path, document: Document) -> Settings:
    problems = list(document.problems)
    try:
        settings = Settings.model_validate(document.data, context={"folder": file.absolute().parent})
    except ValidationError as error:
        problems += [explain(each, document.line_of) for each in error.errors(include_url=False)]
    else:
        if not problems:
            return _with_saved_login(settings)
    raise ConfigError(_report(file, sorted(problems)))


def _with_saved_login(settings: Settings) -> Settings:
    """`settings`; with YouTube Music switched on if `mpdbridge auth` has saved a login, unless they say otherwise."""
    ytmusic = settings.sources.ytmusic
    if "enabled" in ytmusic.model_fields_set or not ytmusic.login_file.exists():
        return settings
    sources = settings.sources.model_copy(update={"ytmusic": ytmusic.model_copy(update={"enabled": True})})
    return settings.model_copy(update={"sources": sources})


def _report(file: Path, problems: list[tuple[int, str]]) -> str:
    if len(problems) == 1:
        line, text = problems[0]
        return f"{file}, line {line}: {text}"
    return "\n".join([f"{file} has {len(problems)} problems:", *(f"  line {line}: {text}" for line, text in problems)])
