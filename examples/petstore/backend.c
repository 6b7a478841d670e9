/*
 * The backend of the petstore example: the API of openapi.yaml with everything in memory, on
 * loopback. Wants BACKEND_API_TOKEN as a Bearer token, and PETSTORE_API_KEY as X-API-Key for the
 * inventory, where the environment names them. With --jwks FILE it also serves that file as
 * /.well-known/jwks.json: then it plays the token issuer.
 *
 *   backend [--port N] [--jwks FILE] [--log]
 *
 * Prints one line, "listening on http://127.0.0.1:PORT", and serves until SIGTERM.
 * libevent's evhttp is good enough for an example on loopback, and for nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <cjson/cJSON.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1000, TEXT_MAX = 64, BODY_MAX = 65536, JWKS_MAX = 65536 };

struct pet {
    int64_t id;
    char name[TEXT_MAX], kind[TEXT_MAX], status[TEXT_MAX];
};

struct order {
    int64_t id, pet;
    int quantity;
};

struct user {
    char username[TEXT_MAX];
};

/* All there is. */
struct shop {
    struct pet pets[ROWS_MAX];
    struct order orders[ROWS_MAX];
    struct user users[ROWS_MAX];
    size_t pet_count, order_count, user_count;
    int64_t next_pet, next_order;
    const char *token, *key; /* NULL: nothing is asked for */
    bool logs;
    char jwks[JWKS_MAX];
    size_t jwks_size;
};

struct visit {
    struct shop *shop;
    struct evhttp_request *request;
    char wanted[TEXT_MAX]; /* the id or name in the path */
    struct evbuffer *out;
};

/* ---- answers ---- */

static void send_typed(struct visit *visit, int status, const char *type)
{
    evhttp_add_header(evhttp_request_get_output_headers(visit->request), "Content-Type", type);
    evhttp_send_reply(visit->request, status, NULL, visit->out);
}

static void send_json(struct visit *visit, int status)
{
    send_typed(visit, status, "application/json");
}

static void send_problem(struct visit *visit, int status, const char *message)
{
    evbuffer_drain(visit->out, evbuffer_get_length(visit->out));
    evbuffer_add_printf(visit->out, "{\"message\":\"%s\"}", message);
    send_json(visit, status);
}

static void send_nothing(struct visit *visit)
{
    evhttp_send_reply(visit->request, 204, NULL, NULL);
}

static void add_string(struct evbuffer *out, const char *text)
{
    evbuffer_add(out, "\"", 1);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            evbuffer_add_printf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            evbuffer_add_printf(out, "\\u%04x", (unsigned)*text);
        else
            evbuffer_add(out, text, 1);
    }
    evbuffer_add(out, "\"", 1);
}

static void add_pet(struct evbuffer *out, const struct pet *pet)
{
    evbuffer_add_printf(out, "{\"id\":%" PRId64 ",\"name\":", pet->id);
    add_string(out, pet->name);
    evbuffer_add_printf(out, ",\"kind\":");
    add_string(out, pet->kind);
    evbuffer_add_printf(out, ",\"status\":");
    add_string(out, pet->status);
    evbuffer_add(out, "}", 1);
}

static void add_order(struct evbuffer *out, const struct order *order)
{
    evbuffer_add_printf(out, "{\"id\":%" PRId64 ",\"petId\":%" PRId64 ",\"quantity\":%d}",
                        order->id, order->pet, order->quantity);
}

/* ---- questions ---- */

/* The request's JSON object, or NULL. To be deleted by the caller. */
static cJSON *read_object(struct visit *visit)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(visit->request);
    size_t size = evbuffer_get_length(in);
    const char *text = size ? (const char *)evbuffer_pullup(in, -1) : NULL;
    cJSON *object = text ? cJSON_ParseWithLength(text, size) : NULL;
    if (cJSON_IsObject(object))
        return object;
    cJSON_Delete(object);
    return NULL;
}

/* Copies a text member; false when it is too long or no text. A missing one leaves `out`. */
static bool copy_text(const cJSON *object, const char *name, char out[TEXT_MAX])
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!member)
        return true;
    const char *text = cJSON_GetStringValue(member);
    if (!text || strlen(text) >= TEXT_MAX)
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

/* cJSON has numbers as doubles only; ids need all 64 bits, so they are read from the text. */
static bool read_id(struct visit *visit, const char *name, int64_t *out)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(visit->request);
    size_t size = evbuffer_get_length(in);
    char text[BODY_MAX];
    char quoted[TEXT_MAX];
    if (size >= sizeof text)
        return false;
    evbuffer_copyout(in, text, size);
    text[size] = '\0';
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    const char *found = strstr(text, quoted);
    found = found ? strchr(found + strlen(quoted), ':') : NULL;
    return found && sscanf(found + 1, "%" SCNd64, out) == 1;
}

static struct pet *find_pet(struct shop *shop, int64_t id)
{
    for (size_t i = 0; i < shop->pet_count; i++)
        if (shop->pets[i].id == id)
            return &shop->pets[i];
    return NULL;
}

static struct pet *wanted_pet(struct visit *visit)
{
    struct pet *pet = find_pet(visit->shop, strtoll(visit->wanted, NULL, 10));
    if (!pet)
        send_problem(visit, 404, "There is no such pet.");
    return pet;
}

static struct order *wanted_order(struct visit *visit)
{
    struct shop *shop = visit->shop;
    int64_t id = strtoll(visit->wanted, NULL, 10);
    for (size_t i = 0; i < shop->order_count; i++)
        if (shop->orders[i].id == id)
            return &shop->orders[i];
    send_problem(visit, 404, "There is no such order.");
    return NULL;
}

/* ---- the shop ---- */

static void get_health(struct visit *visit)
{
    evbuffer_add_printf(visit->out, "{\"status\":\"open\"}");
    send_json(visit, 200);
}

static int count_status(const struct shop *shop, const char *status)
{
    int count = 0;
    for (size_t i = 0; i < shop->pet_count; i++)
        count += strcmp(shop->pets[i].status, status) == 0;
    return count;
}

static void get_inventory(struct visit *visit)
{
    evbuffer_add_printf(visit->out, "{\"available\":%d,\"reserved\":%d,\"sold\":%d}",
                        count_status(visit->shop, "available"),
                        count_status(visit->shop, "reserved"), count_status(visit->shop, "sold"));
    send_json(visit, 200);
}

static void get_jwks(struct visit *visit)
{
    if (!visit->shop->jwks_size) {
        send_problem(visit, 404, "There is no key set.");
        return;
    }
    evbuffer_add(visit->out, visit->shop->jwks, visit->shop->jwks_size);
    send_json(visit, 200);
}

/* ---- pets ---- */

/* Whether the status is in a list like "available,sold"; an empty list has everything. */
static bool is_listed(const char *status, const char *list)
{
    size_t len = strlen(status);
    for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, status, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    return !list || !*list;
}

static void list_pets(struct visit *visit)
{
    struct evkeyvalq query = {0};
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(visit->request);
    evhttp_parse_query_str(evhttp_uri_get_query(uri) ? evhttp_uri_get_query(uri) : "", &query);
    const char *limit = evhttp_find_header(&query, "limit");
    const char *status = evhttp_find_header(&query, "status");
    long left = limit ? strtol(limit, NULL, 10) : 20;
    const char *between = "";
    evbuffer_add_printf(visit->out, "{\"pets\":[");
    for (size_t i = 0; i < visit->shop->pet_count && left > 0; i++) {
        if (!is_listed(visit->shop->pets[i].status, status))
            continue;
        evbuffer_add_printf(visit->out, "%s", between);
        add_pet(visit->out, &visit->shop->pets[i]);
        between = ",";
        left--;
    }
    evbuffer_add_printf(visit->out, "]}");
    evhttp_clear_headers(&query);
    send_json(visit, 200);
}

static bool read_pet(struct visit *visit, struct pet *out)
{
    cJSON *object = read_object(visit);
    bool is_good = object && copy_text(object, "name", out->name) &&
                   copy_text(object, "kind", out->kind) &&
                   copy_text(object, "status", out->status) && out->name[0];
    cJSON_Delete(object);
    if (!is_good)
        send_problem(visit, 400, "A pet has a name of at most 60 characters.");
    return is_good;
}

static void send_pet(struct visit *visit, int status, const struct pet *pet)
{
    add_pet(visit->out, pet);
    send_json(visit, status);
}

static void post_pet(struct visit *visit)
{
    struct shop *shop = visit->shop;
    struct pet pet = {.kind = "animal", .status = "available"};
    if (!read_pet(visit, &pet))
        return;
    if (shop->pet_count == ROWS_MAX) {
        send_problem(visit, 507, "The shop is full.");
        return;
    }
    pet.id = shop->next_pet++;
    shop->pets[shop->pet_count++] = pet;
    send_pet(visit, 201, &pet);
}

static void get_pet(struct visit *visit)
{
    const struct pet *pet = wanted_pet(visit);
    if (pet)
        send_pet(visit, 200, pet);
}

static void put_pet(struct visit *visit)
{
    struct pet *pet = wanted_pet(visit);
    if (!pet)
        return;
    struct pet changed = *pet;
    if (!read_pet(visit, &changed))
        return;
    *pet = changed;
    send_pet(visit, 200, pet);
}

static void delete_pet(struct visit *visit)
{
    struct shop *shop = visit->shop;
    struct pet *pet = wanted_pet(visit);
    if (!pet)
        return;
    size_t after = (size_t)(shop->pets + shop->pet_count - pet) - 1;
    memmove(pet, pet + 1, after * sizeof *pet);
    shop->pet_count--;
    send_nothing(visit);
}

static void get_photo(struct visit *visit)
{
    static const char png[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\0\0\0\0:~\x9bU\0\0\0\nIDAT"
        "x\xda\x63h\0\0\0\x82\0\x81\xda\x45\b;\0\0\0\0IEND\xae\x42`\x82";
    if (!wanted_pet(visit))
        return;
    evbuffer_add(visit->out, png, sizeof png - 1);
    send_typed(visit, 200, "image/png");
}

/* ---- orders ---- */

static void list_orders(struct visit *visit)
{
    evbuffer_add_printf(visit->out, "{\"orders\":[");
    for (size_t i = 0; i < visit->shop->order_count; i++) {
        evbuffer_add_printf(visit->out, "%s", i ? "," : "");
        add_order(visit->out, &visit->shop->orders[i]);
    }
    evbuffer_add_printf(visit->out, "]}");
    send_json(visit, 200);
}

static void post_order(struct visit *visit)
{
    struct shop *shop = visit->shop;
    int64_t id = 0, quantity = 1;
    struct pet *pet = read_id(visit, "petId", &id) ? find_pet(shop, id) : NULL;
    read_id(visit, "quantity", &quantity);
    if (!pet) {
        send_problem(visit, 404, "There is no such pet.");
    } else if (quantity < 1 || quantity > 1000 || shop->order_count == ROWS_MAX) {
        send_problem(visit, 400, "The order cannot be taken.");
    } else {
        struct order order = {shop->next_order++, id, (int)quantity};
        memcpy(pet->status, "reserved", sizeof "reserved");
        shop->orders[shop->order_count++] = order;
        add_order(visit->out, &order);
        send_json(visit, 201);
    }
}

static void get_order(struct visit *visit)
{
    const struct order *order = wanted_order(visit);
    if (!order)
        return;
    add_order(visit->out, order);
    send_json(visit, 200);
}

static void delete_order(struct visit *visit)
{
    struct shop *shop = visit->shop;
    struct order *order = wanted_order(visit);
    if (!order)
        return;
    struct pet *pet = find_pet(shop, order->pet);
    if (pet)
        memcpy(pet->status, "available", sizeof "available");
    *order = shop->orders[--shop->order_count];
    send_nothing(visit);
}

/* ---- users ---- */

static void list_users(struct visit *visit)
{
    evbuffer_add_printf(visit->out, "{\"users\":[");
    for (size_t i = 0; i < visit->shop->user_count; i++) {
        evbuffer_add_printf(visit->out, "%s{\"username\":", i ? "," : "");
        add_string(visit->out, visit->shop->users[i].username);
        evbuffer_add(visit->out, "}", 1);
    }
    evbuffer_add_printf(visit->out, "]}");
    send_json(visit, 200);
}

static void delete_user(struct visit *visit)
{
    struct shop *shop = visit->shop;
    for (size_t i = 0; i < shop->user_count; i++) {
        if (strcmp(shop->users[i].username, visit->wanted) != 0)
            continue;
        shop->users[i] = shop->users[--shop->user_count];
        send_nothing(visit);
        return;
    }
    send_problem(visit, 404, "There is nobody of that name.");
}

/* ---- routes ---- */

enum guard { GUARD_NOTHING, GUARD_TOKEN, GUARD_KEY };

static const struct route {
    enum evhttp_cmd_type method;
    enum guard guard;
    const char *path; /* "*" stands for any segment */
    void (*answer)(struct visit *visit);
} routes[] = {
    {EVHTTP_REQ_GET, GUARD_NOTHING, "/health", get_health},
    {EVHTTP_REQ_GET, GUARD_NOTHING, "/.well-known/jwks.json", get_jwks},
    {EVHTTP_REQ_GET, GUARD_KEY, "/inventory", get_inventory},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/pets", list_pets},
    {EVHTTP_REQ_POST, GUARD_TOKEN, "/pets", post_pet},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/pets/*", get_pet},
    {EVHTTP_REQ_PUT, GUARD_TOKEN, "/pets/*", put_pet},
    {EVHTTP_REQ_DELETE, GUARD_TOKEN, "/pets/*", delete_pet},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/pets/*/photo", get_photo},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/orders", list_orders},
    {EVHTTP_REQ_POST, GUARD_TOKEN, "/orders", post_order},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/orders/*", get_order},
    {EVHTTP_REQ_DELETE, GUARD_TOKEN, "/orders/*", delete_order},
    {EVHTTP_REQ_GET, GUARD_TOKEN, "/users", list_users},
    {EVHTTP_REQ_DELETE, GUARD_TOKEN, "/users/*", delete_user},
};

static bool is_secret(const char *given, const char *prefix, const char *secret)
{
    size_t start = strlen(prefix);
    if (!secret)
        return true;
    return given && strncmp(given, prefix, start) == 0 && strlen(given + start) == strlen(secret) &&
           CRYPTO_memcmp(given + start, secret, strlen(secret)) == 0;
}

static bool is_let_in(const struct visit *visit, enum guard guard)
{
    struct evkeyvalq *headers = evhttp_request_get_input_headers(visit->request);
    if (guard == GUARD_KEY)
        return is_secret(evhttp_find_header(headers, "X-API-Key"), "", visit->shop->key);
    return guard == GUARD_NOTHING ||
           is_secret(evhttp_find_header(headers, "Authorization"), "Bearer ", visit->shop->token);
}

/* The segment at "*" is what is wanted. It is not decoded: ids need no decoding. */
static bool route_matches(const struct route *route, struct visit *visit)
{
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(visit->request));
    const char *at = route->path;
    while (path && *path && *at) {
        size_t len = strcspn(path, "/");
        if (*at == '*' && len > 0 && len < sizeof visit->wanted) {
            memcpy(visit->wanted, path, len);
            visit->wanted[len] = '\0';
            path += len;
            at++;
        } else if (*at++ != *path++) {
            return false;
        }
    }
    return path && *path == '\0' && *at == '\0' &&
           route->method == evhttp_request_get_command(visit->request);
}

static void answer(struct visit *visit)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!route_matches(&routes[i], visit))
            continue;
        if (is_let_in(visit, routes[i].guard))
            routes[i].answer(visit);
        else
            send_problem(visit, 401, "Who are you?");
        return;
    }
    send_problem(visit, 404, "There is nothing here.");
}

static void on_request(struct evhttp_request *request, void *context)
{
    struct visit visit = {.shop = context, .request = request, .out = evbuffer_new()};
    if (!visit.out)
        abort();
    if (visit.shop->logs)
        fprintf(stderr, "backend: %d %s\n", evhttp_request_get_command(request),
                evhttp_request_get_uri(request));
    answer(&visit);
    evbuffer_free(visit.out);
}

/* ---- start ---- */

static void stock(struct shop *shop)
{
    static const struct pet pets[] = {
        {1, "Rex", "dog", "available"},
        {2, "Minka", "cat", "available"},
        {3, "Hansi", "canary", "sold"},
        /* 2^53 + 1: no double can hold this number */
        {INT64_C(9007199254740993), "Methuselah", "tortoise", "available"},
    };
    memcpy(shop->pets, pets, sizeof pets);
    shop->pet_count = sizeof pets / sizeof pets[0];
    shop->next_pet = 4;
    shop->users[shop->user_count++] = (struct user){"alice"};
    shop->next_order = 1;
}

static bool read_jwks(struct shop *shop, const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    shop->jwks_size = fread(shop->jwks, 1, sizeof shop->jwks, file);
    fclose(file);
    return shop->jwks_size > 0;
}

static bool read_options(int argc, char **argv, struct shop *shop, uint16_t *port)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--log") == 0)
            shop->logs = true;
        else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc)
            *port = (uint16_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--jwks") == 0 && i + 1 < argc && read_jwks(shop, argv[i + 1]))
            i++;
        else
            return false;
    }
    return true;
}

static void on_signal(evutil_socket_t number, short events, void *loop)
{
    (void)number;
    (void)events;
    event_base_loopbreak(loop);
}

static bool listen_on(struct evhttp *http, uint16_t port)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", port);
    if (!bound ||
        getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &size))
        return false;
    printf("listening on http://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    static struct shop shop;
    uint16_t port = 0;
    if (!read_options(argc, argv, &shop, &port)) {
        fprintf(stderr, "usage: %s [--port N] [--jwks FILE] [--log]\n", argv[0]);
        return 2;
    }
    stock(&shop);
    shop.token = getenv("BACKEND_API_TOKEN");
    shop.key = getenv("PETSTORE_API_KEY");
    struct event_base *loop = event_base_new();
    struct evhttp *http = loop ? evhttp_new(loop) : NULL;
    if (!http)
        return 3;
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                         EVHTTP_REQ_DELETE);
    evhttp_set_max_body_size(http, BODY_MAX - 1);
    evhttp_set_gencb(http, on_request, &shop);
    struct event *stop = evsignal_new(loop, SIGTERM, on_signal, loop);
    if (!stop || event_add(stop, NULL) || !listen_on(http, port)) {
        perror("backend");
        return 3;
    }
    event_base_dispatch(loop);
    event_free(stop);
    evhttp_free(http);
    event_base_free(loop);
    return 0;
}
