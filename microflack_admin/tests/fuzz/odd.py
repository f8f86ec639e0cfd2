"""What no generator thinks of: headers, bodies and ids that programs really send."""

HEADERS = [
    {"If-None-Match": '*, W/"x", "'},
    {"X-Session": "cookie"},
    {"X-Session": "\x7f"},
    {"Cookie": "microflack_session=a.b; microflack_session=; =; \xff=\xfe"},
    {"Cookie": "microflack_session=" + "9" * 5000},
    {"Idempotency-Key": "k" * 200},
    {"Idempotency-Key": ""},
    {"Idempotency-Key": "\xe9"},
    {"X-Forwarded-For": "evil, 1.2.3.4", "Forwarded": "for=evil", "X-Request-ID": "x"},
    {"X-Forwarded-Proto": "\xff", "X-Forwarded-Host": "evil"},
    {"Authorization": "Basic 4pyT"},
    {"Authorization": "Basic AAAA"},
    {"Authorization": "Basic " + "QUFB" * 1000},
    {"Authorization": "Basic ="},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer a.b.c"},
    {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoxfQ."},
    {"Authorization": "Digest " + "x" * 2000},
    {"Accept": "text/html;q=nan", "Accept-Encoding": "br;q=2", "Range": "bytes=9-1"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Expect": "200-ok"},
    {"Content-Type": "\xff/\xff"},
]

JSON = "application/json"
BODIES = [
    (f"{JSON}; charset=utf-16", '{"source": "x"}'.encode("utf-16")),
    (f"{JSON}; charset=none-such", b'{"source": "x"}'),
    (JSON, b'{"nickname": ' + b"9" * 5000 + b"}"),
    (JSON, b'{"source": ' + b"-" + b"9" * 5000 + b"}"),
    (JSON, b'{"room_id": ' + b"9" * 4000 + b', "source": "x"}'),
    (
        JSON,
        b'{"source": "\\ud800", "nickname": "\\udfff", "password": "\\ud800aaaaaaaa"}',
    ),
    (JSON, b'{"source": "\\u0000", "nickname": "a\\u0000b"}'),
    (JSON, b'{"nickname": "somebody", "password": "a\\u0000bcdefgh"}'),
    (JSON, b'{"refresh_token": "\\ud800.\\u0000.\\ud800"}'),
    (JSON, b'{"refresh_token": [1]}'),
    (JSON, b'{"source": "\xff\xfe\x00"}'),
    (JSON, b"[" * 100_000),
    (JSON, b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    (JSON, b'{"room_id": NaN, "uses": Infinity, "expires_in": 1e400, "source": "x"}'),
    (
        JSON,
        b'{"room_id": true, "uses": true, "expires_in": [], "admin": 1, "source": {}}',
    ),
    (JSON, b'{"source": 1, "source": "x", "nickname": null, "password": null}'),
    (JSON, b'{"code": "\\u0000", "password": "a password: 1"}'),
    (JSON, b'{"current_password": "\\ud800"}'),
    (JSON, b""),
    (JSON, b"null"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n"),
    ("multipart/form-data", b"--x--"),
    ("application/x-www-form-urlencoded", b"nickname=%ff&password=%00"),
    ("\x7f", b"{}"),
]

IDS = [
    *("0", "-1", "1e3", "%00", "%ff", "..", "..%2f..", "%F0%9F%A6%8A", "1.0", "+1"),
    *(
        "99999999999999999999",
        "9" * 3000,
        "%E2%80%AE",
        "null",
        "%0d%0aX:%20y",
        ";",
        "a" * 300,
    ),
]

QUERIES = [
    *("%00", "x=%ff", "online=2", "online=", "limit=0", "limit=1e3", "limit=%D9%A3"),
    *(
        "updated_since=-1",
        "updated_since=9" + "9" * 3000,
        "after=%00",
        "after=%ED%A0%80",
    ),
    *(
        "room=1&room=2",
        "room=",
        "before_id=1.0",
        "after=1;limit=2",
        "except=%00",
        "=&&=",
    ),
]
