"""How is an nginx configured in front of a model server: as it comes, and with each setting that a finding asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FRONTS", "NGINX_KEY", "configuration"]

NGINX_KEY: Final = "sk-Nginx-test-5c1e9a7b3d2f8064"
"""The key that the guarded servers take."""

_PROXIED: Final = "location / { proxy_pass http://model; }"

FRONTS: Final[dict[str, str]] = {
    # Debian's defaults: buffered, 1 MB of body, 60 s, nobody asked for a key.
    "plain": _PROXIED,
    # Chunks of an upstream that says where each ends go through buffers at once. One nginx before another says no ends:
    # what asks for HTTP/1.0, as nginx does by default, is answered up to the end of the connection.
    "inner": "proxy_buffering off; " + _PROXIED,
    "buffered": "location / { proxy_pass http://127.0.0.1:{inner}; }",
    "unbuffered": "proxy_buffering off; location / { proxy_pass http://127.0.0.1:{inner}; }",
    "limited": "limit_req zone=each; " + _PROXIED,
    "hasty": "proxy_read_timeout 4s; " + _PROXIED,
    "basic": 'auth_basic "models"; auth_basic_user_file htpasswd; ' + _PROXIED,
    # What many write for keys. A map compares without regard to case.
    "mapped": "if ($known = 0) { return 401; } " + _PROXIED,
    "broken": "location / { proxy_pass http://127.0.0.1:{dead}; }",
    "refusing": """
    limit_req zone=all burst=4 nodelay;
    limit_req_status 429;
    error_page 429 = @busy;
    location / { proxy_pass http://model; }
    location @busy {
      default_type application/json;
      add_header Retry-After 1 always;
      return 429 '{"error":{"message":"too many requests"}}';
    }
""",
    # All that the other findings ask for.
    "hardened": """
    server_tokens off;
    client_max_body_size 64k;
    proxy_buffering off;
    proxy_read_timeout 20s;
    proxy_set_header X-Request-Id $named;
    proxy_hide_header Access-Control-Allow-Origin;
    proxy_hide_header Access-Control-Allow-Credentials;
    proxy_intercept_errors on;
    add_header X-Request-Id $named always;
    default_type application/json;
    error_page 400 = @wrong;
    error_page 401 = @unknown;
    error_page 404 = @elsewhere;
    error_page 413 = @large;
    error_page 502 503 504 = @late;
    location = /health { proxy_pass http://model; }
    location = /v1/models { if ($http_authorization != "Bearer {key}") { return 401; } proxy_pass http://model; }
    location = /v1/chat/completions {
      if ($http_authorization != "Bearer {key}") { return 401; }
      proxy_pass http://model;
    }
    location / { if ($http_authorization != "Bearer {key}") { return 401; } return 404; }
    location @wrong { return 400 '{"error":{"message":"the request is no chat"}}'; }
    location @unknown { return 401 '{"error":{"message":"no such key"}}'; }
    location @elsewhere { return 404 '{"error":{"message":"not here"}}'; }
    location @large { return 413 '{"error":{"message":"the body is too large"}}'; }
    location @late { return 504 '{"error":{"message":"no answer in time"}}'; }
""",
}
"""What stands in the server block of each, by name."""

_HEAD: Final = """\
daemon off;
# One process: it is ended by its own id, and runs as whoever started it.
master_process off;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  limit_req_zone $server_name zone=each:1m rate=1r/s;
  limit_req_zone $server_name zone=all:1m rate=4r/s;
  map $http_x_request_id $named { default $http_x_request_id; "" $request_id; }
  map $http_authorization $known { default 0; "Bearer {key}" 1; }
  upstream model { server {upstream}; }
"""


def configuration(upstream: str, ports: Mapping[str, int]) -> str:
    """Return a whole configuration.

    Args:
        upstream: address of the model's server, without a path.
        ports: where each of `FRONTS` listens, and as `dead` a port where nothing does.
    """
    blocks = [
        f"  server {{ listen 127.0.0.1:{ports[name]}; server_name {name}; {block} }}\n"
        for name, block in FRONTS.items()
    ]
    text = _HEAD + "".join(blocks) + "}\n"
    named = {"key": NGINX_KEY, "upstream": upstream.removeprefix("http://")}
    named |= {name: f"{ports[name]}" for name in ("dead", "inner")}
    for name, value in named.items():
        text = text.replace(f"{{{name}}}", value)
    return text
