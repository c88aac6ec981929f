// The hand-off of package policy/handoff, whose README explains each step, for njs 0.7.8 and newer (whose JavaScript has no for-of and no destructuring). All of it is variables, so that
// bodies and answers pass NGINX as they would without it.
import hash from 'crypto';

// reserved tells whether a header's name is the gateway's alone.
function reserved(name) {
    name = name.trim().toLowerCase();
    return name.startsWith('souk-') || name == 'signature' || name == 'signature-input';
}

// refused is why a request is answered with 400; empty: it is not. It looks at headers only, because it is read before NGINX has
// found out who asks.
function refused(r) {
    if (r.rawHeadersIn.some(h => reserved(h[0]) || h[0].toLowerCase() == 'connection' && h[1].split(',').some(reserved))) {
        return 'Headers whose names begin with Souk-, Signature and Signature-Input are for the gateway to send.';
    }
    if (/[#\s]/.test(r.variables.request_uri)) {
        return 'The path holds a space or #.';
    }
    return '';
}

// target is the path and query that souk receives.
function target(r) {
    const uri = r.variables.request_uri;
    const strip = r.variables.souk_strip;
    if (!strip || !uri.startsWith(strip)) {
        return uri;
    }
    const rest = uri.slice(strip.length);
    if (rest === '' || rest[0] == '?') {
        return '/' + rest;
    }
    return rest[0] == '/' ? rest : uri; // of /llm, /llmx is no part
}

// text makes what comes from outside printable ASCII; different texts stay different.
function text(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i++) {
        const c = bytes[i];
        out += c < 0x20 || c > 0x7e || c == 0x25 ? '%' + (c < 16 ? '0' : '') + c.toString(16).toUpperCase() : String.fromCharCode(c);
    }
    return out;
}

// quoted is a string of RFC 8941.
function quoted(s) {
    return '"' + s.replace(/["\\]/g, '\\$&') + '"';
}

// caller is Souk-Caller. Without an identity it is not sent, and souk refuses the request.
function caller(r) {
    const id = r.rawVariables.souk_id;
    if (!id || id.length == 0) {
        return '';
    }
    return 'id=' + quoted(text(id)) + ', via="nginx", credential=' + quoted(r.variables.souk_credential);
}

// covered are the components of the signature, with their values, in order.
function covered(r) {
    const uri = target(r);
    const at = uri.indexOf('?');
    const all = [['@method', r.method], ['@path', at < 0 ? uri : uri.slice(0, at)]];
    if (at >= 0 && at < uri.length - 1) {
        all.push(['@query', uri.slice(at)]);
    }
    all.push(['souk-caller', r.variables.souk_caller]);
    ['applied', 'constraints'].forEach(name => {
        const value = r.variables['souk_' + name];
        if (value) {
            all.push(['souk-' + name, value]);
        }
    });
    return all;
}

// input is Signature-Input. NGINX keeps it for the request, so that signature sees the same. The nonce is NGINX's own id of the
// request, 128 random bits, which its log can show too.
function input(r) {
    if (!r.variables.souk_caller) {
        return '';
    }
    const now = Math.floor(Date.now() / 1000);
    return 'souk-handoff=(' + covered(r).map(c => '"' + c[0] + '"').join(' ') + `);created=${now};expires=${now + 5}` +
        `;nonce="${r.variables.request_id}";keyid="${souk_key.id}";alg="hmac-sha256";tag="souk-handoff"`;
}

// signature is Signature.
function signature(r) {
    const signed = r.variables.souk_input;
    if (!signed) {
        return '';
    }
    const base = covered(r).map(c => `"${c[0]}": ${c[1]}\n`).join('') + '"@signature-params": ' + signed.slice('souk-handoff='.length);
    return 'souk-handoff=:' + hash.createHmac('sha256', souk_key.secret).update(base).digest('base64') + ':';
}

export default {refused, target, caller, input, signature};
