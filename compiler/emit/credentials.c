/*
 * Credentials and choices as C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/credentials.h"

#include "compiler/emit/c_text.h"
#include "compiler/emit/part.h"

/* ---- fields ---- */

static void add_secret(const char *name, const struct mcpp_secret *secret, struct str_builder *out)
{
    if (!secret->name || !secret->name[0])
        return;
    str_add_format(out, " .%s = {%s, ", name,
                   secret->kind == MCPP_SECRET_ENV ? "MCPP_SECRET_ENV" : "MCPP_SECRET_FILE");
    c_text_literal(str_of(secret->name), out);
    str_add_text(out, "},");
}

/* ---- authorization servers ---- */

static const char *flow_name(enum mcpp_flow flow)
{
    static const char *const names[] = {
        [MCPP_FLOW_CLIENT_CREDENTIALS] = "MCPP_FLOW_CLIENT_CREDENTIALS",
        [MCPP_FLOW_PASSWORD] = "MCPP_FLOW_PASSWORD",
        [MCPP_FLOW_AUTHORIZATION_CODE] = "MCPP_FLOW_AUTHORIZATION_CODE",
        [MCPP_FLOW_IMPLICIT] = "MCPP_FLOW_IMPLICIT",
        [MCPP_FLOW_DEVICE] = "MCPP_FLOW_DEVICE",
        [MCPP_FLOW_EXCHANGE] = "MCPP_FLOW_EXCHANGE",
        [MCPP_FLOW_JWT_BEARER] = "MCPP_FLOW_JWT_BEARER"};
    return names[flow];
}

static const char *client_name(enum mcpp_client client)
{
    static const char *const names[] = {[MCPP_CLIENT_NONE] = "MCPP_CLIENT_NONE",
                                        [MCPP_CLIENT_BASIC] = "MCPP_CLIENT_BASIC",
                                        [MCPP_CLIENT_POST] = "MCPP_CLIENT_POST",
                                        [MCPP_CLIENT_JWT] = "MCPP_CLIENT_JWT",
                                        [MCPP_CLIENT_CERTIFICATE] = "MCPP_CLIENT_CERTIFICATE"};
    return names[client];
}

/* All texts are there: the runtime reads them without asking. */
static void add_texts(const struct mcpp_oauth2 *oauth2, struct str_builder *out)
{
    part_text("issuer", oauth2->issuer, out);
    part_text("metadata", oauth2->metadata, out);
    part_text("authorization_url", oauth2->authorization_url, out);
    part_text("token_url", oauth2->token_url, out);
    part_text("device_url", oauth2->device_url, out);
    part_text("key_id", oauth2->key_id, out);
    part_text("algorithm", oauth2->algorithm, out);
    part_text("scopes", oauth2->scopes, out);
    part_text("audience", oauth2->audience, out);
    part_text("resource", oauth2->resource, out);
    part_text("subject", oauth2->subject, out);
}

static void add_oauth2_secret(const char *name, const struct mcpp_secret *secret,
                              struct str_builder *out)
{
    if (!secret->name || !secret->name[0])
        return;
    str_add_text(out, "       ");
    add_secret(name, secret, out);
    str_add_byte(out, '\n');
}

static void add_oauth2(const struct mcpp_oauth2 *oauth2, struct str_builder *out)
{
    str_add_format(out, "\n        .oauth2 = &(const struct mcpp_oauth2){\n        .flow = %s,\n",
                   flow_name(oauth2->flow));
    str_add_format(out, "        .client = %s,\n", client_name(oauth2->client));
    add_texts(oauth2, out);
    add_oauth2_secret("client_id", &oauth2->client_id, out);
    add_oauth2_secret("client_secret", &oauth2->client_secret, out);
    add_oauth2_secret("key", &oauth2->key, out);
    add_oauth2_secret("user", &oauth2->user, out);
    add_oauth2_secret("password", &oauth2->password, out);
    add_oauth2_secret("certificate", &oauth2->certificate, out);
    add_oauth2_secret("cert_key", &oauth2->cert_key, out);
    if (oauth2->is_shared)
        str_add_text(out, "        .is_shared = true,\n");
    if (oauth2->redirect_port)
        str_add_format(out, "        .redirect_port = %u,\n", oauth2->redirect_port);
    str_add_text(out, "        },");
}

/* ---- credentials ---- */

static const char *kind_name(enum mcpp_send_kind kind)
{
    static const char *const names[] = {[MCPP_SEND_BEARER] = "MCPP_SEND_BEARER",
                                        [MCPP_SEND_BASIC] = "MCPP_SEND_BASIC",
                                        [MCPP_SEND_DIGEST] = "MCPP_SEND_DIGEST",
                                        [MCPP_SEND_HEADER] = "MCPP_SEND_HEADER",
                                        [MCPP_SEND_QUERY] = "MCPP_SEND_QUERY",
                                        [MCPP_SEND_COOKIE] = "MCPP_SEND_COOKIE",
                                        [MCPP_SEND_CERTIFICATE] = "MCPP_SEND_CERTIFICATE",
                                        [MCPP_SEND_OAUTH2] = "MCPP_SEND_OAUTH2",
                                        [MCPP_SEND_CLAIM] = "MCPP_SEND_CLAIM",
                                        [MCPP_SEND_CALLER] = "MCPP_SEND_CALLER"};
    return names[kind];
}

static void add_credential(const struct mcpp_credential *credential, struct str_builder *out)
{
    str_add_format(out, "%s, ", kind_name(credential->kind));
    c_text_literal(str_of(credential->label), out);
    str_add_text(out, ", ");
    c_text_literal(str_of(credential->name), out);
    str_add_byte(out, ',');
    add_secret("secret", &credential->secret, out);
    add_secret("key", &credential->key, out);
    if (credential->claim == MCPP_NONE)
        str_add_text(out, " .claim = MCPP_NONE,");
    else
        str_add_format(out, " .claim = %u,", credential->claim);
    if (credential->oauth2)
        add_oauth2(credential->oauth2, out);
    str_add_text(out, "\n        .origin = {");
    c_text_literal(str_of(credential->origin.file), out);
    str_add_format(out, ", %u}", credential->origin.line);
}

static void add_credentials(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    str_add_text(out,
                 "/* What goes to the backend; the secrets are read when the server starts. */\n");
    part_enum(tables->credential_identifiers, tables->policy.credential_count, "CREDENTIAL_COUNT",
              out);
    str_add_text(out, "static const struct mcpp_credential credentials[] = {\n");
    for (uint32_t i = 0; i < tables->policy.credential_count; i++) {
        if (tables->policy.credentials[i].label[0])
            part_statement(emission, tables->source->credentials[i].origin, 4, out);
        str_add_format(out, "    [%.*s] = {", STR_ARG(tables->credential_identifiers[i]));
        add_credential(&tables->policy.credentials[i], out);
        str_add_text(out, "},\n");
    }
    str_add_text(out, "};\n\n");
}

/* ---- choices ---- */

static void add_alternative(const struct tables *tables, const struct mcpp_alternative *one,
                            struct str_builder *out)
{
    str_add_text(out, "        {(const uint16_t[]){");
    for (uint32_t i = 0; i < one->count; i++)
        str_add_format(out, "%s%.*s", i ? ", " : "",
                       STR_ARG(tables->credential_identifiers[one->credentials[i]]));
    str_add_format(out, "}, %u},\n", one->count);
}

static void add_choices(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    str_add_text(out,
                 "/* Of each choice the first alternative whose secrets are there is sent. */\n");
    part_enum(tables->choice_identifiers, tables->policy.choice_count, "CHOICE_COUNT", out);
    str_add_text(out, "static const struct mcpp_choice choices[] = {\n");
    for (uint32_t i = 0; i < tables->policy.choice_count; i++) {
        const struct mcpp_choice *choice = &tables->policy.choices[i];
        part_statement(emission, tables->source->sends[i].origin, 4, out);
        str_add_format(out, "    [%.*s] = {(const struct mcpp_alternative[]){\n",
                       STR_ARG(tables->choice_identifiers[i]));
        for (uint32_t at = 0; at < choice->count; at++)
            add_alternative(tables, &choice->alternatives[at], out);
        str_add_format(out, "    }, %u, {", choice->count);
        c_text_literal(str_of(choice->origin.file), out);
        str_add_format(out, ", %u}},\n", choice->origin.line);
    }
    str_add_text(out, "};\n\n");
}

void emit_credentials(const struct emission *emission, struct str_builder *out)
{
    if (emission->tables->policy.credential_count)
        add_credentials(emission, out);
    if (emission->tables->policy.choice_count)
        add_choices(emission, out);
}
