#!/bin/sh
# make demo: the petstore compiled, started and called, with and without tokens.
#   run.sh BUILD [KEEP]    KEEP=1 leaves the servers up
# Exits with 1 when anything is not as it should be.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
keep=${2:-}
mcpc=$build/mcpc
# a folder of its own, so that a demo that was kept does not lose its files
demo=$(mktemp -d "$build/demo.XXXXXX")
pids=

stop() {
    status=$?
    for pid in $pids; do kill "$pid" 2>/dev/null || :; done
    for pid in $pids; do wait "$pid" 2>/dev/null || :; done
    [ "$status" = 0 ] || for log in "$demo"/*.log; do
        if [ -s "$log" ]; then echo "---- $log" && tail -n 20 "$log"; fi
    done >&2
    rm -rf "$demo"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

title() { printf '\n== %s\n' "$*"; }
fail() {
    echo "the demo failed: $*" >&2
    exit 1
}

# start NAME COMMAND…: in the background, its output in NAME.log; sets $url from its "listening on" line
start() {
    name=$1
    shift
    "$@" >"$demo/$name.log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    url=
    tries=0
    while [ -z "$url" ]; do
        url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$demo/$name.log" | head -n 1)
        [ -n "$url" ] || kill -0 "$pid" 2>/dev/null || fail "$name did not start"
        tries=$((tries + 1))
        [ $tries -lt 300 ] || fail "$name is not listening after 30 s"
        [ -n "$url" ] || sleep 0.1
    done
}

# token SUBJECT SCOPES
token() {
    "$mcpc" token --key "$demo/issuer.key" --iss "$issuer" --aud backend-api --sub "$1" \
        --scope "$2" --ttl 1h
}

meta='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
meta=$meta'"io.modelcontextprotocol/clientInfo":{"name":"demo","version":"1"},'
meta=$meta'"io.modelcontextprotocol/clientCapabilities":{}}'

# mcp TOKEN METHOD NAME PARAMS: one request; sets $code, $head and $body
mcp() {
    set -- "$1" "$2" "$3" "$4${4:+,}$meta"
    printf '   %s %s\n' "$2" "$3"
    code=$(curl -sS -m 20 -o "$demo/body" -D "$demo/head" -w '%{http_code}' "$server" \
        -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
        -H 'MCP-Protocol-Version: 2026-07-28' -H "Mcp-Method: $2" \
        ${3:+-H "Mcp-Name: $3"} ${1:+-H "Authorization: Bearer $1"} \
        -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$2\",\"params\":{$4}}") || fail "no answer"
    body=$(cat "$demo/body")
    head=$(tr -d '\r' <"$demo/head")
    printf '   -> HTTP %s\n' "$code"
}

# call TOKEN TOOL ARGUMENTS
call() { mcp "$1" tools/call "$2" "\"name\":\"$2\",\"arguments\":$3"; }

show() { printf '   %s\n' "$1" | cut -c 1-400; }
expect_code() { [ "$code" = "$1" ] || fail "HTTP $code instead of $1: $body"; }
expect() { case $2 in *"$1"*) ;; *) fail "no '$1' in: $2" ;; esac; }

title "Keys of a token issuer, for this demo only"
"$mcpc" keygen --type rsa "$demo/issuer" >"$demo/keygen.log"
for file in "$demo"/issuer*; do echo "   ${file##*/}"; done

title "A backend and an issuer"
secret=demo-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
start backend env BACKEND_API_TOKEN="$secret" PETSTORE_API_KEY="$secret" \
    "$build/examples/petstore/backend" --log
backend=$url
echo "   backend $backend"
start issuer env -u BACKEND_API_TOKEN "$build/examples/petstore/backend" \
    --jwks "$demo/issuer.jwks.json"
issuer=$url
echo "   issuer  $issuer/.well-known/jwks.json"

title "openapi.yaml -> petstore.mcpp, the policy that people read and edit"
cp "$here/openapi.yaml" "$demo/"
(cd "$demo" && "$mcpc" openapi.yaml -o petstore.mcpp)
sed -n '/^scope\|^tool\|^credential\|^send/p' "$demo/petstore.mcpp" | sed 's/^/   /'
key=$(sed -n 's/^credential .* header "X-API-Key" env \([A-Za-z0-9_]*\).*/\1/p' "$demo/petstore.mcpp")
[ -n "$key" ] || fail "the policy sends no X-API-Key"

title "petstore.mcpp -> policy.c -> a native server"
(cd "$demo" && "$mcpc" petstore.mcpp -o policy.c && "$mcpc" petstore.mcpp -o petstore)
(cd "$demo" && wc -c policy.c petstore | sed '$d; s/^/   /')

title "Start it: streamable HTTP, tokens are validated"
start server env BACKEND_API_TOKEN="$secret" "$key=$secret" "$demo/petstore" --transport http \
    --port 0 --validate-tokens --issuer "$issuer" --jwks "$issuer/.well-known/jwks.json" \
    --audience backend-api --backend-url "$backend"
server=$url
echo "   $server"
reader=$(token reader "read:pets")
writer=$(token writer "read:pets write:pets")

title "No token: 401, and where to get one"
call "" listPets '{}'
show "$(printf '%s\n' "$head" | grep -i '^www-authenticate:')"
expect_code 401
expect 'resource_metadata=' "$head"

title "No token is needed for the public operation"
call "" getHealth '{}'
show "$body"
expect_code 200
expect 'open' "$body"

title "A reader sees the tools and the pets"
mcp "$reader" tools/list "" ""
show "$(printf '%s' "$body" | grep -o '"name":"[A-Za-z]*"' | tr '\n' ' ')"
expect_code 200
expect '"getPet"' "$body"
call "$reader" listPets '{"status":["available"],"limit":2}'
show "$body"
expect_code 200
expect 'Rex' "$body"
call "$reader" getPet '{"petId":1}'
show "$body"
expect_code 200
expect 'Rex' "$body"

title "The till's key goes out with the operation that wants it"
call "$reader" getInventory '{}'
show "$body"
expect_code 200
expect 'sold' "$body"

title "A number beyond 2^53 arrives with all its digits"
call "$reader" getPet '{"petId":9007199254740993}'
show "$body"
expect_code 200
expect '9007199254740993' "$body"
expect 'Methuselah' "$body"

title "A reader may not delete: 403, naming the scope"
call "$reader" deletePet '{"petId":1}'
show "$(printf '%s\n' "$head" | grep -i '^www-authenticate:')"
expect_code 403
expect 'insufficient_scope' "$head"
expect 'write:pets' "$head"

title "A path is a path: ../users goes nowhere"
call "$reader" getPet '{"petId":"../users"}'
show "$body"
expect '"isError":true' "$body"

title "A writer deletes"
call "$writer" deletePet '{"petId":1}'
show "$body"
expect_code 200
call "$writer" getPet '{"petId":1}'
show "$body"
expect '"isError":true' "$body"
expect '404' "$body"

title "What reached the backend (the refused calls are not there)"
sed -n 's/^backend: /   /p' "$demo/backend.log"
! grep -q users "$demo/backend.log" || fail "a refused call reached the backend"
! grep -q "$secret" "$demo"/*.log || fail "a secret is in a log"

# where the program stays when the demo is over
cp "$demo/petstore" "$build/petstore"
title "The same with the MCP Inspector"
cat <<END
   npx @modelcontextprotocol/inspector --cli $build/petstore \\
       -e BACKEND_API_TOKEN=... --method tools/list
   npx @modelcontextprotocol/inspector --cli $server --transport http \\
       --header "Authorization: Bearer \$TOKEN" --method tools/call --tool-name listPets
END
title "For desktop clients (stdio; the operator's own token goes to the backend)"
cat <<END
{
  "mcpServers": {
    "petstore": {
      "command": "$build/petstore",
      "args": ["--transport", "stdio", "--backend-url", "$backend"],
      "env": { "BACKEND_API_TOKEN": "..." }
    }
  }
}
END

if [ "$keep" = 1 ]; then
    title "The servers stay up"
    echo "   server  $server"
    echo "   stop them with: kill$pids; rm -r $demo"
    printf '   TOKEN=%s\n' "$writer"
    printf '   BACKEND_API_TOKEN=%s\n' "$secret"
    trap - EXIT INT TERM
    exit 0
fi
title "All as it should be; stopping everything"
