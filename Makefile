.DEFAULT_GOAL := help
SOAK_MINUTES ?= 10
.PHONY: demo test soak sanitize reference build bench setup clean help

demo: build ## Watch card transactions being routed, scored and published (DEMO_FLAGS="--seconds 30")
	.build/release/millrace demo $(DEMO_FLAGS)

test: setup ## Build and run every test (TEST_FLAGS="--filter Tidy", MILLRACE_TEST_BROKERS=host:port)
	@config/setup/packages.sh kcat promtool curl pip venv $(if $(CI),chromium)
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests
	config/setup/test.sh $(TEST_FLAGS)

soak: setup ## Disturb lanes as new random seeds say, for so long (SOAK_MINUTES=10)
	MILLRACE_SOAK_MINUTES=$(SOAK_MINUTES) config/setup/test.sh --filter MillraceTests.FaultTests

sanitize: setup ## Run the tests under ThreadSanitizer, AddressSanitizer and LeakSanitizer (about 40 minutes)
	@config/setup/packages.sh kcat
	config/setup/sanitize.sh thread
	config/setup/sanitize.sh address

reference: setup ## Make the libraries' reference, .build/reference (DocC)
	swift build
	config/setup/reference.sh

build: setup ## Build the command, .build/release/millrace
	swift build -c release --product millrace

bench: build ## Measure against the loops others would write; writes docs/benchmarks.md (BENCH_FLAGS="fraud --rounds 5")
	Tests/Benchmarks/setup.sh
	python3 Tests/Benchmarks/run.py $(BENCH_FLAGS)

setup: ## Install what is missing: libraries, ONNX Runtime
	@config/setup/swift.sh
	@config/setup/packages.sh libraries
	@config/setup/onnxruntime.sh

clean: ## Remove what make has built and downloaded in this folder
	rm -rf .build .onnxruntime

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile
