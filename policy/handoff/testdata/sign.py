import base64, hashlib, hmac, os, time


def sign(secret, keyid, method, path, query="", body=None, caller="", applied="", constraints="", created=None, nonce=None):
    """Returns the headers to set on the request to the sidecar, in place of any that the client sent."""
    b64 = lambda b: base64.b64encode(b).decode()
    headers = {"Souk-Caller": caller, "Souk-Applied": applied, "Souk-Constraints": constraints}
    headers = {name: value for name, value in headers.items() if value}
    if body is not None:
        headers["Content-Digest"] = "sha-256=:" + b64(hashlib.sha256(body).digest()) + ":"

    parts = [("@method", method), ("@path", path)]
    if query:
        parts.append(("@query", "?" + query))
    parts += [(name.lower(), value) for name, value in headers.items()]

    created = int(time.time()) if created is None else created
    nonce = b64(os.urandom(16)).rstrip("=") if nonce is None else nonce
    params = "(" + " ".join('"%s"' % name for name, _ in parts) + ")"
    params += ';created=%d;expires=%d;nonce="%s";keyid="%s"' % (created, created + 5, nonce, keyid)
    params += ';alg="hmac-sha256";tag="souk-handoff"'

    base = "".join('"%s": %s\n' % part for part in parts) + '"@signature-params": ' + params
    signature = hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()
    headers["Signature-Input"] = "souk-handoff=" + params
    headers["Signature"] = "souk-handoff=:" + b64(signature) + ":"
    return headers


if __name__ == "__main__":
    signed = sign(
        "souk-test-secret-0123456789abcdef", "kong-1", "POST", "/v1/chat/completions",
        caller='id="acme/alice", via="kong", credential="key-auth", scopes=("chat" "embeddings")',
        applied="credentials, guardrails, redaction=?0",
        constraints='region=("eu"), type=("company" "self_hosted"), models=("meta-llama/*"), max-price=2.5',
        created=1763800000, nonce="q83vEjRWeJCrze8SNFZ4kA",
    )
    for name, value in signed.items():
        print(name + ": " + value)
