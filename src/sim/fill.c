/*
 * fill.c - a world made from values measured elsewhere.
 *
 * A free run leaves memory behind, not a history. What its checks ask for is
 * put into a world of the model, so that the same expressions judge both.
 */
#include "state.h"

void world_assign(struct world *w, const struct program *p, object_id id,
		  int32_t index, int32_t value)
{
	uint8_t *e = element(w, p, id, index);

	switch ((enum object_kind)object_of(p, id)->kind) {
	case OBJECT_VAR:
	case OBJECT_SEM:
	case OBJECT_COUNTDOWN:
		store32(e, value);
		break;
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		store16(e, (uint16_t)value);
		break;
	default:
		*e = (uint8_t)value;
	}
}
