/*
 * config.h - the user's configuration file.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "threadviz/app.h"

struct config {
	char theme[16]; /* "" where a line is missing */
	char ascii[8], mouse[8];
	double speed; /* 0: not given */
	struct key_binding keys[KEYMAP_MAX];
	size_t key_count;
	unsigned warnings;
	char warning[NOTICE_LENGTH]; /* what was wrong, "" nothing */
};

/*
 * Reads $XDG_CONFIG_HOME/threadviz/config, else ~/.config/threadviz/config. A
 * missing file is no mistake; one that cannot be read, and a wrong line, is a
 * warning on standard error and otherwise passed over.
 */
void config_read(struct config *);

#endif
