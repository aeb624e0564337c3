"""The reward function that verl is told to take for rows of `dive-train export --to verl`: the program's grade.

reward.custom_reward_function.path=pkg://dive_tools.train.exports.verl_score
"""

from __future__ import annotations

import json
import re
from typing import Any

from dive_tools.grade import grade

_TURN = re.compile(r"</tool_response>\s*(?:<\|im_end\|>)?\s*(?:<\|im_start\|>)?assistant\n")


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None, **_: Any
) -> dict[str, Any]:
    """`score` is 1.0 for a right answer and else 0.0; `outcome` is one of records.OUTCOMES.

    `solution_str` is the whole rollout as text in Qwen's form, special tokens left out or not; what follows its last
    tool result is the reply. A rollout that ends in a call states no answer.
    """
    reply = _TURN.split(solution_str)[-1].rpartition("</think>")[2].removesuffix("<|im_end|>")
    if "<tool_call>" in reply or "<tool_response>" in reply:
        return {"score": 0.0, "outcome": "no_answer"}
    made = grade(json.loads(ground_truth), reply)
    return {"score": float(made.score or 0.0), "outcome": made.outcome}
