# The distance from training, offline: an exam in tiers that nothing of training leaks into, and how a model does in it.
#
#   make ood                                   build/ood: train.jsonl, and L1.jsonl, L2.jsonl, L3-pool.jsonl (two minutes)
#   make ood N=20000 EXAM_N=2000 OOD=build/big EXAM=my-exam.json
#   make ood EVAL_MODEL=plan                   and evaluate: runs-L1.jsonl, …, and a summary by tier
#   make ood EVAL_MODEL=openai:NAME EVAL_OPTIONS='--endpoint http://127.0.0.1:8000/v1' ATTEMPTS=4
#
# MODEL, SOLVER and MODEL_OPTIONS make the tasks as they do in synth.mk. Every file is made whole or not at all: killed
# and made again, it goes on.

OOD := build/ood#               where files go
EXAM := samples/exam.json#      what is held out of training
EXAM_N := 250#                  setups of each tier of the exam; those of training are N
EVAL_MODEL :=#                  who sits the exam: plan, openai:NAME, …; empty: nobody
EVAL_OPTIONS :=#                where it is and how it is asked: --endpoint URL --budget tokens=5e6
ATTEMPTS := 1#                  at each task

.PHONY: ood

EXAMS := L1 L2 L3-pool
RUNS := $(EXAMS:%=$(OOD)/runs-%.jsonl)
SUMMARY := $(if $(EVAL_MODEL),$(OOD)/summary.json)
OOD_FILES := $(addprefix $(OOD)/,$(addsuffix .jsonl,train $(EXAMS)))

# the settings that files were made with; other settings make them anew, but no model is asked twice
OOD_SETTINGS = N=$(N) EXAM_N=$(EXAM_N) SEED=$(SEED) K=$(K) SEEDS=$(SEEDS) DOMAINS=$(DOMAINS) \
  MODEL=$(MODEL) SOLVER=$(SOLVER) EXAM=$(shell cksum < $(EXAM))
$(OOD)/settings: FORCE
	@mkdir -p $(OOD)/seeds $(foreach t,train $(EXAMS),$(OOD)/$(t)/rejects)
	@echo '$(OOD_SETTINGS)' | cmp -s - $@ || { \
	  rm -f $(OOD)/seeds/* $(OOD)/*/*.part* $(OOD)/*/rejects/*; echo '$(OOD_SETTINGS)' > $@; }

$(OOD)/seeds/%.jsonl: $(OOD)/settings | $(READY)
	dive-tools seeds $* -n $(SEEDS) > $@.part && mv $@.part $@

# (tier, setups, options of dive-dedup): the files per round of one tier
define TIER
$(OOD)/$(1)/%: override B = $(OOD)/$(1)

$(OOD)/$(1)/setups.jsonl: $(DOMAINS:%=$(OOD)/seeds/%.jsonl)
	dive-sample --tier $(1) --exam $(EXAM) -n $(2) --seed $(SEED) --seeds $(OOD)/seeds -o $$@.part --resume
	$$(WHOLE)
$(OOD)/$(1)/round0.jsonl: $(OOD)/$(1)/setups.jsonl
	ln -f $$< $$@
$(foreach k,$(shell seq $(K)),$(call TIER_ROUND,$(1),$(k),$(shell expr $(k) - 1)))
$(OOD)/$(1)/verified.jsonl: $(OOD)/$(1)/round$(K).jsonl
	dive-verify $$< --seed $(SEED) $$(CHECKER) -r $$(B)/rejects/8-verify.jsonl -o $$@.part --resume
	$$(WHOLE)
$(OOD)/$(1)/tasks.jsonl: $(OOD)/$(1)/verified.jsonl
	dive-dedup $$< $(3) -r $$(B)/rejects/9-dedup.jsonl -o $$@.part --resume
	$$(WHOLE)
endef

define TIER_ROUND
$(OOD)/$(1)/evidence$(2).jsonl: $(OOD)/$(1)/round$(3).jsonl
	dive-collect $$< --seed $(SEED) $$(MAKER) -r $$(B)/rejects/$(2)1-collect.jsonl -o $$@.part --resume
	$$(WHOLE)
$(OOD)/$(1)/round$(2).jsonl: $(OOD)/$(1)/evidence$(2).jsonl
	dive-derive $$< --seed $(SEED) $$(MAKER) -r $$(B)/rejects/$(2)2-derive.jsonl -o $$@.part --resume
	$$(WHOLE)

endef

$(eval $(call TIER,train,$(N)))
$(eval $(call TIER,L1,$(EXAM_N)))
$(eval $(call TIER,L2,$(EXAM_N),--no-caps))# its few families would be held to the caps of a set of all
$(eval $(call TIER,L3-pool,$(EXAM_N)))

$(OOD)/train.jsonl: $(OOD)/train/tasks.jsonl
	ln -f $< $@

# what was asked in training by chance leaves the exam
$(EXAMS:%=$(OOD)/%.jsonl): $(OOD)/%.jsonl: $(OOD)/%/tasks.jsonl $(OOD)/train.jsonl
	dive-tools leaks $(OOD)/train.jsonl $< --drop -r $(OOD)/$*/rejects/L-leaks.jsonl > $@.part && mv $@.part $@

# the gate: lists whatever leaked, and then nothing is evaluated
$(OOD)/apart: $(OOD_FILES)
	dive-tools leaks $^
	touch $@

ood: $(OOD)/apart $(SUMMARY)  ## an exam in tiers, apart from training; EVAL_MODEL=… sits it
	@wc -l $(OOD_FILES)
	$(if $(SUMMARY),@if [ -t 1 ]; then cat $(RUNS) | dive-eval --summary; else echo $(SUMMARY); fi)

# --- the exam is sat --------------------------------------------------------------------------------------------------

ASKED = -j $(IN_FLIGHT) --cassette $(OOD)/eval.sqlite --ledger $(OOD)/ledger.json
$(OOD)/eval-settings: export SAT_BY = $(EVAL_MODEL) $(ATTEMPTS) $(EVAL_OPTIONS)
$(OOD)/eval-settings: FORCE
	@mkdir -p $(OOD)
	@echo "$$SAT_BY" | cmp -s - $@ || { rm -f $(OOD)/runs-*.part*; echo "$$SAT_BY" > $@; }

$(OOD)/runs-%.jsonl: $(OOD)/%.jsonl $(OOD)/eval-settings | $(OOD)/apart
	dive-eval $< --model $(EVAL_MODEL) -k $(ATTEMPTS) --seed $(SEED) -o $@.part --resume \
	  $(if $(filter plan,$(EVAL_MODEL)),-j $(JOBS),$(ASKED)) $(EVAL_OPTIONS)
	$(WHOLE)

$(OOD)/summary.json: $(RUNS)
	cat $^ | dive-eval --summary > $@.part && mv $@.part $@
