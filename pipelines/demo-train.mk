# The loop, closed on a CPU: a model from scratch learns to use tools from tasks made here, and an exam shows it.
#
#   make setup-train         what training needs, into the checkout's environment (torch for the CPU where there is no GPU)
#   make demo-train          build/demo-train: tasks, teacher, SFT, frontier, GRPO, exam before and after, a picture
#   make smoke-train         the same in small, in a minute or two: it runs, losses are finite, weights change
#
# The pool is eight tools about ISBNs, telephone numbers and countries, the questions those whose answer is read off and
# not computed: numbers are to be copied digit by digit into calls, countries from one tool's result into the next call.
# SFT, RL and exam have tasks of their own, and the exam also numbers of its own. Every file is made whole or not at all:
# killed and made again, it goes on.

DT := build/demo-train
DT_TOOLS := isbn_agency phone_number_origin phone_number_timezone country_profile country_population country_codes \
  country_calling_code country_internet_domain
DT_TOOLSET := 2:4#        tools of a task
DT_SFT_N := 14000#        setups, of which more than half become tasks
DT_RL_N := 4000
DT_EXAM_N := 900
DT_SFT_STEPS := 1400
DT_SFT := --batch 32 --micro-batch 32 --lr 6e-3 --warmup 100 --schedule cosine_with_min_lr --set weight_decay=0.1 --set adam_beta2=0.98 \
  --save-every 200 --log-every 20
DT_RL_STEPS := 100
DT_RL := --batch 128 --micro-batch 16 --group 8 --lr 3e-4 --schedule constant --max-tokens 120 --calls 4 --turns 5 \
  --save-every 20
DT_FRONTIER := 1:3#       solved so often, of
DT_TRIES := 4#            attempts of the SFT model at each task
DT_ATTEMPTS := 4#         at each task of the exam
DT_LIMITS := --calls 4 --turns 5 --max-tokens 120
DT_ASKED := 64#           attempts at once

TRAINS := $(VENV)/.ready-train

.PHONY: setup-train demo-train smoke-train

# Without a GPU: torch first, or its CUDA build comes along.
$(TRAINS): $(READY)
	command -v nvidia-smi > /dev/null || $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  -c constraints.txt torch==2.13.0
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[tools,train]'
	touch $@

setup-train: $(TRAINS)  ## what training needs, into the checkout's environment

# what data is made of: other settings make all anew. Those of a training are held to those it began with by dive-train.
DT_SETTINGS = $(DT_TOOLS) $(DT_TOOLSET) $(DT_SFT_N) $(DT_RL_N) $(DT_EXAM_N) $(SEED)
$(DT)/settings: FORCE
	@mkdir -p $(DT)
	@echo '$(DT_SETTINGS)' | cmp -s - $@ || { rm -rf $(DT)/*; echo '$(DT_SETTINGS)' > $@; }

DT_POOL = --pool $(DT)/pool.jsonl
$(DT)/pool.jsonl: $(DT)/settings | $(TRAINS)
	dive-tools list --json | jq -c --arg names '$(DT_TOOLS)' 'select(.name | IN($$names | splits(" +")))' > $@.part
	mv $@.part $@

$(DT)/seeds.jsonl: $(DT)/settings | $(TRAINS)
	$(VENV)/bin/python pipelines/demo_seeds.py > $@.part && mv $@.part $@

# (set, setups, options of dive-sample): its tasks, those whose answer needs no arithmetic
define DT_TASKS
$(DT)/$(1).jsonl: $(DT)/pool.jsonl $(DT)/seeds.jsonl
	dive-sample -n $(2) $(3) --test-share 0.15 $$(DT_POOL) --seeds $(DT)/seeds.jsonl --mix all --tools $(DT_TOOLSET) \
	  | dive-collect $$(DT_POOL) | dive-derive $$(DT_POOL) | dive-verify $$(DT_POOL) \
	  | jq -c 'select([.task.support | .. | .op? // empty] | all(. == "map"))' > $$@.part
	mv $$@.part $$@
endef
$(eval $(call DT_TASKS,sft-tasks,$(DT_SFT_N),--split train --seed $(SEED)1))
$(eval $(call DT_TASKS,rl-tasks,$(DT_RL_N),--split train --seed $(SEED)2))
$(eval $(call DT_TASKS,exam,$(DT_EXAM_N),--split test --seed $(SEED)3))

$(DT)/teacher.jsonl: $(DT)/sft-tasks.jsonl
	dive-eval $< $(DT_POOL) --model plan --schemas -j $(JOBS) | dive-verify --select best -o $@.part && $(WHOLE)

$(DT)/base/config.json: $(DT)/teacher.jsonl
	rm -rf $(@D)
	dive-train init tiny $< -o $(@D) --seed $(SEED)

$(DT)/sft/config.json: $(DT)/teacher.jsonl $(DT)/base/config.json
	dive-train sft $< --model $(DT)/base -o $(@D) --resume --steps $(DT_SFT_STEPS) $(DT_SFT) --seed $(SEED) > /dev/null

# (model, tasks, attempts): attempts in this process
DT_EVAL = dive-eval $(2) $(DT_POOL) --model hf:$(DT)/$(1) -k $(3) $(DT_LIMITS) -j $(DT_ASKED) --seed $(SEED) \
  -o $@.part --resume && $(WHOLE)

DT_PRACTISE = $(DT)/rl-tasks.jsonl
$(DT)/tries.jsonl: $(DT_PRACTISE) $(DT)/sft/config.json
	$(call DT_EVAL,sft,$<,$(DT_TRIES))

$(DT)/frontier.jsonl: $(DT)/tries.jsonl
	dive-verify $< --frontier $(DT_FRONTIER) -o $@.part && $(WHOLE)

$(DT)/rl/config.json: $(DT)/frontier.jsonl $(DT)/sft/config.json
	dive-train rl $< $(DT_POOL) --model $(DT)/sft -o $(@D) --resume --steps $(DT_RL_STEPS) $(DT_RL) --seed $(SEED) > /dev/null

# --- the exam: the same tasks and scorer for all three ----------------------------------------------------------------
# A vLLM server answers where make vllm has been, else transformers in this process.

DT_BY_VLLM := $(wildcard $(READY_VLLM))
DT_PORT := 8811
DT_SERVE := --dtype float32 --enforce-eager --max-model-len 8192 --max-num-batched-tokens 8192
DT_SERVED = $(MAKE) --no-print-directory serve MODEL_PATH=$(DT)/$(1) MODEL_NAME=$(1) PORT=$(DT_PORT) \
    SERVE_OPTIONS='$(DT_SERVE)' >&2; trap '$(MAKE) --no-print-directory serve-stop PORT=$(DT_PORT) >&2' EXIT; \
  dive-eval $(2) $(DT_POOL) --model openai:$(1) --endpoint http://127.0.0.1:$(DT_PORT)/v1 -k $(3) $(DT_LIMITS) \
    -j $(DT_ASKED) --seed $(SEED) -o $@.part --resume && $(WHOLE)
DT_SAT = $(if $(DT_BY_VLLM),$(DT_SERVED),$(DT_EVAL))

DT_MODELS := base sft rl
.PRECIOUS: $(DT)/exam/%.jsonl
$(DT)/exam/%.jsonl: $(DT)/exam.jsonl $(DT)/%/config.json
	@mkdir -p $(@D)
	$(call DT_SAT,$*,$<,$(if $(filter base,$*),1,$(DT_ATTEMPTS)))
$(DT)/exam/%.json: $(DT)/exam/%.jsonl
	dive-eval --summary $< > $@.part && mv $@.part $@
$(DT)/exam/gain.json: $(DT)/exam/rl.jsonl $(DT)/exam/sft.jsonl
	dive-eval --compare $(DT)/exam/sft.jsonl $< > $@.part && mv $@.part $@

$(DT)/curve.png: $(DT_MODELS:%=$(DT)/exam/%.json)
	dive-train curve $(DT)/sft $(DT)/rl $(DT_MODELS:%=--exam $(DT)/exam/%.json) -o $@

demo-train: $(DT)/curve.png $(DT)/exam/gain.json  ## init, SFT, GRPO and an exam before and after, on a CPU (about half an hour)
	@wc -l $(DT)/{sft-tasks,rl-tasks,frontier,exam}.jsonl
	@dive-train curve $(DT)/sft $(DT)/rl $(DT_MODELS:%=--exam $(DT)/exam/%.json)
	@jq -r '.difference | "GRPO over SFT: \(100 * .value) points (\(100 * .low) to \(100 * .high))"' $(DT)/exam/gain.json
	@echo 'the picture: $(DT)/curve.png'

# --- in small ---------------------------------------------------------------------------------------------------------

SMOKE := build/smoke-train
# so few tasks can only be learnt by heart, half of them here; they are the ones to practise on, or all rewards were alike
SMOKE_KNOBS := DT=$(SMOKE) DT_SFT_N=160 DT_SFT_STEPS=150 DT_RL_STEPS=3 DT_TRIES=2 DT_FRONTIER=0:2 \
  DT_PRACTISE=$(SMOKE)/sft-tasks.jsonl \
  DT_SFT='--batch 16 --micro-batch 16 --lr 6e-3 --warmup 10 --save-every 100' \
  DT_RL='--batch 16 --micro-batch 16 --group 8 --lr 1e-3 --max-tokens 60 --calls 3 --turns 3' \
  DT_LIMITS='--calls 3 --turns 3 --max-tokens 60'
FINITE = jq -es '$(1) and all(.[]; .loss | isfinite)' $(2)/metrics.jsonl > /dev/null || { echo '$(2): a loss is missing or not finite' >&2; exit 1; }
MOVED = ! cmp -s $(1)/model.safetensors $(2)/model.safetensors || { echo '$(2): the weights are those of $(1)' >&2; exit 1; }

smoke-train:  ## the same in minutes: it runs, losses are finite, weights change
	rm -rf $(SMOKE)
	$(MAKE) --no-print-directory $(SMOKE_KNOBS) $(SMOKE)/rl/config.json
	@$(call FINITE,length >= 3 and .[-1].loss < .[0].loss,$(SMOKE)/sft)
	@$(call FINITE,length == 3,$(SMOKE)/rl)
	@$(call MOVED,$(SMOKE)/base,$(SMOKE)/sft)
	@$(call MOVED,$(SMOKE)/sft,$(SMOKE)/rl)
	@dive-train curve $(SMOKE)/sft $(SMOKE)/rl
