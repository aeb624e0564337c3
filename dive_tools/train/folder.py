"""The folder of a training: what was asked for, prepared data, whole checkpoints, metrics, and the trained model."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import orjson

from dive_tools.errors import DiveError, UsageFault
from dive_tools.jsonl import recover

ABOUT, WHOLE = "train.json", "whole.json"
_OURS = {ABOUT, "data", "data.part", "checkpoints", "metrics.jsonl", "trained.part"}
_LIBRARIES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")


@dataclass
class Folder:
    """A training's folder; `about` is train.json, empty until `prepared` writes it."""

    path: Path
    about: dict[str, Any]

    @classmethod
    def begin(cls, path: Path, kind: str, settings: Mapping[str, Any], model: str, resume: bool) -> Folder:
        """The folder to train in, or to go on in.

        UsageFault where it is in use and not to be resumed, or was begun with another kind, settings or model.
        """
        wanted = {
            "kind": kind,
            "settings": json.loads(json.dumps(settings)),
            "model": {"path": str(model), "revision": _revision(str(model))},
        }
        if (path / ABOUT).exists():
            folder = cls.open(path)
            if not resume:
                raise UsageFault(f"{path} holds a training already", hint="go on with --resume, or name another folder")
            folder._must_be(wanted)
            return folder
        strange = sorted(each.name for each in path.iterdir() if each.name not in _OURS) if path.is_dir() else []
        if strange:
            raise UsageFault(f"{path} holds files already ({strange[0]}), and none of a training", hint="name another")
        path.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(path / "data.part", ignore_errors=True)
        return cls(path, {**wanted, "data": None})

    @classmethod
    def open(cls, path: Path) -> Folder:
        """The folder of a training that was prepared."""
        try:
            about = orjson.loads((path / ABOUT).read_bytes())
            if not all(isinstance(about[key], dict) for key in ("settings", "model", "data")):
                raise ValueError("it is not of a training")
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise DiveError(f"cannot read {path / ABOUT}: {getattr(fault, 'strerror', None) or fault}") from None
        return cls(path, about)

    def _must_be(self, wanted: Mapping[str, Any]) -> None:
        """UsageFault naming what is asked for otherwise than at the beginning."""
        if self.about.get("kind") != wanted["kind"]:
            raise UsageFault(f"{self.path} was begun by dive-train {self.about.get('kind')}", hint=_ANEW)
        was, now = self.about["settings"], wanted["settings"]
        for key in sorted({*was, *now}):
            if was.get(key) != now.get(key):
                said = f"{key.replace('_', '-')} {_said(was.get(key))}, not {_said(now.get(key))}"
                raise UsageFault(f"cannot resume {self.path}: it was begun with {said}", hint=_ANEW)
        before, here = self.about["model"], wanted["model"]
        if before["revision"] != here["revision"] or not (here["revision"] or before["path"] == here["path"]):
            raise UsageFault(
                f"cannot resume {self.path}: it was begun from another model ({before['path']}, {before['revision']})",
                hint=_ANEW,
            )

    @property
    def fresh(self) -> bool:
        """Whether the data is still to be prepared."""
        return self.about.get("data") is None

    @property
    def settings(self) -> dict[str, Any]:
        """What this training was asked for."""
        return dict(self.about["settings"])

    @property
    def data(self) -> Path:
        """Where the prepared data lies."""
        return self.path / "data"

    @property
    def metrics(self) -> Path:
        """Where the metrics lie, as JSON lines."""
        return self.path / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie."""
        return self.path / "checkpoints"

    @property
    def done(self) -> bool:
        """Whether the trained model is there."""
        return bool(self.about.get("done"))

    def prepared(self, data: Mapping[str, Any], run: Mapping[str, Any] | None = None, processes: int = 1) -> None:
        """Note that OUT/data is whole: `data` has its digest and counts; `run`, what a resume may change."""
        self.about |= {"data": dict(data), "processes": processes, "versions": _versions()}
        self.note(run or {})

    def note(self, run: Mapping[str, Any]) -> None:
        """Write train.json, with what this run was asked for that a resume may change."""
        self.about["run"] = dict(run)
        self._write()

    def same_data(self, digest: str) -> None:
        """UsageFault where a resume was given other data than the beginning."""
        if self.about["data"]["digest"] != digest:
            raise UsageFault(f"cannot resume {self.path}: it was begun with other data", hint=_ANEW)

    def same_processes(self, count: int) -> None:
        """UsageFault where a resume has other processes than the beginning: they would learn in another order."""
        if (was := self.about.get("processes", count)) != count:
            raise UsageFault(f"cannot resume {self.path}: it was begun with processes {was}, not {count}", hint=_ANEW)

    def checkpoint(self) -> Path | None:
        """The last whole checkpoint."""
        whole = [each.parent for each in self.checkpoints.glob(f"checkpoint-*/{WHOLE}")]
        return max(whole, key=lambda each: int(each.name.rpartition("-")[2]), default=None)

    def whole(self, step: int, counts: Mapping[str, Any]) -> None:
        """Mark the checkpoint of a step as whole, with the `counts` that its metrics go on from."""
        _replace(self.checkpoints / f"checkpoint-{step}" / WHOLE, orjson.dumps({"step": step, **counts}))

    def rewind(self) -> dict[str, Any]:
        """Cut metrics of steps after the last checkpoint, and torn checkpoints; returns that checkpoint's counts."""
        last = self.checkpoint()
        counts: dict[str, Any] = orjson.loads((last / WHOLE).read_bytes()) if last else {"step": 0}
        for each in self.checkpoints.glob("checkpoint-*"):
            if not (each / WHOLE).exists():
                shutil.rmtree(each)
        kept = [line for line in recover(self.metrics) if line.get("step", 0) <= counts["step"]]
        _replace(self.metrics, b"".join(orjson.dumps(line) + b"\n" for line in kept))
        return counts

    def finish(self, made: Path, counts: Mapping[str, Any]) -> None:
        """Move the trained model from the folder `made` here, its weights and configuration last."""
        last = ("config.json", "adapter_config.json")
        for each in sorted(made.iterdir(), key=lambda file: (file.name in last, file.suffix == ".safetensors")):
            each.chmod(0o644)
            os.replace(each, self.path / each.name)
        made.rmdir()
        (self.checkpoints / "README.md").unlink(missing_ok=True)
        self.about["done"] = dict(counts)
        self._write()

    def _write(self) -> None:
        _replace(self.path / ABOUT, orjson.dumps(self.about, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


_ANEW = "give the options, model and data of the first run, or another -o to begin anew"


def _revision(model: str) -> str:
    """What tells the model from others of its name; empty where nothing does, or where it is no name of a model."""
    from dive_tools.models.checkpoint import local_revision

    try:
        return local_revision(model)
    except ValueError:  # huggingface_hub's, of a name that none can have
        return ""


def _said(value: Any) -> str:
    return "unset" if value is None else str(value)


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def _versions(names: Iterable[str] = _LIBRARIES) -> dict[str, str]:
    """The versions of the libraries that train, as far as they are installed."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
