"""The options of every command that may ask a model, and the stage that asks it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dive_tools.cli.calling import Tape, gathered
from dive_tools.errors import UsageFault

if TYPE_CHECKING:
    from dive_tools.cli.aside import Aside
    from dive_tools.models.base import Ask, Model, Reply, Settings

IN_FLIGHT = 32  # requests at once where -j does not say
_FILE = click.Path(path_type=Path, dir_okay=False)
_OLD = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True, kw_only=True)
class Modelling:
    """Which model is asked, and how; `open` gives it, in the process that asks."""

    model: str = ""
    endpoint: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    extra: str | None = None
    timeout: float = 300.0
    tries: int = 5
    revision: str = ""
    inside: tuple[str, ...] = ()
    in_flight: int | None = None
    budget: tuple[str, ...] = ()
    ledger: Path | None = None
    prices: Path | None = None
    estimate: int | None = None
    tool_parser: str = ""
    keys: tuple[str, ...] = ("OPENAI_API_KEY",)

    @property
    def named(self) -> bool:
        """Whether there is a model at all."""
        return self.model not in ("", "symbolic")

    def sampling(self) -> dict[str, Any]:
        """How replies are drawn, where the options say so."""
        said = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}
        return {name: value for name, value in said.items() if value is not None}

    def beside(self, model: str, endpoint: tuple[str, ...], temperature: float | None, revision: str) -> Modelling:
        """A second model, asked as this one is but for how its replies are drawn, and told no key of other servers.

        Without an `endpoint`, it is asked at those of this one.
        """
        mine = self.urls()
        its = replace(self, endpoint=endpoint).urls() or mine
        known = set(map(_origin, mine or os.environ.get("OPENAI_BASE_URL", "").split()))
        shared = not known or set(map(_origin, its)) <= known
        return replace(
            self,
            model=model,
            endpoint=its,
            temperature=temperature,
            top_p=None,
            max_tokens=None,
            extra=None,
            revision=revision,
            tool_parser="",
            keys=("JUDGE_API_KEY", *(self.keys if shared else ())),
        )

    def urls(self) -> tuple[str, ...]:
        """The addresses of the servers, those in files included."""
        return tuple(url for text in self.endpoint for url in _endpoints(text))

    def at_once(self, jobs: int | None) -> int:
        """Requests in flight of this process."""
        return jobs or IN_FLIGHT

    def check(self, stage: str, *, alone: bool = False) -> None:
        """Refuse what cannot be meant; a command that runs `alone` may load the weights itself."""
        if not self.named:
            self._idle()
            return
        from dive_tools.models.table import kind_of, must_be_served

        kind_of(self.model) if alone else must_be_served(self.model, stage)
        if (self.in_flight or self.budget) and not self.ledger:
            said = "--budget" if self.budget else "--in-flight"
            raise UsageFault(f"{said} is shared by the commands that name one --ledger FILE: name it")

    def _idle(self) -> None:
        """Refuse options that would do nothing, but for those from the environment: they are another command's."""
        context = click.get_current_context(silent=True)
        for name in (name for name in _FIELDS if name != "model"):
            if context is not None and context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
                raise UsageFault(f"--{name.replace('_', '-')} is about a model: name it with --model")

    def open(self, stage: str, tape: Tape, cassette: Any, jobs: int | None) -> tuple[Model, Any]:
        """The model, behind the cassette, and the gate through which its requests go."""
        from dive_tools.models.gate import Gate
        from dive_tools.models.ledger import Ledger, parse_budget
        from dive_tools.models.table import kind_of, made
        from dive_tools.models.taped import Silent, Taped

        price, settings = self._price(), self._settings(jobs)
        ledger = None
        if self.ledger or self.budget:
            ledger = Ledger(
                self.ledger,
                parse_budget(self.budget),
                price.money if price else None,
                stage=stage,
                why=self._unpriced(),
            )
        slots = self.ledger.with_name(self.ledger.name + ".slots") if self.ledger and self.in_flight else None
        gate = Gate(settings.in_flight, slots=slots, total=self.in_flight or 0, ledger=ledger)
        replays = tape.missing != "live" and kind_of(self.model) != "replay"
        model: Model = Silent(self.model) if replays else made(self.model, settings, gate)
        if cassette is not None and kind_of(self.model) != "replay":
            model = Taped(model, cassette, tape.missing, settings)
        if price is not None:
            model.money = price.money  # type: ignore[attr-defined]
        return model, gate

    def _price(self) -> Any:
        if self.prices is None:
            return None
        from dive_tools.models.prices import price_of, read_prices

        price = price_of(read_prices(self.prices), self.model)
        if price is None:
            raise UsageFault(f"{self.prices} has no price for {self.model}", hint='add {"NAME": {"in": …, "out": …}}')
        return price

    def _unpriced(self) -> str:
        """Why there is no price to count money by."""
        return "" if self.prices else f"no --prices say what {self.model} costs"

    def _settings(self, jobs: int | None) -> Settings:
        from dive_tools.models.base import Settings

        return Settings(
            endpoints=self.urls(),
            in_flight=self.at_once(jobs),
            timeout=self.timeout,
            tries=self.tries,
            extra=_object(self.extra),
            revision=self.revision,
            inside=self.inside,
            tool_parser=self.tool_parser,
            keys=self.keys,
        )


# an option of dive-eval alone, and none
_FIELDS = tuple(name for name in Modelling.__dataclass_fields__ if name not in ("tool_parser", "keys"))


def _endpoints(text: str) -> list[str]:
    """The URL, or those in the file, one a line."""
    if "://" in text:
        return [text]
    try:
        lines = Path(text).read_text().splitlines()
    except OSError as fault:
        shown = text.rpartition("@")[2]
        raise UsageFault(f"--endpoint {shown}: neither a URL nor a file of URLs ({fault.strerror})") from None
    found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise UsageFault(f"--endpoint {text}: the file names no URL")
    return found


def _origin(url: str) -> tuple[str, str, int]:
    """Who answers at an address: scheme, host and port."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:  # no address, as is said where it is asked
        return "", url, 0
    return parts.scheme, (parts.hostname or "").rstrip("."), port


def _object(text: str | None) -> dict[str, Any]:
    import orjson

    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise UsageFault(f"--extra is a JSON object, not {text!r}", hint="""--extra '{"top_k": 20}'""")
    return value


class Metered:
    """A model, and what its replies cost, those from a cassette included: what a whole run would cost follows."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.replies, self.seconds = 0, 0.0
        self.tokens_in = self.tokens_out = self.cached = 0
        self.spent = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    async def reply(self, ask: Ask) -> Reply:
        """The model's reply, counted."""
        found = await self.model.reply(ask)
        self.replies += 1
        self.seconds += found.seconds
        self.tokens_in += found.usage.tokens_in
        self.tokens_out += found.usage.tokens_out
        self.cached += found.usage.cached
        money = getattr(self.model, "money", None)
        self.spent += (money(found.usage) or 0.0) if money else 0.0
        return found


class Asked:
    """An asynchronous stage with its model: its counts for the closing line, its facts for the sidecar."""

    def __init__(
        self,
        stage: Callable[[Any], Any],
        pool: Any,
        model: Any,
        gate: Any,
        door: Any,
        cassette: Any,
        aside: Aside | None = None,
        judge: tuple[Metered, Any] | None = None,
    ) -> None:
        """`stage` makes the stage of the model that it is given; `aside` is what runs beside it.

        `judge` is a second model, with its gate, that the stage asks as well; what it costs is told with the rest.
        """
        self.pool, self.gate, self.door, self.cassette, self.aside = pool, gate, door, cassette, aside
        self.judge = judge
        self.model = Metered(model)
        self.stage = stage(self.model)
        self.began, self.held = time.monotonic(), self._held()

    @property
    def models(self) -> list[tuple[Metered, Any]]:
        """All that are asked, with their gates."""
        return [(self.model, self.gate), *([self.judge] if self.judge is not None else [])]

    async def open(self) -> None:
        """Make sure that the model can be asked."""
        for model, _ in self.models:
            await model.open()
            if note := getattr(model, "note", ""):
                sys.stderr.write(f"{model.name}: {note}\n")

    async def __call__(self, record: dict[str, Any]) -> Any:
        return await self.stage(record)

    async def idle(self) -> None:
        """Wait for the requests in flight."""
        for _, gate in self.models:
            await gate.idle()

    async def aclose(self) -> None:
        """Let go of the model's server and of the cassette."""
        for model, gate in self.models:
            await model.close()
            gate.close()
        if self.aside is not None:
            self.aside.close()
        if self.cassette is not None:
            self.cassette.close()

    @property
    def counters(self) -> dict[str, Any]:
        """Calls of tools, then what the model counts, then money where its price is known."""
        beside = self.aside.counters["calls"] if self.aside is not None else 0
        calls = {"calls": self.door.calls + beside} if self.door is not None else {}
        own = dict(getattr(self.stage, "counters", {}))
        judged = {f"judge_{name}": count for name, count in (self.judge[0].counters.items() if self.judge else ())}
        return {**own, **calls, **self.model.counters, **self._money(), **judged}

    def _money(self) -> dict[str, float]:
        """What was paid in this run: what the cassette held cost nothing."""
        paid = [money for model, _ in self.models if (money := _paid(model)) is not None]
        return {"money": round(sum(paid), 4)} if paid else {}

    def _held(self) -> int:
        """Bytes of the cassette that is written to, its journal included."""
        own = getattr(self.cassette, "own", None)
        files = [own.path, own.path.with_name(own.path.name + "-wal")] if own else []
        return sum(file.stat().st_size for file in files if file.exists())

    def provenance(self) -> dict[str, Any]:
        """The pool, and the model that was asked."""
        judge = self.judge[0] if self.judge else None
        return {
            "pool": self.pool.facts(),
            "model": {"name": self.model.name, "revision": self.model.revision},
            **({"judge": {"name": judge.name, "revision": judge.revision}} if judge is not None else {}),
        }

    def estimate(self, taken: int, total: int, out_bytes: int) -> str:
        """What `total` records would take, if they are like the `taken` ones."""
        if not taken:
            return "nothing to estimate from: no record came in"
        models, scale = [model for model, _ in self.models], total / taken
        wall = time.monotonic() - self.began
        busy = sum(model.seconds / gate.in_flight for model, gate in self.models)
        hours = scale * max(busy, wall if taken >= 4 * self.gate.in_flight else busy) / 3600
        parts = [
            f"{scale * sum(model.replies for model in models):,.0f} requests",
            f"{scale * sum(model.tokens_in for model in models):,.0f} tokens in "
            f"({scale * sum(model.cached for model in models):,.0f} cached)",
            f"{scale * sum(model.tokens_out for model in models):,.0f} tokens out",
            f"{hours:,.2f} h at {self.gate.in_flight} requests at once",
            f"{scale * out_bytes / 1e6:,.1f} MB of records",
        ]
        if self.cassette is not None:
            parts.append(f"{scale * (self._held() - self.held) / 1e6:,.1f} MB of cassette")
        if any(getattr(model, "money", None) for model in models):
            parts.append(f"{scale * sum(model.spent for model in models):,.2f} in money")
        return f"estimate for {total:,} records, from {taken}: {', '.join(parts)}"


def _paid(model: Any) -> float | None:
    """What a model's requests cost in this run, None where it has no price."""
    from dive_tools.models.base import Usage

    price, counts = getattr(model, "money", None), model.counters
    return price(Usage(*(counts.get(name, 0) for name in ("tokens_in", "tokens_out", "cached")))) if price else None


_OPTIONS = [
    click.option("--estimate", type=click.IntRange(1), help="Work on so many records, and say what all would cost."),
    click.option("--prices", type=_OLD, help="Price table (JSON): what a model's tokens cost."),
    click.option("--ledger", type=_FILE, help="Where spending is kept, shared by all commands that name it."),
    click.option("--budget", multiple=True, help="Stop at requests=N, tokens=N or money=N; may be given again."),
    click.option("--in-flight", type=click.IntRange(1), help="Requests at once of all commands with this --ledger."),
    click.option("--inside", multiple=True, help="A host that private results may be sent to, beside this machine."),
    click.option("--revision", default="", help="The model's checkpoint, where the server does not tell it."),
    click.option("--tries", type=click.IntRange(1), default=5, show_default=True, help="Tries of one request."),
    click.option(
        "--timeout", type=click.FloatRange(0, min_open=True), default=300.0, show_default=True, help="Seconds of a try."
    ),
    click.option("--extra", help="Further members of each request, as JSON."),
    click.option("--max-tokens", type=click.IntRange(1), help="The most tokens of one reply."),
    click.option("--top-p", type=click.FloatRange(0, 1), help="Nucleus of sampling."),
    click.option("--temperature", type=click.FloatRange(0), help="Temperature of sampling."),
    click.option("--endpoint", multiple=True, help="A server's base URL, or a file of them; may be given again."),
]


def model_options(help: str) -> Callable[[Any], Any]:
    """Turns the options about a model into one Modelling; `help` says what --model is for."""
    return gathered("modelling", Modelling, _FIELDS, [*_OPTIONS, click.option("--model", default="", help=help)])
