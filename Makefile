# threadviz. `make help` lists the targets.
#
# One Makefile for everything: sources are found by pattern, every variant
# builds into a directory of its own (BUILD), dependencies are written by the
# compiler. CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR mean what they always mean.

BUILD   ?= build/release
PREFIX  ?= /usr/local
T       ?= 60

# The release binary lies at the root, a variant's in its own directory.
PROGRAM := $(if $(filter build/release,$(BUILD)),threadviz,$(BUILD)/threadviz)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
	    -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	    -Wformat=2 -Wundef -Wvla
NCURSES_CFLAGS := $(shell pkg-config --cflags ncursesw 2>/dev/null)
NCURSES_LIBS   := $(shell pkg-config --libs ncursesw 2>/dev/null || \
			  echo -lncursesw -ltinfo)

CFLAGS   ?= -O2 -g
override CPPFLAGS += -D_GNU_SOURCE -Iinclude
override CFLAGS   += -std=c11 -pthread $(WARNINGS) $(SANITIZE) \
		     $(if $(filter true,$(CI)),-Werror)
override LDFLAGS  += -pthread $(SANITIZE)
LIBS     := $(NCURSES_LIBS) -lm

SOURCES   := $(wildcard src/*.c src/*/*.c)
SCENARIOS := $(sort $(wildcard scenarios/*.tv))
UNITS     := $(wildcard tests/unit/test_*.c)
FUZZERS   := $(wildcard tests/fuzz/*.c)

OBJECTS   := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/scenarios.o
PARTS     := $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
UNIT_BINS := $(UNITS:%.c=$(BUILD)/%)
FUZZ_BINS := $(FUZZERS:%.c=$(BUILD)/%)

all: $(PROGRAM) ## build ./threadviz (the default)

$(PROGRAM): $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter src/tui/%,$<),$(NCURSES_CFLAGS)) \
		-MMD -MP -c -o $@ $<

# ---- scenarios inside the binary -------------------------------------------

# The list is a file of its own so that a deleted scenario is noticed too.
$(BUILD)/scenarios.list: FORCE
	@mkdir -p $(@D)
	@echo '$(SCENARIOS)' | cmp -s - $@ || echo '$(SCENARIOS)' >$@

$(BUILD)/embed: tools/embed.c
	@mkdir -p $(@D)
	$(CC) -O1 -o $@ $<

$(BUILD)/scenarios.c: $(BUILD)/embed $(SCENARIOS) $(BUILD)/scenarios.list
	$(BUILD)/embed $(SCENARIOS) >$@.new && mv $@.new $@

$(BUILD)/scenarios.o: $(BUILD)/scenarios.c
	$(CC) $(CPPFLAGS) $(filter-out -Woverlength-strings,$(CFLAGS)) \
		-Wno-overlength-strings -MMD -MP -c -o $@ $<

# ---- tests --------------------------------------------------------------------

$(BUILD)/tests/unit/%: tests/unit/%.c $(PARTS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(PARTS) \
		-lcmocka $(LIBS)

units: $(UNIT_BINS)

-include $(OBJECTS:.o=.d) $(UNIT_BINS:=.d)

FORCE:
.PHONY: all units FORCE
.DELETE_ON_ERROR:
