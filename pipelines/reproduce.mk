# The paper's recipe whole (arXiv 2603.11076): tasks and an exam, a teacher's attempts, fine-tuning, the frontier,
# reinforcement learning, and an evaluation of every model in tiers; then the same for other mixtures of data.
#
#   make plan                                  what it asks for, before anything runs: commands, records, hours, GPUs
#   make reproduce-dry                         the commands alone
#   make reproduce ENGINE=serve LAUNCH=pipelines/launch/fsdp2.yaml TEACHER_OPTIONS='--endpoint http://10.0.0.7:8000/v1'
#   make reproduce PAPER_SETUPS=400 PAPER_SFT_TASKS=80 …      any part of it smaller: each number is a variable
#
# Every stage is a file, or a make of another fragment with files of its own: killed and made again, it goes on. With
# other numbers, data is made anew, but no model is trained over: dive-train says what differs, and to begin anew is to
# name another PAPER, or to remove the model's folder.

PAPER := build/reproduce#         where everything goes
PAPER_BASE := models/Qwen3-8B#    the model to begin with: a folder
PAPER_TEACHER := openai:gpt-oss-120b#  who makes the attempts to learn from; TEACHER_OPTIONS says where it is

# the numbers of the paper; those that it does not give are marked
PAPER_SETUPS := 300000#           setups to draw (ours: what comes of them is in make plan)
PAPER_SFT_TASKS := 114000#        tasks for the teacher
PAPER_TRIES := 1#                 attempts of the teacher at each, until one is right (not given)
PAPER_SFT_RUNS := 48000#          right attempts to learn from
PAPER_SFT_STEPS := 300
PAPER_SFT_BATCH := 64
PAPER_SFT_LR := 1e-5
PAPER_SFT_OPTIONS := --no-packing# a step counts attempts, not sequences of several (ours)
PAPER_RL_TASKS := 38000#          other tasks, to find the frontier among
PAPER_PROFILE_K := 8#             attempts of the fine-tuned model at each
PAPER_FRONTIER := 1:5#            how many of them are right
PAPER_RL_FRONTIER := 3200#        tasks to practise
PAPER_RL_STEPS := 100
PAPER_RL_BATCH := 512#            attempts of a step (that it counts attempts and not tasks is ours)
PAPER_RL_GROUP := 8#              attempts at one task in a step (not given)
PAPER_RL_LR := 5e-6
PAPER_EXAM_N := 2000#             setups of each tier of the exam (ours)
PAPER_EVAL_K := 4#                attempts at each task of the exam, at temperature 1

# Diversity against quantity: a few attempts over all tools against many over the tools of few domains, and a pool that
# grows by domains. Every arm is fine-tuned with as many steps as the model above.
PAPER_DIVERSE := 12000#           attempts of the arm over all tools (the paper's)
PAPER_FEW := geography#           the domains of the arm with few tools
PAPER_FEW_SETUPS := 60000#        setups to draw for it (ours)
PAPER_FEW_TASKS := 114000
PAPER_FEW_RUNS := 48000#          its attempts (the paper's)
PAPER_POOLS := academia biology chemistry general geography software# in the order in which the pool grows
PAPER_SIZES := 1 2 4 6#           domains of each size of the pool
PAPER_POOL_RUNS := 6000#          attempts of each size (ours: what the smallest has)
PAPER_ARMS := diverse few $(PAPER_SIZES:%=pool%)# empty: the recipe alone

.PHONY: plan reproduce reproduce-dry

PAPER_TIERS := L1 L2 L3-pool
PAPER_MODELS := base sft rl $(PAPER_ARMS)

# --- the recipe -------------------------------------------------------------------------------------------------------
# A make of another fragment is asked every time: it knows its own settings, and leaves alone what is done. Inside of
# it the rules of this file would be second ones for the same files.

PAPER_MAKE = $(MAKE) --no-print-directory $(1) PAPER_PART=yes
PAPER_TASKS := $(addprefix $(PAPER)/,ood/train.jsonl few/train.jsonl tasks/sft.jsonl tasks/rl.jsonl)
ifneq ($(PAPER_PART),)
$(filter-out $(OOD)/train.jsonl,$(PAPER_TASKS)): ;
else
PAPER_TEACH = TEACHER=$(PAPER_TEACHER) TRIES=$(PAPER_TRIES)

$(PAPER)/ood/train.jsonl: FORCE
	+$(call PAPER_MAKE,$(PAPER)/ood/apart OOD=$(PAPER)/ood N=$(PAPER_SETUPS) EXAM_N=$(PAPER_EXAM_N) B=$(PAPER)/synth)

# one set of tasks, gone through by dive-dedup, cut in two as the numbers above stand to each other
$(PAPER)/tasks/rl.jsonl: $(PAPER)/ood/train.jsonl $(PAPER)/tasks/settings
	@mkdir -p $(@D)
	$(call PAPER_CUT,<)
$(PAPER)/tasks/sft.jsonl: $(PAPER)/ood/train.jsonl $(PAPER)/tasks/settings
	@mkdir -p $(@D)
	$(call PAPER_CUT,>=)
PAPER_CUT = awk -v sft=$(PAPER_SFT_TASKS) -v rl=$(PAPER_RL_TASKS) '(NR * rl) % (sft + rl) $(1) rl' $< > $@.part \
  && mv $@.part $@

PAPER_SFT = BASE=$(PAPER_BASE) SFT_TASKS=$(PAPER_SFT_TASKS) SFT_RUNS=$(PAPER_SFT_RUNS) SFT_STEPS=$(PAPER_SFT_STEPS) \
  SFT_BATCH=$(PAPER_SFT_BATCH) SFT_LR=$(PAPER_SFT_LR) SFT_OPTIONS='$(PAPER_SFT_OPTIONS)' $(PAPER_TEACH)
PAPER_RL = SFT_TASKS=0 RL_TASKS=$(PAPER_RL_TASKS) PROFILE_K=$(PAPER_PROFILE_K) FRONTIER=$(PAPER_FRONTIER) \
  RL_FRONTIER=$(PAPER_RL_FRONTIER) RL_STEPS=$(PAPER_RL_STEPS) RL_BATCH=$(PAPER_RL_BATCH) \
  RL_GROUP=$(PAPER_RL_GROUP) RL_LR=$(PAPER_RL_LR)

$(PAPER)/sft/trained: $(PAPER)/tasks/sft.jsonl FORCE
	+$(call PAPER_MAKE,$@ SFT=$(PAPER)/sft TASKS=$< $(PAPER_SFT))

$(PAPER)/rl/trained: $(PAPER)/tasks/rl.jsonl $(PAPER)/sft/trained FORCE
	+$(call PAPER_MAKE,$@ RL=$(PAPER)/rl RL_FROM=$(PAPER)/sft/model TASKS=$< $(PAPER_RL))

# --- arms -------------------------------------------------------------------------------------------------------------

$(PAPER)/few/train.jsonl: FORCE
	+$(call PAPER_MAKE,$@ OOD=$(PAPER)/few DOMAINS='$(PAPER_FEW)' N=$(PAPER_FEW_SETUPS))

$(PAPER)/few/data.jsonl: $(PAPER)/few/train.jsonl FORCE
	+$(call PAPER_MAKE,$@ SFT=$(PAPER)/few TASKS=$(PAPER)/few/train.jsonl SFT_TASKS=$(PAPER_FEW_TASKS) \
	  SFT_RUNS=$(PAPER_FEW_RUNS) $(PAPER_TEACH))

# the settings of what is made here, as in the other fragments
PAPER_STAMP = @mkdir -p $(@D); echo "$$MADE_WITH" | cmp -s - $@ || { rm -f $(@D)/*.part*; echo "$$MADE_WITH" > $@; }
$(PAPER)/tasks/settings: export MADE_WITH = $(PAPER_SFT_TASKS) $(PAPER_RL_TASKS)
$(PAPER)/arms/settings: export MADE_WITH = $(PAPER_DIVERSE) $(PAPER_POOLS) $(PAPER_POOL_RUNS)
$(PAPER)/arms/trained-with: export MADE_WITH = $(PAPER_BASE) $(PAPER_SFT_STEPS) $(PAPER_SFT_BATCH) $(PAPER_SFT_LR) \
  $(PAPER_SFT_OPTIONS)
$(PAPER)/eval/settings: export MADE_WITH = $(PAPER_BASE) $(PAPER_EVAL_K) $(ENGINE) $(ENGINE_OPTIONS) $(SEED)
$(PAPER)/tasks/settings $(PAPER)/arms/settings $(PAPER)/arms/trained-with $(PAPER)/eval/settings: FORCE
	$(PAPER_STAMP)

$(PAPER)/arms/few.jsonl: $(PAPER)/few/data.jsonl
	@mkdir -p $(@D)
	ln -f $< $@

$(PAPER)/sft/data.jsonl: $(PAPER)/sft/trained

$(PAPER)/arms/diverse.jsonl: $(PAPER)/sft/data.jsonl $(PAPER)/arms/settings
	@mkdir -p $(@D)
	head -n $(PAPER_DIVERSE) $< > $@.part && mv $@.part $@

$(PAPER)/arms/pool%.jsonl: $(PAPER)/sft/data.jsonl $(PAPER)/arms/settings
	@mkdir -p $(@D)
	jq -c --arg pool '$(wordlist 1,$*,$(PAPER_POOLS))' 'select(.setup.domain | IN($$pool | splits(" ")))' $< \
	  | awk 'NR <= $(PAPER_POOL_RUNS)' > $@.part && mv $@.part $@

$(PAPER)/arms/%/trained: $(PAPER)/arms/%.jsonl $(PAPER)/arms/trained-with | $(TRAINS)
	@mkdir -p $(@D)
	$(call FINE_TUNE,$<,$(@D)/model,$(PAPER_SFT_STEPS)) > /dev/null
	touch $@
$(PAPER)/arms/%: override BASE = $(PAPER_BASE)
$(PAPER)/arms/%: override SFT_BATCH = $(PAPER_SFT_BATCH)
$(PAPER)/arms/%: override SFT_LR = $(PAPER_SFT_LR)
$(PAPER)/arms/%: override SFT_OPTIONS = $(PAPER_SFT_OPTIONS)

# --- evaluation -------------------------------------------------------------------------------------------------------

# what any training set asks leaves the exam
$(PAPER)/exam/%.jsonl: $(PAPER)/ood/train.jsonl $(if $(filter few,$(PAPER_ARMS)),$(PAPER)/few/train.jsonl)
	@mkdir -p $(@D)
	cat $^ > $@.trained-on
	dive-tools leaks $@.trained-on $(PAPER)/ood/$*.jsonl --drop > $@.part && mv $@.part $@
	rm $@.trained-on

# (who, model folder, what must be there)
define PAPER_SITS
$(PAPER)/eval/$(1)-%.jsonl: $(PAPER)/exam/%.jsonl $(3) $(PAPER)/eval/settings | $(TRAINS)
	@mkdir -p $(PAPER)/eval
	$$(call ATTEMPT,$$<,$(2),$(PAPER_EVAL_K),$(PAPER)/eval/$(1).sqlite)
	$$(WHOLE)
$(PAPER)/eval/$(1).json: $(PAPER_TIERS:%=$(PAPER)/eval/$(1)-%.jsonl)
	cat $$^ | dive-eval --summary > $$@.part && mv $$@.part $$@
.PRECIOUS: $(PAPER)/eval/$(1)-%.jsonl
endef
$(eval $(call PAPER_SITS,base,$(PAPER_BASE)))
$(eval $(call PAPER_SITS,sft,$(PAPER)/sft/model,$(PAPER)/sft/trained))
$(eval $(call PAPER_SITS,rl,$(PAPER)/rl/model,$(PAPER)/rl/trained))
$(foreach arm,$(PAPER_ARMS),$(eval $(call PAPER_SITS,$(arm),$(PAPER)/arms/$(arm)/model,$(PAPER)/arms/$(arm)/trained)))
.PRECIOUS: $(PAPER)/exam/%.jsonl $(PAPER)/arms/%.jsonl $(PAPER)/arms/%/trained
endif

PAPER_RESULTS := $(PAPER_MODELS:%=$(PAPER)/eval/%.json)

reproduce: $(PAPER_RESULTS)  ## the paper's recipe whole: make plan says what it asks for
	@echo "results: $(PAPER_RESULTS)"

# every number above that dive-train plan knows by the same name
PAPER_PLANNED := SETUPS SFT_TASKS TRIES SFT_RUNS SFT_STEPS SFT_BATCH RL_TASKS PROFILE_K RL_FRONTIER RL_STEPS RL_BATCH \
  RL_GROUP EXAM_N EVAL_K DIVERSE FEW_TASKS FEW_RUNS POOL_RUNS
PAPER_OPTION = --$(shell echo $(1) | tr A-Z_ a-z-) $(PAPER_$(1))
PAPER_ARMED = --few-setups $(if $(filter few,$(PAPER_ARMS)),$(PAPER_FEW_SETUPS),0) \
  --pools $(words $(filter pool%,$(PAPER_ARMS))) $(if $(filter diverse,$(PAPER_ARMS)),,--diverse 0)
PLAN_OPTIONS :=#                  of dive-train plan: --gpus 16 --chip h200 --price 2.5 --runs runs.jsonl --json

plan:  ## PLAN_OPTIONS=…: what make reproduce asks for, before anything runs
	@dive-train plan --model $(PAPER_BASE) --teacher $(PAPER_TEACHER) --jobs $(JOBS) \
	  $(foreach name,$(PAPER_PLANNED),$(call PAPER_OPTION,$(name))) $(PAPER_ARMED) $(PLAN_OPTIONS)

reproduce-dry:  ## the commands of make reproduce, in their order; nothing runs
	@$(MAKE) -n --no-print-directory reproduce | awk '/dive-(sample|collect|derive|verify|dedup|eval|train|tools)/ { on = 1 } on; !/\\$$/ { on = 0 }'
