/*
 * Inside validation: a walk over a value and its schema at the same time. Not for others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_WALK_H
#define VALIDATE_WALK_H

#include "runtime/validate/validate.h"

/* Where the walk is in the value; on the stack, from the inside out. */
struct place {
    const struct place *outside; /* NULL at the root */
    struct instance at;
    struct instance name; /* of a member; node 0: an item, or the root */
    uint32_t index;       /* of an item */
    uint32_t depth;       /* of the root: 0 */
    bool is_name;         /* `at` is the name of a member (propertyNames) */
};

/* How near to its schema a value was that does not fit. */
enum nearness { NEAR_TYPE, NEAR_VALUE, NEAR_REST };

struct walk {
    const struct schema *schema;
    struct allowance allowance;
    struct text *problems;
    uint32_t problem_count;
    uint32_t quiet; /* above 0: only whether it fits matters */
    uint32_t depth;
    bool is_too_deep;
    bool is_uncertain;      /* a value fitted a schema with a rule that is not enforced */
    enum nearness nearness; /* since the alternative was entered at `base` */
    uint32_t base;
};

/* Whether the value at this place fits the node; tells the problems unless the walk is quiet. */
bool walk_node(struct walk *walk, uint32_t node, const struct place *place);

/* How a value fits when nobody is told. What only may fit is never held against the caller. */
enum fit { FIT_NO, FIT_MAYBE, FIT_YES };
enum fit walk_quietly(struct walk *walk, uint32_t node, const struct place *place);

/* Nothing more can be found out, or need be. */
bool walk_is_over(const struct walk *walk);

struct place place_member(const struct place *object, const struct instance_walk *member);
struct place place_item(const struct place *array, const struct instance *item, uint32_t index);

/* ---- the rules ---- */

bool check_scalar(struct walk *walk, const struct schema_rule *rule, const struct place *place);
bool check_object(struct walk *walk, const struct schema_node *node, const struct schema_rule *rule,
                  const struct place *place);
bool check_array(struct walk *walk, const struct schema_rule *rule, const struct place *place);
bool check_applied(struct walk *walk, const struct schema_rule *rule, const struct place *place);
bool check_rest(struct walk *walk, const struct schema_node *node, const struct schema_rule *rule,
                const struct place *place);

/* The rule of that kind; NULL when the node has none. */
const struct schema_rule *walk_find_rule(const struct schema *schema,
                                         const struct schema_node *node, enum rule_kind kind);

/* ---- telling ---- */

/* A problem at this place: the start of its line. NULL when nobody is told. Always false follows.
 */
struct text *problem_at(struct walk *walk, const struct place *place, enum nearness nearness);

/* The same with nothing but a text, its full stop and what came. */
bool problem_expected(struct walk *walk, const struct place *place, enum nearness nearness,
                      const char *expected);

void problem_end(struct text *line); /* NULL is fine */

/* ", got the string \"abc\"" and the end of the line. */
void problem_got(struct text *line, const struct place *place);

void problem_add_types(struct text *line, uint32_t types); /* "an integer or null" */
void problem_add_name(struct text *line, struct slice name);
void problem_add_json(struct text *line, struct slice json); /* shortened */

/* The name among the members that somebody may have meant; NULL when none is near. */
const struct schema_member *problem_nearest(const struct schema_member *members, uint32_t count,
                                            struct slice name);

#endif
