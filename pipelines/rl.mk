# Reinforcement learning on tasks that the fine-tuned model solves sometimes: attempts, the frontier, a model folder.
#
#   make rl                                    after make sft, with the same variables; all in process
#   make rl BASE=models/Qwen3-8B ENGINE=serve LAUNCH=pipelines/launch/fsdp2.yaml
#   make rl RL_FROM=models/mine TASKS=my-tasks.jsonl RL_TASKS=2000 RL=build/my-rl
#
# The tasks are others than those of sft.mk: they come after them in the same file, which dive-dedup has gone through.
# What was begun on other tasks or with other settings is not gone on with: dive-train says what differs, and to begin
# anew is to name another RL, or to remove RL/model.

RL := build/rl#              where files go; the model is RL/model
RL_FROM = $(SFT)/model#      the model that it begins with
RL_TASKS := 100#             tasks to look through, after the SFT_TASKS that were learnt from
PROFILE_K := 8#              attempts at each
FRONTIER := 1:5#             how many of them are right: the tasks to practise
RL_FRONTIER := 3200#         the most tasks to practise
RL_STEPS := 100
RL_BATCH := 512#             attempts of a step
RL_GROUP := 8#               attempts at one task in a step
RL_LR := 5e-6
RL_OPTIONS :=#               further options of dive-train rl
# what samples: a model that FSDP spreads cannot in its own process, so that vLLM does beside it (pip install vllm)
RL_GENERATE = $(if $(shell grep -s '^distributed_type:.*FSDP' $(LAUNCH) /dev/null),vllm-colocate,transformers)
ENGINE := hf#                how a model folder makes attempts: hf or vllm in process, or serve (pipelines/serve.mk)
ENGINE_OPTIONS :=#           further options of dive-eval there: --max-tokens 2048

.PHONY: rl

# (tasks, model folder, attempts at each, cassette): attempts of a model folder; a server for it ends with the recipe
SERVED = $(MAKE_COMMAND) serve MODEL_PATH=$(1) MODEL_NAME=attempts PORT=$(PORT); \
  trap '$(MAKE_COMMAND) serve-stop PORT=$(PORT)' EXIT;
REACHED = $(if $(filter serve,$(ENGINE)),openai:attempts --endpoint http://127.0.0.1:$(PORT)/v1,$(ENGINE):$(1))
ATTEMPT = $(if $(filter serve,$(ENGINE)),$(call SERVED,$(2))) \
  dive-eval $(1) --model $(call REACHED,$(2)) -k $(3) -j $(IN_FLIGHT) --seed $(SEED) --temperature 1 --top-p 1 \
  --cassette $(4) $(POOLED) $(ENGINE_OPTIONS) -o $@.part --resume

$(RL)/settings: export MADE_WITH = $(RL_FROM) $(SFT_TASKS) $(RL_TASKS) $(PROFILE_K) $(ENGINE) $(ENGINE_OPTIONS) $(SEED)
$(RL)/settings: FORCE
	@mkdir -p $(RL)
	@echo "$$MADE_WITH" | cmp -s - $@ || { rm -f $(RL)/runs.jsonl.part*; echo "$$MADE_WITH" > $@; }

$(RL)/tasks.jsonl: $(TASKS) $(RL)/settings
	head -n $$(($(SFT_TASKS) + $(RL_TASKS))) $< | tail -n +$$(($(SFT_TASKS) + 1)) > $@.part
	test -s $@.part || { echo '$< has no more than $(SFT_TASKS) tasks: none are left for $@' >&2; exit 1; }
	mv $@.part $@

$(RL)/runs.jsonl: $(RL)/tasks.jsonl $(if $(filter $(SFT)/model,$(RL_FROM)),$(SFT)/trained) | $(TRAINS)
	$(call ATTEMPT,$<,$(RL_FROM),$(PROFILE_K),$(RL)/runs.sqlite)
	$(WHOLE)

$(RL)/chosen: export CHOSEN = $(FRONTIER) $(RL_FRONTIER)
$(RL)/chosen: FORCE
	@mkdir -p $(RL)
	@echo "$$CHOSEN" | cmp -s - $@ || echo "$$CHOSEN" > $@

$(RL)/frontier.jsonl: $(RL)/runs.jsonl $(RL)/chosen
	rm -f $(RL)/others.jsonl
	dive-verify $< --frontier $(FRONTIER) -r $(RL)/others.jsonl > $@.all
	test -s $@.all || { echo 'no task of $< was solved in $(FRONTIER) of $(PROFILE_K) attempts' >&2; exit 1; }
	head -n $(RL_FRONTIER) $@.all > $@.part && mv $@.part $@

# how it is trained; what was trained otherwise is not overwritten
$(RL)/trained-with: export TRAINED_WITH = $(RL_FROM) $(RL_STEPS) $(RL_BATCH) $(RL_GROUP) $(RL_LR) $(RL_OPTIONS)
$(RL)/trained-with: FORCE
	@mkdir -p $(RL)
	@echo "$$TRAINED_WITH" | cmp -s - $@ || echo "$$TRAINED_WITH" > $@

$(RL)/trained: $(RL)/frontier.jsonl $(RL)/trained-with | $(TRAINS)
	dive-train rl $< --model $(RL_FROM) -o $(RL)/model --resume -r $(RL)/not-trained.jsonl \
	  --steps $(RL_STEPS) --batch $(RL_BATCH) --group $(RL_GROUP) --lr $(RL_LR) --seed $(SEED) \
	  $(POOLED) --generate $(RL_GENERATE) $(if $(LAUNCH),--launch $(LAUNCH)) $(RL_OPTIONS) > /dev/null
	touch $@

rl: $(RL)/trained  ## BASE=… ENGINE=… LAUNCH=…: reinforcement learning on the frontier of the fine-tuned model
	@wc -l < $(RL)/frontier.jsonl | xargs -I{} echo "{} tasks; the model is $(RL)/model"
