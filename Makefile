# make            lists the targets
# make lab        the main job: a virtual testbed, configured and proven
# make test       all tests; brings up and takes down a lab of its own

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Two labs on one machine need two names: GEDGE_LAB=mine make lab
export GEDGE_LAB ?= main
TEST := $(BIN)/python tools/run_tests.py

# The environment is made anew when what it is made of has changed, and only then.
DEPS_INPUT := pyproject.toml requirements.txt requirements.yml .config/constraints.txt tools/deps.sh tools/vendor_collections.py
DEPS_HASH := $(shell (echo "$(CURDIR)"; test -x .venv/bin/python && echo there; cat $(DEPS_INPUT)) | sha256sum | cut -c1-16)
DEPS_STAMP := .venv/.deps-$(DEPS_HASH)

# The inventory of make lab-down and lab-ssh: TESTBED=inventories/lab_cluster/testbed.yml for the lab with a cluster.
export TESTBED ?= inventories/lab/testbed.yml
CLUSTER := inventories/lab_cluster/testbed.yml
NODE ?= node1
REGION ?= seoul

.PHONY: help deps constraints lab lab-cluster lab-down lab-ssh plan-offline lint unit acceptance fuzz sanity docs-check integration molecule cluster soak bench test clean dkms lab-cards byo

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do printf '  %-13s %s\n' "$$name" "$$text"; done

deps: ## .venv and .ansible/collections, pinned; a second run does nothing
	@if [ ! -e $(DEPS_STAMP) ]; then time tools/deps.sh && $(MAKE) --no-print-directory .stamp; fi

.PHONY: .stamp
.stamp:
	@rm -f .venv/.deps-*; touch $(DEPS_STAMP)

constraints: ## pin anew what the tools in pyproject.toml bring along
	@rm -rf build/constraints && python3.11 -m venv build/constraints && build/constraints/bin/pip install -q pip==25.3
	@build/constraints/bin/pip install -q --group dev -r requirements.txt
	@(head -n 1 .config/constraints.txt; build/constraints/bin/pip freeze) >build/constraints.txt && mv build/constraints.txt .config/constraints.txt

lab: deps ## the main job: start the virtual testbed, configure it, prove it
	@ansible-playbook playbooks/lab.yml
	@ansible-playbook playbooks/site.yml
	@ansible-playbook playbooks/verify.yml
	@ansible-playbook playbooks/report.yml
	@$(BIN)/python tools/lab.py summary

lab-cluster: deps ## the same with Kubernetes on it, and services on all three paths (cold, Kubernetes is built first)
	@for name in lab site cluster lab_images; do ansible-playbook -i $(CLUSTER) playbooks/$$name.yml || exit 1; done
	@ansible-playbook -i $(CLUSTER) playbooks/service.yml -e service_file=docs/examples/lab-cluster.yml -e deploy=true
	@ansible-playbook -i $(CLUSTER) playbooks/verify.yml
	@ansible-playbook -i $(CLUSTER) playbooks/report.yml
	@TESTBED=$(CLUSTER) $(BIN)/python tools/lab.py summary

lab-down: deps ## stop the virtual testbed and remove all that runs
	@ansible-playbook -i $(TESTBED) playbooks/lab_down.yml || $(BIN)/python tools/lab.py down

lab-ssh: deps ## a shell on a node of the lab: make lab-ssh NODE=node2
	@$(BIN)/python tools/lab.py ssh $(NODE)

plan-offline: deps ## the plan of a region on saved topologies, no node reached: make plan-offline REGION=seoul
	@ansible-playbook -i inventories/$(REGION)/testbed.yml playbooks/plan_offline.yml

lint: deps ## ansible-lint (production), yamllint, ruff
	@$(TEST) lint

unit: deps ## unit tests
	@$(TEST) unit

acceptance: deps ## manifests before a real API server and scheduler, built once from Go modules (10 minutes)
	@$(TEST) acceptance

fuzz: deps ## 10,000 random cases for each parser (make unit runs 100)
	@GEDGE_FUZZ_CASES=10000 $(BIN)/python -m pytest -q tests/unit/fuzz --durations=0 --durations-min=1

sanity: deps ## ansible-test sanity, all that runs without docker
	@$(TEST) sanity

docs-check: deps ## every plugin documented, the collection builds, the changelog is sound
	@$(TEST) docs-check

integration: deps ## tests on the nodes of a lab (of its own: GEDGE_LAB=test)
	@$(TEST) integration

cluster: deps ## tests on a cluster of a lab (of its own), made once for all of them
	@$(TEST) cluster

byo: deps ## opt-in: the acceleration roles on a cluster that plain kubeadm made, in a lab of its own (an hour under emulation)
	@$(BIN)/python -m pytest -q -s tests/byo

lab-cards: deps ## opt-in: roles beside cards with a GPU's, an FPGA's and an ASIC's id (GEDGE_QEMU=a QEMU >= 10.1)
	@$(BIN)/python -m pytest -q -rs tests/integration/accelerator/test_cards.py

dkms: deps ## opt-in: build NVIDIA's kernel modules from Debian against its current kernels (3 to 20 minutes each)
	@GEDGE_DKMS=1 $(BIN)/python -m pytest -q tests/integration/accelerator/test_dkms.py

molecule: deps ## every role's scenario on the same lab
	@$(TEST) molecule

soak: deps ## unit, acceptance, integration, cluster with all cases and long tests: 20 states, a hard reset at each step, 100 services (hours)
	@GEDGE_SOAK=1 GEDGE_STATES=20 GEDGE_BROKEN_CHANGES=50 GEDGE_RESETS=0 GEDGE_MANY=100 $(TEST) unit acceptance integration cluster

bench: deps ## measure; prints the figures of docs/benchmarks.md
	@for file in tests/bench/bench_*.py; do echo "=== $$file"; $(BIN)/python $$file || exit 1; done

test: deps ## all of the above tests, each with its time, and a summary
	@$(TEST)

clean: ## remove what was made here; caches outside the checkout stay
	@rm -rf .venv .ansible build .pytest_cache .ruff_cache .hypothesis gedge-engine-*.tar.gz
