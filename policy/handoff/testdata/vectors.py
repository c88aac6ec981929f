"""Writes vectors.json. It shares no code with the Go package, so that the two check each other: python3 vectors.py"""
import base64, hashlib, hmac, json, pathlib

AT = 1763800001
SECRET, OTHER = "souk-test-secret-0123456789abcdef", "another-secret-fedcba9876543210-x"
KEYS = [{"id": "kong-1", "secret": SECRET}, {"id": "kong-2", "secret": OTHER}]
NONCE = "q83vEjRWeJCrze8SNFZ4kA"
CALLER = 'id="acme/alice", via="kong", credential="key-auth", scopes=("chat" "embeddings")'
APPLIED = "credentials, guardrails, redaction=?0"
CONSTRAINTS = 'region=("eu"), type=("company" "self_hosted"), models=("meta-llama/*"), max-price=2.5'
BODY = '{"model":"fast","messages":[{"role":"user","content":"h\u00e9llo"}]}'
ALL = [["Souk-Caller", CALLER], ["Souk-Applied", APPLIED], ["Souk-Constraints", CONSTRAINTS]]
STATEMENT = {
    "caller": {"id": "acme/alice", "via": "kong", "credential": "key-auth", "scopes": ["chat", "embeddings"]},
    "applied": {"credentials": True, "guardrails": True, "redaction": False},
    "constraints": {"region": ["eu"], "type": ["company", "self_hosted"], "models": ["meta-llama/*"], "max-price": "2.5"},
}
ALICE = {"caller": {"id": "alice"}}


def digest(body):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + ":"


def params_of(created=1763800000, expires=1763800005, nonce=NONCE, keyid="kong-1", alg="hmac-sha256", tag="souk-handoff"):
    return [("created", created), ("expires", expires), ("nonce", nonce), ("keyid", keyid), ("alg", alg), ("tag", tag)]


def signed(headers, method="POST", path="/v1/chat/completions", query="", secret=SECRET, cover=None, params=None,
           label="souk-handoff", listed=None, **kw):
    values = {"@method": method, "@path": path, "@query": "?" + query}
    values.update({name.lower(): value for name, value in headers})
    if cover is None:
        cover = ["@method", "@path"] + (["@query"] if query else []) + [name.lower() for name, _ in headers]
    text = listed if listed is not None else "(" + " ".join('"%s"' % c for c in cover) + ")"
    for name, value in params if params is not None else params_of(**kw):
        text += ";%s=%s" % (name, value if isinstance(value, int) else '"%s"' % value)
    base = "".join('"%s": %s\n' % (c, values.get(c, "")) for c in cover) + '"@signature-params": ' + text
    mac = base64.b64encode(hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()).decode()
    return headers + [["Signature-Input", label + "=" + text], ["Signature", label + "=:" + mac + ":"]]


verify = []


def case(name, expect, headers, statement=None, **request):
    entry = {"name": name, "expect": expect, "method": "POST", "path": "/v1/chat/completions"}
    entry.update(request)
    entry["headers"] = headers
    if expect == "ok":
        entry["statement"] = statement or STATEMENT
    verify.append(entry)


def minimal(caller='id="alice"', **kw):
    return signed([["Souk-Caller", caller]], **kw)


def replaced(headers, name, change):
    return [[n, change(v) if n == name else v] for n, v in headers]


def without(headers, *names):
    return [h for h in headers if h[0] not in names]


good = signed(ALL)
case("the vector of the contract", "ok", good)
case("a caller and nothing else", "ok", minimal(), ALICE)
case("other headers are passed over", "ok", [["Host", "x"], ["X-Souk-Deliver", "whole"], ["Accept", "a"], ["Accept", "b"]] + good)
case("names in another case", "ok", [[n.upper(), v] for n, v in good])
case("header lines in another order", "ok", good[::-1])
case("components in another order", "ok", signed(ALL, cover=["souk-constraints", "souk-caller", "@path", "souk-applied", "@method"]))
case("parameters in another order", "ok", signed(ALL, params=params_of()[::-1]))
case("spaces around values", "ok", [[n, "  " + v + " "] for n, v in good])
case("another method and path", "ok", minimal(method="GET", path="/v1/models"), ALICE, method="GET", path="/v1/models")
case("a query", "ok", minimal(query="a=1&b=%20"), ALICE, query="a=1&b=%20")
case("an empty query that is covered", "ok", minimal(cover=["@method", "@path", "@query", "souk-caller"]), ALICE)
case("the second key, for rotation", "ok", minimal(secret=OTHER, keyid="kong-2"), ALICE)
case("a header that is unknown and covered", "ok", signed([["Souk-Caller", 'id="alice"'], ["Souk-Later", "x"]]), ALICE)
case("at the end of its life", "ok", good, at=1763800005)
case("created as far ahead as the window", "ok", good, at=1763799995)
case("a life of 60 seconds in a wide window", "ok", minimal(expires=1763800060), ALICE, at=1763800060, window=60)
case("a digest of the body", "ok", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest(BODY)]]), ALICE, body=BODY)
case("a digest that is required", "ok", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest(BODY)]]), ALICE, body=BODY, body_rule="required")
case("no digest where none is required", "ok", minimal(), ALICE, body=BODY)
case("no digest and no body", "ok", minimal(), ALICE, body_rule="required")
case("a digest of another body, not looked at", "ok", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest("x")]]), ALICE, body=BODY, body_rule="ignored")
case("a client's digest that is not covered", "ok", minimal() + [["Content-Digest", "sha-256=:AA==:"]], ALICE, body=BODY)
case("created in the second of the start", "ok", minimal(), ALICE, since=1763800000)
case("an id with quotes and backslashes", "ok", minimal(r'id="a\"b\\c"'), {"caller": {"id": 'a"b\\c'}})
case("an id that was not ASCII", "ok", minimal('id="%C3%A9lodie"'), {"caller": {"id": "%C3%A9lodie"}})
case("a percent sign of its own", "ok", minimal('id="50% off"'), {"caller": {"id": "50% off"}})
case("booleans and numbers written out", "ok", signed([["Souk-Caller", 'id="alice"'], ["Souk-Applied", "credentials=?1"], ["Souk-Constraints", "max-price=0"]]),
     {"caller": {"id": "alice"}, "applied": {"credentials": True}, "constraints": {"max-price": "0"}})
case("spaces that RFC 8941 lets pass", "ok", signed([["Souk-Caller", 'id="alice" ,  scopes=(  "chat"   "embeddings" )']]),
     {"caller": {"id": "alice", "scopes": ["chat", "embeddings"]}})

case("no signature at all", "missing", ALL)
case("no headers", "missing", [])
case("no signature", "missing", without(good, "Signature"))
case("no signature-input", "missing", without(good, "Signature-Input"))
case("a covered header that was not sent", "missing", without(good, "Souk-Applied"))
case("a digest that was not sent", "missing", without(signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest("")]]), "Content-Digest"))
for name in ["Souk-Caller", "Souk-Applied", "Souk-Constraints", "Signature-Input", "Signature"]:
    twice = [h for h in good if h[0] == name]
    case("the same %s twice" % name.lower(), "duplicate", good + twice)
case("souk-caller twice, once in another case", "duplicate", good + [["SOUK-CALLER", 'id="root"']])
case("a digest twice", "duplicate", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest(BODY)]]) + [["Content-Digest", digest(BODY)]], body=BODY)

case("an unknown key", "unknown_key", minimal(keyid="kong-3"))
case("the id of another key", "wrong", minimal(keyid="kong-2"))
case("another secret", "wrong", minimal(secret="x" * 32))
case("too old", "stale", good, at=1763800006)
case("created ahead of the clock", "stale", good, at=1763799994)
case("past expires", "stale", minimal(expires=1763800002), at=1763800003)
case("older than the window, though not expired", "stale", minimal(expires=1763800060), at=1763800006)
case("created before the start", "stale", good, since=1763800001)
case("created in the second of the start, which was later in it", "stale", good, since=1763800000, since_nanos=1)
case("expires with created", "malformed", minimal(expires=1763800000))
case("a life over 60 seconds", "malformed", minimal(expires=1763800061), window=60)

for name in ["@method", "@path", "souk-caller", "souk-applied", "souk-constraints"]:
    case("%s is not covered" % name, "not_covered", signed(ALL, cover=[c for c in ["@method", "@path", "souk-caller", "souk-applied", "souk-constraints"] if c != name]))
case("the query is not covered", "not_covered", minimal(), query="a=1")
case("a header that is unknown and not covered", "not_covered", good + [["Souk-Later", "x"]])
case("a constraint added on the way", "not_covered", minimal() + [["Souk-Constraints", 'region=("us")']])
case("a digest is required and there is none", "not_covered", minimal(), body=BODY, body_rule="required")
case("a digest is required and not covered", "not_covered", minimal() + [["Content-Digest", digest(BODY)]], body=BODY, body_rule="required")

case("another method", "wrong", good, method="GET")
case("the method in lower case", "wrong", good, method="post")
case("another path", "wrong", good, path="/v1/embeddings")
case("the path written in another way", "wrong", good, path="/v1/chat/%63ompletions")
case("another query", "wrong", minimal(query="a=1"), query="a=2")
case("no query any more", "wrong", minimal(query="a=1"))
case("another caller", "wrong", replaced(good, "Souk-Caller", lambda v: v.replace("alice", "admin")))
case("a caller in another case", "wrong", replaced(good, "Souk-Caller", lambda v: v.replace("alice", "Alice")))
case("one more space", "wrong", replaced(good, "Souk-Caller", lambda v: v.replace(", ", ",  ", 1)))
case("redaction that was not applied", "wrong", replaced(good, "Souk-Applied", lambda v: v.replace("=?0", "")))
case("a higher price", "wrong", replaced(good, "Souk-Constraints", lambda v: v.replace("2.5", "9.5")))
case("components moved about afterwards", "wrong", replaced(good, "Signature-Input", lambda v: v.replace('"@method" "@path"', '"@path" "@method"')))
case("another created", "wrong", replaced(good, "Signature-Input", lambda v: v.replace("created=1763800000", "created=1763800001")))
case("another nonce", "wrong", replaced(good, "Signature-Input", lambda v: v.replace("q83v", "q83w")))
case("another signature", "wrong", replaced(good, "Signature", lambda v: v.replace(":k4", ":k5")))
case("the same bytes in base64 that is not canonical", "wrong", replaced(good, "Signature", lambda v: v.replace("OT0=", "OT1=")))
case("a signature without padding", "wrong", replaced(good, "Signature", lambda v: v.replace("=:", ":").replace("souk-handoff:", "souk-handoff=:")))
case("an empty signature", "wrong", replaced(good, "Signature", lambda v: "souk-handoff=::"))
case("a signature with another label", "wrong", replaced(good, "Signature", lambda v: v.replace("souk-handoff", "sig1")))
case("a second signature", "wrong", replaced(good, "Signature", lambda v: v + ", sig1=:AA==:"))
case("another body", "digest", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest("x")]]), body=BODY)
case("two digests", "digest", signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest(BODY) + ", sha-512=:AA==:"]]), body=BODY)

case("another label", "malformed", signed(ALL, label="sig1"))
case("another party's signature first", "malformed", replaced(good, "Signature-Input", lambda v: 'sig1=("@method");created=1, ' + v))
case("another party's signature behind", "malformed", replaced(good, "Signature-Input", lambda v: v + ', sig1=("@method");created=1'))
case("the label twice", "malformed", replaced(good, "Signature-Input", lambda v: v + ", " + v))
case("another tag", "malformed", signed(ALL, tag="other"))
case("another algorithm", "malformed", signed(ALL, alg="hmac-sha512"))
case("a nonce of 90 bits", "malformed", signed(ALL, nonce="q83vEjRWeJCrze8"))
for i, (name, _) in enumerate(params_of()):
    case("no %s" % name, "malformed", signed(ALL, params=params_of()[:i] + params_of()[i + 1:]))
    case("%s twice" % name, "malformed", signed(ALL, params=params_of() + [params_of()[i]]))
case("an unknown parameter", "malformed", signed(ALL, params=params_of() + [("extra", "x")]))
case("created as a string", "malformed", signed(ALL, created="1763800000"))
case("created with a zero before it", "malformed", replaced(good, "Signature-Input", lambda v: v.replace("created=1", "created=01")))
case("a space before a parameter", "malformed", replaced(good, "Signature-Input", lambda v: v.replace(";keyid", "; keyid")))
case("two spaces between components", "malformed", replaced(good, "Signature-Input", lambda v: v.replace('" "', '"  "', 1)))
case("a component twice", "malformed", signed(ALL, cover=["@method", "@path", "@method", "souk-caller", "souk-applied", "souk-constraints"]))
case("a component that a hand-off does not have", "malformed", signed(ALL, cover=["@method", "@path", "@authority", "souk-caller", "souk-applied", "souk-constraints"]))
case("a component with a parameter", "malformed", signed(ALL, cover=["@method", "@path", "souk-caller", "souk-applied", "souk-constraints"],
     listed='("@method" "@path" "souk-caller";sf "souk-applied" "souk-constraints")'))
case("a component in upper case", "malformed", signed(ALL, listed='("@method" "@path" "Souk-Caller" "souk-applied" "souk-constraints")'))
case("no components", "malformed", signed(ALL, cover=[]))
case("a list that is not closed", "malformed", replaced(good, "Signature-Input", lambda v: v.replace(")", "")))
case("an empty signature-input", "malformed", replaced(good, "Signature-Input", lambda v: ""))

for name, caller in [
    ("no id", 'via="kong"'), ("an empty id", 'id=""'), ("an id that is a token", "id=alice"), ("an id twice", 'id="a", id="b"'),
    ("an unknown key", 'id="a", admin'), ("a parameter", 'id="a";x=1'), ("an open string", 'id="a'), ("an escape that is none", r'id="a\n"'),
    ("raw UTF-8", 'id="\u00e9lodie"'), ("no scopes", 'id="a", scopes=()'), ("scopes that are a string", 'id="a", scopes="chat"'),
    ("a scope that is a token", 'id="a", scopes=(chat)'), ("scopes without a space", 'id="a", scopes=("b""c")'), ("an open list", 'id="a", scopes=("b"'),
    ("a comma at the end", 'id="a",'), ("a comma too many", 'id="a",, via="b"'), ("a key in upper case", 'ID="a"'), ("nothing", ""),
    ("a space before =", 'id ="a"'), ("a list in a list", 'id="a", scopes=(("b"))'), ("a string display", 'id=%"a"'),
]:
    case("a caller with " + name, "malformed", minimal(caller))
for name, applied in [("an unknown key", "credentials, magic"), ("a string", 'credentials="yes"'), ("?2", "credentials=?2"), ("nothing", " ")]:
    case("applied with " + name, "malformed", signed([["Souk-Caller", 'id="a"'], ["Souk-Applied", applied.strip()]]))
for name, constraints in [
    ("an unknown key", 'region=("eu"), colour=("red")'), ("* in the middle", 'models=("meta-*/x")'), ("* twice", 'models=("meta-**")'),
    ("a negative price", "max-price=-1"), ("4 decimals", "max-price=0.1234"), ("13 digits", "max-price=1234567890123"), ("no decimals behind a point", "max-price=1."),
    ("a price that is a string", 'max-price="2.5"'), ("a region that is no list", 'region="eu"'), ("an empty region", 'region=("")'), ("no type", "type=()"),
]:
    case("constraints with " + name, "malformed", signed([["Souk-Caller", 'id="a"'], ["Souk-Constraints", constraints]]))

sign = []


def makes(name, statement, headers, **request):
    entry = {"name": name, "at": 1763800000, "keyid": "kong-1", "nonce": NONCE, "method": "POST", "path": "/v1/chat/completions"}
    entry.update(request)
    entry["statement"] = statement
    entry.update({"headers": headers} if headers else {"expect": "invalid"})
    sign.append(entry)


one = {"caller": {"id": "alice"}}
makes("the vector of the contract", STATEMENT, good)
makes("a caller and nothing else", one, minimal())
makes("a query", one, minimal(query="a=1"), query="a=1")
makes("a body", one, signed([["Souk-Caller", 'id="alice"'], ["Content-Digest", digest(BODY)]]), body=BODY)
makes("another key and a longer life", one, minimal(secret=OTHER, keyid="kong-2", expires=1763800060), keyid="kong-2", lifetime=60)
makes("quotes and backslashes", {"caller": {"id": 'a"b\\c'}}, minimal(r'id="a\"b\\c"'))
for name, statement in [
    ("no id", {"caller": {"via": "kong"}}), ("an id that is not ASCII", {"caller": {"id": "\u00e9lodie"}}), ("an id with a line end", {"caller": {"id": "a\r\nb"}}),
    ("an id that is too long", {"caller": {"id": "a" * 1025}}), ("no scopes", {"caller": {"id": "a", "scopes": []}}),
    ("* in the middle", {"caller": {"id": "a"}, "constraints": {"models": ["a*b"]}}), ("a price that is none", {"caller": {"id": "a"}, "constraints": {"max-price": "2,5"}}),
    ("a negative price", {"caller": {"id": "a"}, "constraints": {"max-price": "-1"}}), ("an empty region", {"caller": {"id": "a"}, "constraints": {"region": [""]}}),
    ("65 regions", {"caller": {"id": "a"}, "constraints": {"region": ["r"] * 65}}), ("too much", {"caller": {"id": "a", "scopes": ["s" * 1000] * 9}}),
]:
    makes(name, statement, None)
makes("a path with a query", one, None, path="/v1?x=1")
makes("a path with a line end", one, None, path='/v1\n"@query": ?a')
makes("no path", one, None, path="")
makes("a method that is none", one, None, method="POST /")

text = [
    {"in": "acme/alice", "out": "acme/alice"}, {"in": "", "out": ""}, {"in": "\u00e9lodie", "out": "%C3%A9lodie"}, {"in": "50%", "out": "50%25"},
    {"in": "%C3%A9", "out": "%25C3%25A9"}, {"in": "a\r\nb\tc\u0000", "out": "a%0D%0Ab%09c%00"}, {"in": "\u6771\u4eac \U0001f642", "out": "%E6%9D%B1%E4%BA%AC %F0%9F%99%82"},
    {"in_hex": "61fffe7f", "out": "a%FF%FE%7F"}, {"in": 'say "hi" \\ ~', "out": 'say "hi" \\ ~'},
]
out = {"about": "Made by vectors.py. Unless a case says otherwise: at 1763800001, window 5 s, no query, no body. since is in Unix seconds.",
       "keys": KEYS, "verify": verify, "sign": sign, "text": text}
path = pathlib.Path(__file__).with_name("vectors.json")
groups = ",\n".join('  %s: [\n    %s\n  ]' % (json.dumps(k), ",\n    ".join(json.dumps(c) for c in out[k])) for k in ["keys", "verify", "sign", "text"])
path.write_text('{\n  "about": %s,\n%s\n}\n' % (json.dumps(out["about"]), groups))
print(len(verify), len(sign), len(text))
