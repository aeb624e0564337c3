"""dive-train init: a small model from scratch."""

from __future__ import annotations

from pathlib import Path

import click

from dive_tools.cli.exits import Command
from dive_tools.cli.options import SETTINGS


@click.command("init", cls=Command, context_settings=SETTINGS)
@click.argument("size", type=click.Choice(("tiny", "small")))
@click.argument("corpus", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="The new folder.")
@click.option("--vocabulary", type=click.IntRange(1), help="Tokens. [default: 2048 for tiny, 16384 for small]")
@click.option("--layers", type=click.IntRange(1), help="Layers. [default: 3, 12]")
@click.option("--width", type=click.IntRange(1), help="Width of the model. [default: 128, 512]")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the weights.")
@click.option("-q", "--quiet", is_flag=True, help="No closing line.")
def command(
    size: str,
    corpus: tuple[Path, ...],
    output: Path,
    vocabulary: int | None,
    layers: int | None,
    width: int | None,
    seed: int,
    quiet: bool,
) -> None:
    """Make a small model from scratch: the Qwen3 architecture, a tokenizer learnt from CORPUS, Qwen3's chat template.

    CORPUS is JSON lines of attempts (with the tools that dive-eval --schemas adds, each is told in Qwen3's turns), of
    anything else (its lines are the text), or text files. Without any, the built-in tools' own words are learnt.

    It knows nothing: train it. Sizes: tiny (about 1 million parameters, a CPU's), small (about 50 million, one GPU's).

    \b
      dive-train init tiny runs.jsonl -o build/tiny
    """
    from dive_tools.train.corpus import builtin_texts, texts_of
    from dive_tools.train.tiny import make, shaped

    shape = shaped(size, layers=layers, width=width, vocabulary=vocabulary)
    parameters, tokens = make(output, shape, texts_of(corpus) if corpus else builtin_texts(), seed=seed)
    if not quiet:
        click.echo(
            f"dive-train init: {output}: {parameters:,} parameters, {tokens:,} tokens in the vocabulary", err=True
        )
