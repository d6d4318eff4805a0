/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.c: reading linux.seccomp and writing it back in canonical form.
 *
 * The canonical text serves three ends: the build embeds it in the program, `cloison spec` prints
 * it, and a container's policy is compared with it to find out whether the filter compiled at
 * build time will do.
 * Source: OCI config-linux.md, "Seccomp"; seccomp(2).
 */
#include "runtime/seccomp/policy.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/un.h>

#define MAX_ERRNO 4095

static const struct {
	const char *name;
	uint32_t ret;
	bool takes_errno;
} actions[] = {
	{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, false},
	{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, true},
	{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, false},
	{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, false},
	{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, false},
	{"SCMP_ACT_LOG", SECCOMP_RET_LOG, false},
	{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, false},
	{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE, true},
	{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP, false},
};

static const char *const op_names[] = {
	[OP_NE] = "SCMP_CMP_NE",
	[OP_LT] = "SCMP_CMP_LT",
	[OP_LE] = "SCMP_CMP_LE",
	[OP_EQ] = "SCMP_CMP_EQ",
	[OP_GE] = "SCMP_CMP_GE",
	[OP_GT] = "SCMP_CMP_GT",
	[OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

/* An action as the file has it: a name, and for some an errno beside it. */
struct action {
	const char *name;
	uint32_t errno_ret;
	bool has_errno;
};

/* to_ret - the kernel's value for an action; @key and @errno_key name its places in the file. */
static int to_ret(const struct json_at *at, const char *key, const char *errno_key,
		  const struct action *action, uint32_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].name, action->name) != 0)
			continue;
		if (!actions[i].takes_errno && action->has_errno)
			return json_fail_key(at, errno_key, "%s takes no errno", action->name);
		*ret = actions[i].ret;
		if (actions[i].takes_errno)
			*ret |= action->has_errno ? action->errno_ret : EPERM;
		return 0;
	}
	return json_fail_key(at, key, "no such action: `%s`", action->name);
}

struct arg {
	const char *op;
	struct seccomp_arg arg;
};

static int decode_arg(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"index", JSON_NUMBER, .required = true, JSON_INTO(struct arg, arg.index),
		 .max = 5},
		{"value", JSON_NUMBER, .required = true, JSON_INTO(struct arg, arg.value),
		 .max = UINT64_MAX},
		{"valueTwo", JSON_NUMBER, JSON_INTO(struct arg, arg.value_two), .max = UINT64_MAX},
		{"op", JSON_STRING, .required = true, JSON_INTO(struct arg, op)},
	};
	struct arg arg = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &arg) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(op_names); i++) {
		if (strcmp(op_names[i], arg.op) != 0)
			continue;
		arg.arg.op = (enum seccomp_op)i;
		*(struct seccomp_arg *)into = arg.arg;
		return 0;
	}
	return json_fail_key(at, "op", "no such comparison: `%s`", arg.op);
}

/* borrow_name - a name that stays in the JSON tree; there are hundreds of them. */
static int borrow_name(const struct json_at *at, void *into)
{
	const char *name = json_string(at);

	memcpy(into, &name, sizeof(name));
	return name ? 0 : -1;
}

struct rule {
	struct action action;
	struct seccomp_rule rule;
};

static int decode_rule(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"names", JSON_ARRAY, .required = true,
		 JSON_LIST(struct rule, rule.names, rule.n_names), .decode = borrow_name},
		{"action", JSON_STRING, .required = true, JSON_INTO(struct rule, action.name)},
		{"errnoRet", JSON_NUMBER,
		 JSON_FLAGGED(struct rule, action.errno_ret, action.has_errno), .max = MAX_ERRNO},
		{"args", JSON_ARRAY, JSON_LIST(struct rule, rule.args, rule.n_args),
		 .decode = decode_arg},
	};
	struct rule rule = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &rule) < 0 ||
	    to_ret(at, "action", "errnoRet", &rule.action, &rule.rule.action) < 0)
		return -1;
	if (rule.rule.n_names == 0)
		return json_fail_key(at, "names", "must not be empty");
	*(struct seccomp_rule *)into = rule.rule;
	return 0;
}

struct policy {
	struct action action;
	struct seccomp_policy policy;
};

/* check_listener - the path goes into a socket's address, which has room for so much. */
static int check_listener(const struct json_at *at, void *member)
{
	const char **path_at = member, *path = *path_at;

	if (!*path)
		*path_at = NULL; /* as engines write what is not there */
	else if (*path != '/')
		return json_fail(at, "must be an absolute path, is `%s`", path);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return json_fail(at, "is longer than a socket's path can be: `%s`", path);
	return 0;
}

int seccomp_policy_decode(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"defaultAction", JSON_STRING, .required = true,
		 JSON_INTO(struct policy, action.name)},
		{"defaultErrnoRet", JSON_NUMBER,
		 JSON_FLAGGED(struct policy, action.errno_ret, action.has_errno), .max = MAX_ERRNO},
		{"architectures", JSON_ARRAY,
		 JSON_LIST(struct policy, policy.architectures, policy.n_architectures),
		 .decode = borrow_name},
		{"flags", JSON_ARRAY, JSON_LIST(struct policy, policy.flags, policy.n_flags),
		 .decode = borrow_name},
		{"listenerPath", JSON_STRING, JSON_INTO(struct policy, policy.listener_path),
		 .decode = check_listener},
		{"listenerMetadata", JSON_STRING,
		 JSON_INTO(struct policy, policy.listener_metadata)},
		{"syscalls", JSON_ARRAY, JSON_LIST(struct policy, policy.rules, policy.n_rules),
		 .decode = decode_rule},
	};
	struct policy policy = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &policy) < 0 ||
	    to_ret(at, "defaultAction", "defaultErrnoRet", &policy.action,
		   &policy.policy.default_action) < 0)
		return -1;
	if (policy.policy.listener_metadata && *policy.policy.listener_metadata &&
	    !policy.policy.listener_path)
		return json_fail_key(at, "listenerMetadata", "needs listenerPath");
	if (seccomp_policy_notifies(&policy.policy) && !policy.policy.listener_path)
		return json_fail_key(at, "listenerPath", "is missing: SCMP_ACT_NOTIFY needs it");
	*(struct seccomp_policy *)into = policy.policy;
	return 0;
}

const char *seccomp_action_at(size_t index)
{
	return index < ARRAY_SIZE(actions) ? actions[index].name : NULL;
}

const char *seccomp_op_at(size_t index)
{
	return index < ARRAY_SIZE(op_names) ? op_names[index] : NULL;
}

const char *seccomp_action_name(uint32_t ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].ret == (ret & SECCOMP_RET_ACTION_FULL))
			return actions[i].name;
	return NULL;
}

bool seccomp_policy_notifies(const struct seccomp_policy *policy)
{
	if (policy->default_action == SECCOMP_RET_USER_NOTIF)
		return true;
	for (size_t i = 0; i < policy->n_rules; i++)
		if (policy->rules[i].action == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

bool seccomp_rule_repeats_arg(const struct seccomp_rule *rule)
{
	for (size_t i = 0; i < rule->n_args; i++)
		for (size_t j = 0; j < i; j++)
			if (rule->args[i].index == rule->args[j].index)
				return true;
	return false;
}

struct text {
	char *buf;
	size_t size, used;
};

static void put_bytes(struct text *t, const char *s, size_t n)
{
	if (t->used < t->size)
		memcpy(t->buf + t->used, s, n < t->size - t->used ? n : t->size - t->used);
	t->used += n;
}

static void put(struct text *t, const char *s)
{
	put_bytes(t, s, strlen(s));
}

static void put_number(struct text *t, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	put(t, digits);
}

/* put_string - quoted, so that no name can pass for two. */
static void put_string(struct text *t, const char *s)
{
	put(t, "\"");
	if (!strpbrk(s, "\"\\"))
		put(t, s);
	else
		for (; *s; s++) {
			if (*s == '"' || *s == '\\')
				put(t, "\\");
			put_bytes(t, s, 1);
		}
	put(t, "\"");
}

static void put_names(struct text *t, const char *key, const char *const *names, size_t count)
{
	put_string(t, key);
	put(t, ":[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			put(t, ",");
		put_string(t, names[i]);
	}
	put(t, "]");
}

static void put_action(struct text *t, const char *key, const char *errno_key, uint32_t ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (actions[i].ret != (ret & SECCOMP_RET_ACTION_FULL))
			continue;
		put(t, "\"");
		put(t, key);
		put(t, "\":\"");
		put(t, actions[i].name);
		put(t, "\"");
		if (actions[i].takes_errno) {
			put(t, ",\"");
			put(t, errno_key);
			put(t, "\":");
			put_number(t, ret & SECCOMP_RET_DATA);
		}
		return;
	}
}

static void put_args(struct text *t, const struct seccomp_rule *rule)
{
	put(t, ",\"args\":[");
	for (size_t i = 0; i < rule->n_args; i++) {
		const struct seccomp_arg *arg = &rule->args[i];

		put(t, i ? ",{\"index\":" : "{\"index\":");
		put_number(t, arg->index);
		put(t, ",\"value\":");
		put_number(t, arg->value);
		if (arg->op == OP_MASKED_EQ || arg->value_two) {
			put(t, ",\"valueTwo\":");
			put_number(t, arg->value_two);
		}
		put(t, ",\"op\":\"");
		put(t, op_names[arg->op]);
		put(t, "\"}");
	}
	put(t, "]");
}

size_t seccomp_policy_text(const struct seccomp_policy *policy, char *buf, size_t size)
{
	struct text t = {.buf = buf, .size = size};

	put(&t, "{");
	put_action(&t, "defaultAction", "defaultErrnoRet", policy->default_action);
	if (policy->n_architectures > 0) {
		put(&t, ",");
		put_names(&t, "architectures", policy->architectures, policy->n_architectures);
	}
	if (policy->n_flags > 0) {
		put(&t, ",");
		put_names(&t, "flags", policy->flags, policy->n_flags);
	}
	put(&t, ",\"syscalls\":[");
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];

		put(&t, i ? ",\n\t\t\t\t{" : "\n\t\t\t\t{");
		put_names(&t, "names", rule->names, rule->n_names);
		put(&t, ",");
		put_action(&t, "action", "errnoRet", rule->action);
		if (rule->n_args > 0)
			put_args(&t, rule);
		put(&t, "}");
	}
	put(&t, "\n\t\t\t]}");
	return t.used;
}
