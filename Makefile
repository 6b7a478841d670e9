# Every everyday command of mcpc. `make help` prints the targets from their own comments.
# Everything is built out of the tree, in $(BUILD).

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build$(if $(SAN),/$(if $(filter thread,$(SAN)),tsan,san))
CC      ?= cc
# Debian's own, which the Debian packages of the tests belong to
PYTHON  ?= $(firstword $(wildcard /usr/bin/python3) python3)
CLANG_FORMAT ?= clang-format-19
CLANG_TIDY   ?= clang-tidy-19
SHELL   := /bin/sh
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-print-directory
# one short line a step; V=1 shows the commands
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-6s %s\n' $(1) $(2))

# ---- what is built from what ----
COMPILER_SOURCES := $(sort $(wildcard compiler/*.c compiler/*/*.c grammar/*.c))
RUNTIME_SOURCES  := $(sort $(wildcard runtime/*.c runtime/*/*.c))
UNIT_SOURCES     := $(sort $(wildcard tests/unit/*.c))
FUZZ_SOURCES     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
STDLIB_FILES       := $(sort $(wildcard stdlib/*.mcpp))
COMPILER_GENERATED := $(BUILD)/grammar/mcpp_parse.c $(BUILD)/grammar/mcpp_scan.c $(BUILD)/stdlib/files.c
RUNTIME_GENERATED  := $(BUILD)/grammar/http.c $(BUILD)/grammar/proxy.c
SHARED_GENERATED   := $(BUILD)/grammar/json.c

object = $(patsubst %.c,$(BUILD)/%.o,$(patsubst $(BUILD)/%,%,$(1)))
# mcpc checks its own tables with the runtime's decide/, and the calls of a policy's tests with validate/
DECIDE_SOURCES := $(sort $(wildcard runtime/decide/*.c)) runtime/identity/caller.c \
                  runtime/memory/pool.c $(filter-out %/schema_cache.c,$(sort $(wildcard runtime/validate/*.c)))
COMPILER_OBJECTS := $(call object,$(filter-out compiler/main.c,$(COMPILER_SOURCES)) \
                      $(COMPILER_GENERATED) $(SHARED_GENERATED) $(DECIDE_SOURCES))
RUNTIME_OBJECTS  := $(call object,$(RUNTIME_SOURCES) $(RUNTIME_GENERATED) $(SHARED_GENERATED))
# no request waits for these: small rather than fast
COLD := $(filter runtime/oauth2/% runtime/quota/% $(wildcard runtime/*.c) \
          $(addprefix runtime/identity/,dpop.c introspector.c jwks.c jws_key.c key_cache.c key_table.c metadata.c \
            challenge.c jwt_claims.c trust.c replay.c) \
          $(addprefix runtime/validate/,compile.c format.c pattern.c problem.c schema.c check_rest.c) \
          $(addprefix runtime/protocol/,connect.c completion.c subscriptions.c resources.c template.c lifecycle.c \
            logging.c sessions.c seal.c session.c session_key.c notify.c watchers.c bulletin.c) \
          $(addprefix runtime/backend/,multipart.c credential_list.c redirect.c retry.c) \
          $(addprefix runtime/transport/,stdio.c tls.c listener.c probe.c loop.c) \
          runtime/upstream/peer.c,$(RUNTIME_SOURCES))
$(call object,$(COLD)): private OPTIMIZE := $(if $(SAN),-O1 -g,-Os -g)
UNIT_PROGRAMS    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))

# ---- flags ----
COMPILER_PACKAGES := yaml-0.1 libcrypto
RUNTIME_PACKAGES  := libevent libevent_openssl hiredis libcurl libssl libcrypto zlib
pkg_flags = $(shell pkg-config $(1) $(COMPILER_PACKAGES) $(RUNTIME_PACKAGES) 2>/dev/null)
comma := ,
SANITIZERS := $(if $(filter thread,$(SAN)),-fsanitize=thread,$(if $(SAN),\
              -fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined))
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
OPTIMIZE := $(if $(SAN),-O1 -g,-O2 -g)
# a debugger finds its way by -g alone; the tables that would be loaded are a sixth of a server
UNWIND   := $(if $(SAN),,-fno-asynchronous-unwind-tables)
HARDEN   := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2) \
            $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
CFLAGS   ?= $(OPTIMIZE)
LINK_FLAGS := -pie -Wl,-z,relro,-z,now $(SANITIZERS)
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -DMCPP_VERSION='"$(VERSION)"' $(WARNINGS) $(HARDEN) $(UNWIND) $(CFLAGS) \
             $(SANITIZERS) -I. -I$(BUILD) -Iruntime/include $(call pkg_flags,--cflags) $(EXTRA_CFLAGS)
COMPILER_LIBS = $(shell pkg-config --libs $(COMPILER_PACKAGES))
RUNTIME_LIBS  = $(shell pkg-config --libs $(RUNTIME_PACKAGES))

# ---- targets ----
.PHONY: all
all: $(BUILD)/deps-build $(BUILD)/mcpc $(BUILD)/libmcpp.a $(BUILD)/mcpp-uninstalled.pc ## build mcpc and libmcpp (SAN=1: with ASan and UBSan, in build/san; SAN=thread: with TSan, in build/tsan)

.PHONY: demo
demo: all examples $(BUILD)/deps-demo ## compile the petstore example and show real calls with and without tokens (KEEP=1: leave the servers up)
	@examples/petstore/run.sh $(BUILD) $(KEEP)

.PHONY: check
check: all $(BUILD)/deps-check unit examples $(BUILD)/npm/stamp $(BUILD)/python/stamp ## all tests (TESTS=…: some; JOBS=N: at once)
	@MCPP_BUILD=$(BUILD) $(PYTHON) -B -m pytest -q -p no:cacheprovider $(if $(TESTS),,-n $(or $(JOBS),4)) $(PYTEST_FLAGS) $(or $(TESTS),tests)

.PHONY: unit
unit: $(UNIT_PROGRAMS) ## build the unit test programs ($(BUILD)/unit/test_NAME)

.PHONY: examples
examples: $(BUILD)/examples/petstore/backend $(BUILD)/examples/native-tool/desk ## build the programs of the examples

.PHONY: golden-update
golden-update: all $(BUILD)/unit/judge ## write what the programs print now into tests/golden (read the diff!)
	@MCPP_BUILD=$(BUILD) $(PYTHON) -B -m pytest -q -p no:cacheprovider tests/golden --bless

.PHONY: format
format: ## lay out all C sources
	@$(CLANG_FORMAT) -i $(FORMATTED)

.PHONY: lint
lint: all $(BUILD)/deps-lint ## rules of the house, layout, static analysis (each file once, until it changes)
	@$(PYTHON) -B tests/lint/lint.py
	@$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED)
	@shellcheck .ci/run tests/deps.sh examples/*/run.sh
	@cppcheck -q --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
	  --suppress=missingIncludeSystem -D_GNU_SOURCE -I. -I$(BUILD) -Iruntime/include compiler runtime
	@$(MAKE) -k $(LINT_STAMPS)

.PHONY: clang
clang: $(BUILD)/deps-fuzz ## build everything with clang, in build/clang
	@$(MAKE) BUILD=build/clang CC=clang-19 all unit

.PHONY: fuzz
fuzz: $(BUILD)/deps-fuzz ## run each fuzz target for FUZZ_SECONDS (60), in build/fuzz
	@$(MAKE) BUILD=build/fuzz CC=clang-19 OPTIMIZE='-O1 -g' \
	  SANITIZERS='-fsanitize=address$(comma)undefined$(comma)fuzzer-no-link' HARDEN= fuzz-run

.PHONY: bench
bench: all $(BUILD)/bench/yaml_events $(BUILD)/bench/identity $(BUILD)/npm-bench/stamp ## what compiling, deciding, starting and serving cost, beside references
	@$(PYTHON) -B bench/bench.py $(BUILD)
	@$(MAKE) bench-load

.PHONY: bench-load
bench-load: all ## requests per second and CPU time of a server, beside nginx, Go and FastMCP; writes bench/load.html (SECONDS=0.5 ROUNDS=3)
	@PATH=$$PATH:/usr/sbin $(PYTHON) -B bench/load.py $(BUILD) $(or $(SECONDS),0.5) $(or $(ROUNDS),3)

.PHONY: bench-fastmcp
bench-fastmcp: $(BUILD)/deps-build ## install FastMCP from PyPI in build/, so that bench-load measures it too
	@$(PYTHON) -m venv $(BUILD)/fastmcp && $(BUILD)/fastmcp/bin/pip install -q fastmcp==4.2.3 httpx2==2.16.2
	@touch $(BUILD)/fastmcp/installed

.PHONY: torture
torture: all examples ## what an unfriendly network does, with figures: idle crowds, slow and broken peers, kills (minutes)
	@PATH=$$PATH:/usr/sbin $(PYTHON) -B tests/torture/torture.py $(BUILD)

.PHONY: install
install: all ## install mcpc, libmcpp and its headers under PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/mcpp
	install $(BUILD)/mcpc $(DESTDIR)$(PREFIX)/bin/mcpc
	install -m 644 $(BUILD)/libmcpp.a $(DESTDIR)$(PREFIX)/lib/libmcpp.a
	install -m 644 runtime/include/mcpp/*.h $(DESTDIR)$(PREFIX)/include/mcpp/
	$(call write_pc,$(PREFIX)/include,$(PREFIX)/lib) > $(DESTDIR)$(PREFIX)/lib/pkgconfig/mcpp.pc

.PHONY: deps
deps: ## install what building, the demo and the tests need (apt as root or through sudo)
	@tests/deps.sh build demo check

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | \
	  awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

# ---- rules ----
FORMATTED = $(filter-out %/policy.c,$(wildcard compiler/*.[ch] compiler/*/*.[ch] runtime/*.[ch] runtime/*/*.[ch] \
  runtime/include/mcpp/*.h grammar/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] examples/*/*.[ch] bench/*.c))

# one stamp a group of packages, made anew when the list changes
$(BUILD)/deps-%: tests/deps.sh
	@mkdir -p $(@D)
	@tests/deps.sh $*
	@touch $@

$(BUILD)/grammar/mcpp_parse.c $(BUILD)/grammar/mcpp_parse.h &: grammar/mcpp.y | $(BUILD)/deps-build
	@mkdir -p $(@D)
	$(call say,bison,$<)
	$(Q)bison -Wall -Wcounterexamples -Werror --header=$(BUILD)/grammar/mcpp_parse.h -o $(BUILD)/grammar/mcpp_parse.c $<

$(BUILD)/grammar/mcpp_scan.c: grammar/mcpp.re | $(BUILD)/deps-build
	@mkdir -p $(@D)
	$(call say,re2c,$<)
	$(Q)re2c -W -Werror -o $@ $<

$(BUILD)/grammar/%.c: grammar/%.re | $(BUILD)/deps-build
	@mkdir -p $(@D)
	$(call say,re2c,$<)
	$(Q)re2c -W -Werror -o $@ $<

# the standard library as strings: quotes, backslashes and trigraphs escaped, one line of C for each
$(BUILD)/stdlib/files.c: $(STDLIB_FILES) Makefile
	@mkdir -p $(@D)
	$(call say,text,stdlib)
	$(Q){ printf '%s\n' '/* Made by the Makefile from stdlib/. */' '#include "compiler/policy/stdlib.h"' \
	    '#pragma GCC diagnostic ignored "-Woverlength-strings"' 'const struct stdlib_file stdlib_files[] = {'; \
	  for file in $(STDLIB_FILES); do printf '{"%s",\n' "$$(basename $$file .mcpp)"; \
	    sed -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' $$file; echo '},'; done; echo '{0}};'; } > $@

# the flags are part of what an object depends on
$(BUILD)/flags: FORCE | $(BUILD)/deps-build
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || printf '%s\n' '$(CC) $(subst ','\'',$(ALL_CFLAGS))' > $@
.PHONY: FORCE
FORCE:

# Bison sets yynerrs without reading it
$(BUILD)/grammar/%.o: $(BUILD)/grammar/%.c $(BUILD)/grammar/mcpp_parse.h $(BUILD)/flags
	$(call say,cc,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-unused-but-set-variable -MMD -MP -c -o $@ $<

$(BUILD)/stdlib/%.o: $(BUILD)/stdlib/%.c $(BUILD)/flags
	$(call say,cc,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/grammar/mcpp_parse.h $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libmcpc.a: $(COMPILER_OBJECTS)
	@rm -f $@
	$(call say,ar,$@)
	$(Q)ar rcsD $@ $^

$(BUILD)/libmcpp.a: $(RUNTIME_OBJECTS)
	@rm -f $@
	$(call say,ar,$@)
	$(Q)ar rcsD $@ $^

$(BUILD)/mcpc: $(BUILD)/compiler/main.o $(BUILD)/libmcpc.a
	$(call say,link,$@)
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libmcpc.a $(BUILD)/libmcpp.a
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(COMPILER_LIBS) $(RUNTIME_LIBS)

$(BUILD)/examples/native-tool/policy.c: examples/native-tool/desk.mcpp examples/native-tool/openapi.yaml $(BUILD)/mcpc
	@mkdir -p $(@D)
	$(call say,mcpc,$<)
	$(Q)$(BUILD)/mcpc $< -o $@

$(BUILD)/examples/native-tool/desk: examples/native-tool/desk.c $(BUILD)/examples/native-tool/policy.c $(BUILD)/libmcpp.a $(BUILD)/flags
	$(call say,cc,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -o $@ $< $(BUILD)/examples/native-tool/policy.c $(BUILD)/libmcpp.a $(RUNTIME_LIBS)

$(BUILD)/examples/petstore/backend: examples/petstore/backend.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -MMD -MP -o $@ $< -lcjson $(RUNTIME_LIBS)

.PHONY: fuzz-run
fuzz-run: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SOURCES))
	@for target in $^; do corpus=tests/fuzz/corpus/$${target##*/fuzz_}; mkdir -p $(BUILD)/corpus/$${target##*/}; \
	  ASAN_OPTIONS=quarantine_size_mb=32 $$target -max_total_time=$(or $(FUZZ_SECONDS),60) -timeout=1 -rss_limit_mb=512 -print_final_stats=1 \
	  $(BUILD)/corpus/$${target##*/} $$(test -d $$corpus && echo $$corpus) || exit 1; done

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libmcpc.a $(BUILD)/libmcpp.a
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) -fsanitize=address,undefined,fuzzer -o $@ $^ $(COMPILER_LIBS) $(RUNTIME_LIBS)

# clang-tidy takes seconds a file: a stamp says that a file is clean, until its object is made anew
LINT_STAMPS = $(patsubst %.c,$(BUILD)/lint/%.stamp,$(COMPILER_SOURCES) $(RUNTIME_SOURCES))
$(BUILD)/lint/%.stamp: %.c $(BUILD)/%.o .clang-tidy
	@mkdir -p $(@D)
	$(call say,tidy,$<)
	$(Q)$(CLANG_TIDY) --quiet --warnings-as-errors='*' $< -- \
	  $(filter-out -fcf-protection -Werror,$(ALL_CFLAGS)) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

# name, description, version, flags: the same file in the tree and installed
write_pc = printf '%s\n' 'Name: mcpp' 'Description: runtime of servers compiled by mcpc' \
  'Version: $(VERSION)' 'Requires: $(RUNTIME_PACKAGES)' 'Cflags: -I$(1)' 'Libs: $(SANITIZERS) -L$(2) -lmcpp'

$(BUILD)/mcpp-uninstalled.pc: Makefile
	@mkdir -p $(@D)
	@$(call write_pc,$(CURDIR)/runtime/include,$(abspath $(BUILD))) > $@

$(BUILD)/bench/identity: bench/identity.c $(BUILD)/libmcpc.a $(BUILD)/libmcpp.a $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -MMD -MP -o $@ $< $(BUILD)/libmcpc.a $(BUILD)/libmcpp.a $(COMPILER_LIBS) $(RUNTIME_LIBS)

$(BUILD)/bench/yaml_events: bench/yaml_events.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINK_FLAGS) -MMD -MP -o $@ $< $(COMPILER_LIBS)

$(BUILD)/npm-bench/stamp: bench/package.json bench/package-lock.json | $(BUILD)/deps-check
	@mkdir -p $(@D)
	@cp bench/package.json bench/package-lock.json $(BUILD)/npm-bench/
	$(call say,npm,$@)
	$(Q)npm ci --prefix $(BUILD)/npm-bench --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# npm packages of the tests, from the lock file; a Node that is new enough comes from there too
$(BUILD)/npm/stamp: tests/interop/package.json tests/interop/package-lock.json | $(BUILD)/deps-check
	@mkdir -p $(@D)
	@cp tests/interop/package.json tests/interop/package-lock.json $(BUILD)/npm/
	$(call say,npm,$@)
	$(Q)npm ci --prefix $(BUILD)/npm --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# the official Python SDK, each package pinned to its hash; where it cannot be had, its tests are skipped
$(BUILD)/python/stamp: tests/interop/requirements.txt | $(BUILD)/deps-check
	@rm -rf $(@D) && mkdir -p $(@D)
	$(call say,pip,$@)
	@if $(PYTHON) -m venv $(@D) >$(@D)/log 2>&1 && $(@D)/bin/pip install -q --disable-pip-version-check --no-deps \
	  --require-hashes --only-binary :all: -r $< >>$(@D)/log 2>&1; then touch $(@D)/installed; \
	  else echo "the Python SDK cannot be installed, its tests are skipped: see $(@D)/log"; fi
	@touch $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
