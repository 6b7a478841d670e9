"""Debian's glewlwyd, an authorization server, as tests start it: on a free port, with its settings,
its sqlite database, its key and its pages in one folder.

Its ways: `token_type` is a lower-case `bearer`; a wrong password is a 403 with an empty body, a
wrong client secret a 400 with none; the audience of a token is the list of its scopes; every access
token is a JWT, and introspection knows which of them are revoked."""

import base64
import contextlib
import http.client
import json
import pathlib
import shutil
import sqlite3
import urllib.parse

from certificates import openssl
from conftest import DEADLINE_S, wait_until
from services import Service, free_port, program

SQL = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
SHARE = pathlib.Path("/usr/share/glewlwyd")
MODULES = "/usr/lib/glewlwyd"
SETTINGS = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
login_url="login.html"
api_prefix="api"
static_files_path="{folder}/pages/"
log_mode="file"
log_level="INFO"
log_file="{folder}/glewlwyd.log"
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
static_files_mime_types = (
  {{ extension = ".html" mime_type = "text/html" }},
  {{ extension = ".css" mime_type = "text/css" }},
  {{ extension = ".js" mime_type = "application/javascript" }},
  {{ extension = ".json" mime_type = "application/json" }}
)
"""
FLOWS = ("code", "token", "password", "client", "refresh")


class Glewlwyd(Service):
    """A context manager; may be stopped and started again, and still knows what it was told."""

    CLIENT, SECRET = "pets", "canary-glewlwyd-secret"
    USER, PASSWORD = "carol", "canary-glewlwyd-password"

    def __init__(self, folder, redirect_port=0):
        self.folder, self.cookie = pathlib.Path(folder), None
        port = free_port()
        super().__init__([program("glewlwyd"), "-c", self.folder / "glewlwyd.conf"], port)
        self.url = f"http://127.0.0.1:{port}/api/oidc"
        self.redirect_port = redirect_port or free_port()
        self._write(port)

    def _write(self, port):
        (self.folder / "glewlwyd.conf").write_text(
            SETTINGS.format(port=port, folder=self.folder, modules=MODULES))
        with self._database() as database:
            database.executescript(SQL.read_text())
        # the package's own link of the pages' settings leads to a folder: it is laid right here
        shutil.copytree(SHARE / "webapp", self.folder / "pages",
                        ignore=shutil.ignore_patterns("config.json"))
        shutil.copy(SHARE / "templates/config.json", self.folder / "pages")

    def start(self):
        super().start()
        wait_until(self._is_ready, "glewlwyd")

    def __enter__(self):
        self.start()
        try:
            self._fill()
        except BaseException:
            self.stop()
            raise
        return self

    # ---- asking it ----

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, body bytes)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        connection.request(method, path, body, headers or {})
        with connection.getresponse() as answer:
            found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def _is_ready(self):
        try:
            return self.ask("GET", "/api/auth/scheme/")[0] < 500
        except OSError:
            return False

    def _tell(self, path, **members):
        """The administrator's API."""
        headers = {"Content-Type": "application/json"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        status, found, body = self.ask("POST", "/api" + path, json.dumps(members), headers)
        assert status == 200, (path, status, body)
        if found["Set-Cookie"]:
            self.cookie = found["Set-Cookie"].split(";")[0]

    def form(self, path, secret=None, **fields):
        """(status, JSON or None) of an endpoint of the plugin, as the client."""
        basic = base64.b64encode(f"{self.CLIENT}:{secret or self.SECRET}".encode()).decode()
        status, _, body = self.ask(
            "POST", "/api/oidc" + path, urllib.parse.urlencode(fields),
            {"Authorization": f"Basic {basic}",
             "Content-Type": "application/x-www-form-urlencoded"})
        return status, json.loads(body) if body else None

    def token(self, scope):
        """The user's access token."""
        status, answer = self.form("/token", grant_type="password", username=self.USER,
                                   password=self.PASSWORD, scope=scope)
        assert status == 200 and answer["token_type"] == "bearer"
        return answer["access_token"]

    def introspect(self, token):
        return self.form("/introspect", token=token)[1]

    def revoke(self, token):
        assert self.form("/revoke", token=token)[0] == 200

    def _database(self):
        return contextlib.closing(sqlite3.connect(self.folder / "glewlwyd.db"))

    def refresh_tokens(self):
        """Whether each may still be used, oldest first."""
        with self._database() as database:
            rows = database.execute("SELECT gpor_enabled FROM gpo_refresh_token ORDER BY gpor_id")
            return [bool(row[0]) for row in rows]

    def end_refresh_tokens(self):
        """Behind its back, as time would do it."""
        with self._database() as database:
            database.execute("UPDATE gpo_refresh_token SET gpor_enabled = 0")
            database.commit()

    def log(self):
        return (self.folder / "glewlwyd.log").read_text()

    # ---- what it is told at its beginning ----

    def _fill(self):
        self._tell("/auth/", username="admin", password="password")  # of the package
        for scope in ("read", "write"):
            self._tell("/scope/", name=scope, display_name=scope, description=scope,
                       password_required=True, password_max_age=0)
        self._tell("/user/", username=self.USER, password=self.PASSWORD, name="Carol",
                   scope=["read", "write"], enabled=True)
        self._tell("/client/", client_id=self.CLIENT, name="Pets", confidential=True,
                   client_secret=self.SECRET, enabled=True, scope=["read", "write"],
                   authorization_type=["code", "token", "password", "client_credentials",
                                       "refresh_token", "delete_token"],
                   redirect_uri=[f"http://127.0.0.1:{self.redirect_port}/callback"],
                   token_endpoint_auth_method=["client_secret_basic"])
        self._tell("/mod/plugin/", module="oidc", name="oidc", display_name="OIDC", enabled=True,
                   parameters=self._plugin())

    def _plugin(self):
        key, public = self.folder / "issuer.key", self.folder / "issuer.pem"
        openssl("genrsa", "-out", key, 2048)
        openssl("rsa", "-in", key, "-pubout", "-out", public)
        return {
            "iss": self.url, "jwt-type": "rsa", "jwt-key-size": "256",
            "key": key.read_text(), "cert": public.read_text(), "jwks-show": True,
            "access-token-duration": 3600, "refresh-token-duration": 86400, "code-duration": 600,
            "refresh-token-rolling": True, "refresh-token-one-use": "always",
            "allow-non-oidc": True, "pkce-allowed": True, "subject-type": "public",
            **{f"auth-type-{flow}-enabled": True for flow in FLOWS},
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "introspection-revocation-auth-scope": [], "scope": [], "claims": [],
            "allowed-scope": ["openid", "read", "write"],
        }
