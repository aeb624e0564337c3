# Fine-tuning on a teacher's good attempts: tasks, attempts, the best of them, a model folder.
#
#   make sft                                   the teacher that walks proofs, and a tiny model made here (minutes on a CPU)
#   make sft BASE=models/Qwen3-8B LAUNCH=pipelines/launch/fsdp2.yaml
#   make sft TEACHER=openai:NAME TEACHER_OPTIONS='--endpoint http://127.0.0.1:8000/v1' TRIES=4
#   make sft TASKS=my-tasks.jsonl SFT_TASKS=5000 SFT=build/my-sft
#
# Without TASKS they are made as in synth.mk. Every file is made whole or not at all, and a training goes on from its
# last checkpoint: killed and made again, all of it goes on. Other numbers make other data, but a training that was
# begun, or is done, stays what it is: dive-train says what differs, and to begin anew is to name another SFT, or to
# remove SFT/model.

SFT := build/sft#            where files go; the model is SFT/model
TASKS = $(B)/tasks.jsonl#    tasks to attempt
POOL :=#                     the pool files of their tools; empty: the built-in one
SFT_TASKS := 400#            so many of them, from the first; rl.mk takes those after them
TEACHER := plan#             who attempts them: plan (walks the proofs), openai:NAME, …
TEACHER_OPTIONS :=#          where it is and how it is asked: --endpoint URL --budget tokens=5e8
TRIES := 4#                  attempts of a model at a task, until one is right
SELECT := best#              which right attempt is kept: best, recovery or diverse
SFT_RUNS := 48000#           the most attempts to train on
BASE :=#                     the model to fine-tune: a folder, or a model of the hub; empty: a tiny one made here
SFT_STEPS := 300
SFT_BATCH := 64
SFT_LR := 1e-5
SFT_OPTIONS :=#              further options of dive-train sft
LAUNCH :=#                   a configuration of accelerate, such as pipelines/launch/fsdp2.yaml; empty: one process

.PHONY: sft

# the settings that attempts were made with; other settings make them anew, but no model is asked twice
$(SFT)/settings: export MADE_WITH = $(SFT_TASKS) $(TEACHER) $(TEACHER_OPTIONS) $(TRIES) $(SEED)
$(SFT)/settings: FORCE
	@mkdir -p $(SFT)
	@echo "$$MADE_WITH" | cmp -s - $@ || { rm -f $(SFT)/runs.jsonl.part*; echo "$$MADE_WITH" > $@; }

$(SFT)/tasks.jsonl: $(TASKS) $(SFT)/settings
	head -n $(SFT_TASKS) $< > $@.part && mv $@.part $@

POOLED = $(POOL:%=--pool %)
PLAN_TEACHES = -j $(JOBS)
MODEL_TEACHES = -k $(TRIES) --until-correct 1 -j $(IN_FLIGHT) --cassette $(SFT)/teacher.sqlite \
  --ledger $(SFT)/ledger.json $(TEACHER_OPTIONS)

$(SFT)/runs.jsonl: $(SFT)/tasks.jsonl
	dive-eval $< --model $(TEACHER) $(if $(filter plan,$(TEACHER)),$(PLAN_TEACHES),$(MODEL_TEACHES)) $(POOLED) \
	  --seed $(SEED) -o $@.part --resume
	$(WHOLE)

# which of them are kept, and with what tools
$(SFT)/select: export CHOSEN = $(SELECT) $(SFT_RUNS)
$(SFT)/select: FORCE
	@mkdir -p $(SFT)
	@echo "$$CHOSEN" | cmp -s - $@ || echo "$$CHOSEN" > $@

$(SFT)/good.jsonl: $(SFT)/runs.jsonl $(SFT)/select
	rm -f $(SFT)/not-taken.jsonl
	dive-verify $< --select $(SELECT) -r $(SFT)/not-taken.jsonl > $@.part && mv $@.part $@

$(SFT)/data.jsonl: $(SFT)/good.jsonl
	head -n $(SFT_RUNS) $< | dive-eval --schemas $(POOLED) > $@.part && mv $@.part $@

build/tiny/config.json: | $(TRAINS)
	dive-train init tiny -o $(@D)

# how it is trained; what was trained otherwise is not overwritten
$(SFT)/trained-with: export TRAINED_WITH = $(BASE) $(SFT_STEPS) $(SFT_BATCH) $(SFT_LR) $(SFT_OPTIONS)
$(SFT)/trained-with: FORCE
	@mkdir -p $(SFT)
	@echo "$$TRAINED_WITH" | cmp -s - $@ || echo "$$TRAINED_WITH" > $@

# (data, model folder to make, steps)
FINE_TUNE = dive-train sft $(1) --model $(or $(BASE),build/tiny) -o $(2) --resume -r $(2)-rejects.jsonl \
  --steps $(3) --batch $(SFT_BATCH) --lr $(SFT_LR) --seed $(SEED) $(if $(LAUNCH),--launch $(LAUNCH)) $(SFT_OPTIONS)

$(SFT)/trained: $(SFT)/data.jsonl $(SFT)/trained-with $(if $(BASE),,build/tiny/config.json) | $(TRAINS)
	$(call FINE_TUNE,$<,$(SFT)/model,$(SFT_STEPS)) > /dev/null
	touch $@

sft: $(SFT)/trained  ## BASE=… TEACHER=… LAUNCH=…: fine-tune a model on a teacher's good attempts
	@wc -l < $(SFT)/data.jsonl | xargs -I{} echo "{} attempts; the model is $(SFT)/model"
