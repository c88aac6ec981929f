// What the programs here share: where to call, and what simulated providers say of themselves.

export function env(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: sidecar/e2e/run.sh sets it`)
  return value
}

// said is the text with which every prompt begins; souk's logs must never hold it.
export const said = 'lantern-prompt '

// author is the name of the provider that wrote a text.
export const author = (text) => /^\[simulated by ([a-z]+)\]/.exec(text)?.[1] ?? ''

export const providers = Object.fromEntries((process.env.SOUK_E2E_SIMS ?? '').split(',').map((pair) => pair.split('=')))

// whole is the whole text that an answer's author gives to a prompt, asked past souk.
export async function whole(got, prompt) {
  const origin = providers[author(got)]
  if (!origin) return 'a text by one of the simulated providers'
  const res = await fetch(origin + '/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + env('SOUK_E2E_PROVIDER_KEY') },
    body: JSON.stringify({ model: 'chat-1', messages: [{ role: 'user', content: prompt }] }),
  })
  return (await res.json()).choices[0].message.content
}

export async function stats(name) {
  const res = await fetch(providers[name] + '/sim/stats')
  return await res.json()
}

// untilStats asks for a provider's counters again and again until they satisfy cond; it gives the milliseconds that took.
export async function untilStats(name, cond) {
  const begin = performance.now()
  for (;;) {
    const s = await stats(name)
    const took = performance.now() - begin
    if (cond(s)) return took
    if (took > 20000) throw new Error(`${name} stays at ${JSON.stringify(s)}`)
  }
}

export const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
