"""TRL's GRPOTrainer, with two things more.

It tells how far the log-probabilities that it trains on are from those of the sampler, and reads no padding that a
whole micro batch shares: TRL pads all attempts of a step to the longest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from trl import GRPOTrainer

DRIFT = "sampling/sampling_logp_difference/mean"  # as TRL calls it, which tells it of vLLM's


def trimmed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A micro batch without the columns that are padding in each of its rows.

    Prompts (rows x P) are padded on the left, completions and what is known of their tokens (rows x C) on the right.
    """
    first = inputs["prompt_mask"].shape[1] - int(inputs["prompt_mask"].sum(1).max())
    width = inputs["completion_mask"].shape[1]
    used = max(1, int(inputs["completion_mask"].sum(1).max()))
    found = dict(inputs)
    for key, value in inputs.items():
        if key in ("prompt_ids", "prompt_mask"):
            found[key] = value[:, first:]
        elif isinstance(value, torch.Tensor) and value.dim() == 2 and value.shape[1] == width:
            found[key] = value[:, :used]
    return found


class Grpo(GRPOTrainer):  # type: ignore[misc]
    """Tells DRIFT, the mean difference of the log-probabilities of sampled tokens, also where vLLM is not the sampler.

    TRL's loss takes what it computes itself for what was sampled with; this says whether it is.
    """

    _own: torch.Tensor

    def _get_per_token_logps_and_entropies(self, *args: Any, **given: Any) -> Any:
        found = super()._get_per_token_logps_and_entropies(*args, **given)
        self._own = found[0].detach()
        return found

    def _compute_loss(self, model: Any, inputs: Any) -> Any:
        inputs = trimmed(inputs)
        loss = super()._compute_loss(model, inputs)
        if not self.use_vllm:
            mask = inputs["completion_mask"] * inputs["tool_mask"]
            apart = (self._own - inputs["sampling_per_token_logps"]).abs() * mask
            total, count = self.accelerator.reduce(torch.stack([apart.sum(), mask.sum().float()])).tolist()
            if count:
                self._metrics["train"][DRIFT].append(total / count)
        return loss
