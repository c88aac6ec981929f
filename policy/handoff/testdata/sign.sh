secret=souk-test-secret-0123456789abcdef keyid=kong-1 path=/v1/chat/completions
caller='id="acme/alice", via="my-gateway"'

created=$(date +%s)
nonce=$(openssl rand -base64 16 | tr -d =)
params='("@method" "@path" "souk-caller");created='$created';expires='$((created + 5))
params=$params';nonce="'$nonce'";keyid="'$keyid'";alg="hmac-sha256";tag="souk-handoff"'
signature=$(printf '"@method": POST\n"@path": %s\n"souk-caller": %s\n"@signature-params": %s' "$path" "$caller" "$params" |
	openssl dgst -sha256 -hmac "$secret" -binary | openssl base64)

echo "Souk-Caller: $caller"
echo "Signature-Input: souk-handoff=$params"
echo "Signature: souk-handoff=:$signature:"
