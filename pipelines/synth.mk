# From setups to verified tasks, without a model or with one.
#
#   make demo                                  1,000 setups through one pipe, to build/demo/tasks.jsonl
#   make synth N=5000 SEED=7 K=3 B=build/s7    the same as files per round; killed and made again, it goes on
#   make synth MODEL=openai:NAME MODEL_OPTIONS='--endpoint http://127.0.0.1:8000/v1' SOLVER=openai:NAME
#                                              a model collects, derives, and tries each task without tools

.PHONY: demo synth

D := build/demo
DEMO_ROUND = | dive-collect --seed $(SEED) -r $(D)/rejects/$(1)1-collect.jsonl \
  | dive-derive --seed $(SEED) -r $(D)/rejects/$(1)2-derive.jsonl

demo: $(READY)  ## 1,000 setups through three rounds, five of the tasks, and where the others went
	@mkdir -p $(D)/rejects && rm -f $(D)/rejects/*.jsonl $(D)/tasks.jsonl*
	@time { dive-sample -n $(N) --seed $(SEED) \
	  $(foreach k,$(shell seq $(K)),$(call DEMO_ROUND,$(k))) \
	  | dive-verify --seed $(SEED) -r $(D)/rejects/8-verify.jsonl \
	  | dive-dedup -r $(D)/rejects/9-dedup.jsonl -o $(D)/tasks.jsonl; }
	@echo; dive-tools read $(D)/tasks.jsonl -n 5
	@dive-tools funnel -n $(N) $(D)/rejects/*.jsonl
	@echo "$$(wc -l < $(D)/tasks.jsonl) tasks in $(D)/tasks.jsonl"

# --- files per round --------------------------------------------------------------------------------------------------
# A stage writes NAME.part with --resume and renames it when done, so that a file that is there is whole.

WHOLE = mv $@.part $@ && mv $@.part.meta.json $@.meta.json

# what a stage that asks a model is told besides: replies are recorded, so that nothing is paid for twice
ASKS = --model $(1) -j $(IN_FLIGHT) --cassette $(B)/run.sqlite --ledger $(B)/ledger.json $(MODEL_OPTIONS)
MAKER = $(if $(filter symbolic,$(MODEL)),-j $(JOBS),$(call ASKS,$(MODEL)))
CHECKER = $(if $(SOLVER),$(call ASKS,$(SOLVER)),-j $(JOBS))

# the settings that files were made with; other settings make them anew
SETTINGS = N=$(N) SEED=$(SEED) K=$(K) SEEDS=$(SEEDS) MODEL=$(MODEL) SOLVER=$(SOLVER)
$(B)/settings: FORCE
	@mkdir -p $(B)/rejects
	@echo '$(SETTINGS)' | cmp -s - $@ || { rm -f $(B)/*.part* $(B)/rejects/*; echo '$(SETTINGS)' > $@; }
FORCE:

# all the seeds that the registries hold, up to SEEDS of each domain
$(B)/seeds/%.jsonl: $(B)/settings | $(READY)
	@mkdir -p $(@D)
	dive-tools seeds $* -n $(SEEDS) > $@.part && mv $@.part $@

$(B)/setups.jsonl: $(B)/settings $(DOMAINS:%=$(B)/seeds/%.jsonl) | $(READY)
	dive-sample -n $(N) --seed $(SEED) --seeds $(B)/seeds -o $@.part --resume
	$(WHOLE)

$(B)/round0.jsonl: $(B)/setups.jsonl
	ln -f $< $@

define ROUND
$(B)/evidence$(1).jsonl: $(B)/round$(2).jsonl
	dive-collect $$< --seed $(SEED) $(MAKER) -r $(B)/rejects/$(1)1-collect.jsonl -o $$@.part --resume
	$$(WHOLE)
$(B)/round$(1).jsonl: $(B)/evidence$(1).jsonl
	dive-derive $$< --seed $(SEED) $(MAKER) -r $(B)/rejects/$(1)2-derive.jsonl -o $$@.part --resume
	$$(WHOLE)
endef
$(foreach k,$(shell seq $(K)),$(eval $(call ROUND,$(k),$(shell expr $(k) - 1))))

$(B)/verified.jsonl: $(B)/round$(K).jsonl
	dive-verify $< --seed $(SEED) $(CHECKER) -r $(B)/rejects/8-verify.jsonl -o $@.part --resume
	$(WHOLE)

$(B)/tasks.jsonl: $(B)/verified.jsonl
	dive-dedup $< -r $(B)/rejects/9-dedup.jsonl -o $@.part --resume
	$(WHOLE)

synth: $(B)/tasks.jsonl  ## N=… SEED=… K=… JOBS=… B=DIR: files per round, resumed when killed
	@dive-tools funnel -n $(N) $(B)/rejects/*.jsonl
