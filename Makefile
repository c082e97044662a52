# threadviz. `make help` lists the targets.
#
# One Makefile for everything: sources are found by pattern, dependencies are
# written by the compiler, and every variant of the build has a directory of
# its own, BUILD. What CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR mean elsewhere
# they mean here; CI=true makes a warning an error.

BUILD  ?= build/release
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
T      ?= 60

# The release lies at the root, a variant in its own directory.
PROGRAM := $(if $(BUILD:build/release=),$(BUILD)/)threadviz

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wformat=2 \
	-Wundef -Wvla $(if $(CI:false=),-Werror)
CURSES_CFLAGS := $(shell pkg-config --cflags ncursesw 2>/dev/null)
CURSES_LIBS   := $(shell pkg-config --libs ncursesw 2>/dev/null || \
			 echo -lncursesw -ltinfo)

COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -Iinclude -Isrc $(CPPFLAGS) $(CFLAGS) \
	$(WARNINGS) $(SANITIZE) -pthread -MMD -MP -c
LINK    = $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -pthread
LIBS    = $(CURSES_LIBS) -lm

SOURCES   := $(wildcard src/*.c src/*/*.c)
SCENARIOS := $(sort $(wildcard scenarios/*.tv))
UNITS     := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c \
	tests/conform/*.c))
FUZZERS   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
REPLAYS   := $(FUZZERS:=-replay)
OBJECTS   := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/scenarios.o
PARTS     := $(filter-out $(BUILD)/src/main.o,$(OBJECTS))

# Unless make was told how many jobs to run at a time: one a processor.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

# V=1 shows the commands.
say = $(if $(V),,@echo '  $(1)';)

# ---- building ----------------------------------------------------------------

all: $(PROGRAM) ## build the program (what plain `make` does)

run: ## install what is missing, build, open the first lecture
	@tools/need build
	@$(MAKE) --no-print-directory all
	@./threadviz race || test $$? -eq 1 # 1: something bad was found

$(PROGRAM): $(OBJECTS) $(BUILD)/files
	$(call say,LINK $@)$(LINK) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC   $<)$(COMPILE) -o $@ $<

$(BUILD)/src/tui/term.o: private CPPFLAGS += $(CURSES_CFLAGS)

# Scenarios are part of the program. A string literal of any length is fine.
$(BUILD)/scenarios.c: $(BUILD)/embed $(SCENARIOS) $(BUILD)/files
	$(call say,GEN  $@)$(BUILD)/embed $(SCENARIOS) >$@

$(BUILD)/scenarios.o: $(BUILD)/scenarios.c $(BUILD)/flags
	$(call say,CC   $<)$(COMPILE) -Wno-overlength-strings -o $@ $<

$(BUILD)/embed: tools/embed.c $(BUILD)/flags
	$(call say,CC   $<)$(CC) -o $@ $<

# What it was built with and from; they change only when that does.
$(BUILD)/flags: NOTE = $(COMPILE) $(LINK)
$(BUILD)/files: NOTE = $(SOURCES) $(SCENARIOS)
$(BUILD)/flags $(BUILD)/files: FORCE
	@mkdir -p $(@D)
	@echo '$(NOTE)' | cmp -s $@ - || echo '$(NOTE)' >$@

# ---- testing ------------------------------------------------------------------

check: ## build and run every test; the last line counts them
	@tools/need build check
	@$(MAKE) --no-print-directory all units
	@THREADVIZ=./$(PROGRAM) BUILD=$(BUILD) tests/check $(STAGES)

units: $(UNITS) $(REPLAYS)
	@:

$(UNITS): %: %.o $(PARTS)
	$(call say,LINK $@)$(LINK) -o $@ $^ -lcmocka $(LIBS)

$(REPLAYS): %-replay: %.o $(BUILD)/tools/replay.o $(PARTS)
	$(call say,LINK $@)$(LINK) -o $@ $^ $(LIBS)

asan: ## unit, corpus, scenario, conformance tests, watched for bad memory use
	@$(MAKE) --no-print-directory check BUILD=build/asan CFLAGS='-O1 -g' \
	 SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' \
	 STAGES='unit fuzz scenarios conform random'

tsan: ## unit, scenario, conformance tests, watched for data races
	@$(MAKE) --no-print-directory check BUILD=build/tsan CFLAGS='-O1 -g' \
	 SANITIZE=-fsanitize=thread STAGES='unit scenarios conform'

bench: all ## measure, print, assert nothing
	@THREADVIZ=./$(PROGRAM) tests/bench/run

bless: all ## take what the program prints now as the golden files
	@THREADVIZ=./$(PROGRAM) BLESS=1 tests/golden/run
	@THREADVIZ=./$(PROGRAM) BLESS=1 tests/golden/diagnostics/run
	@THREADVIZ=./$(PROGRAM) BLESS=1 tests/readme/run

manual: ## write the manual's tables anew, from the .def files
	tools/manual

fuzz: ## feed it nonsense for T seconds in all (60)
	@tools/need build fuzz
	@$(MAKE) --no-print-directory fuzzers BUILD=build/fuzz CC=clang \
	 CFLAGS='-O1 -g' SANITIZE=-fsanitize=fuzzer-no-link,address,undefined
	@tests/fuzz/run $(T) build/fuzz

fuzzers: $(FUZZERS) $(PROGRAM)
	@:

$(FUZZERS): %: %.o $(PARTS)
	$(call say,LINK $@)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)

tidy: ## clang-tidy, cppcheck and shellcheck
	@tools/need build tidy
	clang-tidy --quiet $(SOURCES) -- -std=c11 -D_GNU_SOURCE -Iinclude -Isrc
	cppcheck --quiet --std=c11 -Iinclude -Isrc -D_GNU_SOURCE --inline-suppr \
	 --enable=warning,performance,portability --error-exitcode=1 src tools
	shellcheck $$(grep -rlE '^#!.*\b(ba)?sh$$' .ci tools tests)

format: ## lay the source out as .clang-format says
	clang-format -i $(SOURCES) $(wildcard src/*/*.h tests/*/*.c tools/*.c)

# ---- installing ---------------------------------------------------------------

SHARE  = $(DESTDIR)$(PREFIX)/share
BASH   = $(SHARE)/bash-completion/completions/threadviz
ZSH    = $(SHARE)/zsh/site-functions/_threadviz
FISH   = $(SHARE)/fish/vendor_completions.d/threadviz.fish
MANUAL = $(SHARE)/man/man1/threadviz.1

install: all ## program, manual and completions, under DESTDIR and PREFIX
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/threadviz
	install -D -m 644 src/threadviz.1 $(MANUAL)
	mkdir -p $(dir $(BASH) $(ZSH) $(FISH))
	./$(PROGRAM) completion bash >$(BASH)
	./$(PROGRAM) completion zsh >$(ZSH)
	./$(PROGRAM) completion fish >$(FISH)

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/threadviz $(MANUAL) $(BASH) $(ZSH) $(FISH)

clean: ## remove everything that was built
	rm -rf build threadviz

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' \
	 $(firstword $(MAKEFILE_LIST))

-include $(OBJECTS:.o=.d) $(UNITS:=.d) $(FUZZERS:=.d) $(BUILD)/tools/replay.d

FORCE:
.PHONY: all run check units asan tsan bench bless fuzz fuzzers tidy format manual \
	install uninstall clean help FORCE
.DELETE_ON_ERROR:
