"""A small OpenID provider on this machine: discovery, authorization, token, userinfo, keys, and ways to misbehave."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class IdentityProvider:
    """``claims`` are those of whoever signs in next; ``forged`` goes over what is right in the ID token."""

    def __init__(self) -> None:
        self.key = new_key()
        self.signs_with = self.key
        self.claims: dict[str, Any] = {"sub": "1"}
        self.forged: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.issuer = ""
        self.calls_itself = ""
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        #: By access token: who signs in with the next codes, in the place of `claims`.
        self.queue: list[dict[str, Any]] = []
        self.known_by: dict[str, dict[str, Any]] = {}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.calls_itself or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**made, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to. Somebody signs in at once."""
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """What a code gives, once, to whoever has the verifier."""
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form.get("client_secret") != "hush":
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **(who := self.queue.pop() if self.queue else self.claims),
            **self.forged,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        key: Any = self.signs_with if self.algorithm == "RS256" else "0" * 64 if self.algorithm == "HS256" else None
        signed = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "one"})
        access_token = f"opaque{len(self.known_by)}"
        self.known_by[access_token] = who
        return {"access_token": access_token, "token_type": "Bearer", "id_token": signed, "expires_in": 300}


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif parts.path == "/userinfo":
                bearer = self.headers["Authorization"].partition(" ")[2]
                self.answer({**provider.known_by[bearer], **provider.told})
            elif parts.path == "/jwks":
                self.answer(provider.jwks())
            else:
                self.answer(provider.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = provider.token({name: values[0] for name, values in parse_qs(body).items()})
            self.answer(given or {"error": "invalid_grant"}, 200 if given else 400)

        def answer(self, data: dict[str, Any], status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(data).encode())

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    return Handler


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """The provider as long as it is needed."""
    provider = IdentityProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
