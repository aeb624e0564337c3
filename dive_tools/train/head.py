"""The loss on a CPU: only tokens that are learnt are scored.

TRL's fused head leaves the others out on a GPU; elsewhere it scores every position, which is most of the work where a
sequence is mostly prompt and the model is small.
"""

from __future__ import annotations

import functools
import types
from typing import Any

_SCALED = ("final_logit_softcapping", "logit_scale", "output_multiplier", "lm_head_multiplier", "logits_scaling")


def narrow(model: Any) -> bool:
    """Have a model that TRL's SFTTrainer has patched score labelled positions alone; returns whether it does.

    It does not on a GPU, and not for models that scale their logits or route to experts: they stay as they are.
    """
    config = model.config.get_text_config()
    scaled = any(getattr(config, name, None) is not None for name in _SCALED)
    if model.device.type != "cpu" or scaled or getattr(config, "output_router_logits", False):
        return False
    whole = model.forward

    @functools.wraps(type(model).forward)  # generate looks at the signature
    def forward(self: Any, *args: Any, fused_lm_head: bool = False, labels: Any = None, **others: Any) -> Any:
        if not fused_lm_head or labels is None or others.get("shift_labels") is not None:
            if fused_lm_head:
                others["fused_lm_head"] = True
            return whole(*args, **({"labels": labels} if labels is not None else {}), **others)
        return _scored(self, args, labels, others)

    model.forward = types.MethodType(forward, model)
    return True


def _scored(model: Any, args: tuple[Any, ...], labels: Any, others: dict[str, Any]) -> Any:
    """What TRL's fused head gives, a value for each position but the first and 0 where nothing is learnt."""
    from trl.trainer.utils import FusedCausalLMOutput

    items = others.pop("num_items_in_batch", None)
    hidden = model.base_model(*args, **{**others, "use_cache": False}).last_hidden_state[:, :-1]
    mask = labels[:, 1:] != -100
    logits = model.get_output_embeddings()(hidden[mask]).float()
    likely = logits.log_softmax(-1)
    wanted = labels[:, 1:][mask]
    log_probs = _spread(likely.gather(1, wanted[:, None])[:, 0], mask)
    return FusedCausalLMOutput(
        loss=-log_probs.sum() / (mask.sum().clamp(min=1) if items is None else items),
        log_probs=log_probs,
        entropy=_spread(-(likely.detach().exp() * likely.detach()).sum(-1), mask),
        is_top1=_spread((logits.argmax(-1) == wanted).float(), mask),
        label_mask=mask,
    )


def _spread(values: Any, mask: Any) -> Any:
    """The values at the places of the mask, 0 elsewhere; connected to the model even where there is none."""
    return values.new_zeros(mask.shape).masked_scatter(mask, values)
