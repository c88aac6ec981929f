// What a program with the official OpenAI SDK for Node sees of souk.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { env, median, said, stats, untilStats, whole } from './lib.mjs'

const keys = env('SOUK_E2E_AUTH') === 'keys'
const connect = (more) => new OpenAI({ baseURL: env('SOUK_E2E_URL') + '/v1', apiKey: env('SOUK_E2E_KEY'), maxRetries: 0, ...more })
const client = connect()
const model = 'acme/chat-1'
const user = (text) => [{ role: 'user', content: said + text }]
const ask = (text, more) => client.chat.completions.create({ model, messages: user(text), ...more })

// read takes a stream to its end.
async function read(stream) {
  const got = { text: '', chunks: 0, usage: [], bare: 0, finish: null, calls: [] }
  for await (const chunk of await stream) {
    if (chunk.usage) got.usage.push(chunk.usage)
    const choice = chunk.choices[0]
    if (!choice) { got.bare++; continue }
    if (choice.delta.content) { got.chunks++; got.text += choice.delta.content }
    got.finish = choice.finish_reason ?? got.finish
    for (const call of choice.delta.tool_calls ?? []) {
      const to = (got.calls[call.index] ??= { id: call.id, name: call.function.name, arguments: '' })
      to.arguments += call.function.arguments ?? ''
    }
  }
  return got
}

test('a chat has content, usage, cost and souk\'s headers', async () => {
  const { data, response } = await ask('whole [[sim:tokens=12]]').withResponse()
  const text = data.choices[0].message.content
  assert.equal(text, await whole(text, said + 'whole [[sim:tokens=12]]'))
  assert.equal(data.choices[0].finish_reason, 'stop')
  assert.equal(data.usage.completion_tokens, 12)
  assert.ok(data.usage.cost > 0)
  assert.equal(Number(response.headers.get('x-souk-cost-usd')), data.usage.cost)
  assert.equal(response.headers.get('x-souk-attempts'), '1')
  assert.ok(response.headers.get('x-souk-request-id'))
})

test('a stream has the content of the whole answer and no usage that was not asked for', async () => {
  const got = await read(ask('streamed [[sim:tokens=30]]', { stream: true }))
  assert.equal(got.text, await whole(got.text, said + 'streamed [[sim:tokens=30]]'))
  assert.deepEqual([got.chunks, got.usage.length, got.bare, got.finish], [30, 0, 0, 'stop'])
})

test('a stream has usage and cost when asked', async () => {
  const got = await read(ask('usage', { stream: true, stream_options: { include_usage: true }, max_tokens: 9 }))
  assert.deepEqual([got.chunks, got.usage.length, got.finish], [9, 1, 'length'])
  assert.equal(got.usage[0].completion_tokens, 9)
  assert.ok(got.usage[0].cost > 0)
})

const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } } } }]

test('a tool is called and its result is answered', async () => {
  const first = await ask('how is the weather?', { tools })
  assert.equal(first.choices[0].finish_reason, 'tool_calls')
  const call = first.choices[0].message.tool_calls[0]
  assert.equal(call.function.name, 'get_weather')
  assert.equal(typeof JSON.parse(call.function.arguments).city, 'string')
  const messages = [...user('how is the weather?'), first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '{"celsius":21}' }]
  const second = await client.chat.completions.create({ model, messages, tools })
  assert.equal(second.choices[0].finish_reason, 'stop')
  assert.ok(second.choices[0].message.content)
})

test('a tool is called and its result is answered in streams', async () => {
  const first = await read(ask('how is the weather, streamed?', { tools, stream: true }))
  assert.equal(first.finish, 'tool_calls')
  const [call] = first.calls
  assert.equal(call.name, 'get_weather')
  assert.equal(typeof JSON.parse(call.arguments).city, 'string')
  const messages = [...user('how is the weather, streamed?'), { role: 'assistant', content: null, tool_calls: [{ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }] },
    { role: 'tool', tool_call_id: call.id, content: '{"celsius":21}' }]
  const second = await read(client.chat.completions.create({ model, messages, tools, stream: true }))
  assert.deepEqual([second.finish, second.chunks], ['stop', 24])
})

test('the SDK\'s own tool loop runs to its end', async () => {
  const asked = []
  const runner = client.chat.completions.runTools({
    model, messages: user('how is the weather in the loop?'), stream: true,
    tools: [{ type: 'function', function: { name: 'get_weather', parse: JSON.parse, parameters: tools[0].function.parameters, function: (args) => { asked.push(args.city); return 'fine' } } }],
  })
  assert.ok(await runner.finalContent())
  assert.equal(asked.length, 1)
})

test('JSON mode gives JSON', async () => {
  const answer = await ask('answer in JSON', { response_format: { type: 'json_object' } })
  assert.equal(typeof JSON.parse(answer.choices[0].message.content), 'object')
})

test('a JSON schema is kept', async () => {
  const person = z.object({ name: z.string(), age: z.number().int() })
  const answer = await client.chat.completions.parse({ model, messages: user('a person'), response_format: zodResponseFormat(person, 'person') })
  assert.ok(person.safeParse(answer.choices[0].message.parsed).success)
})

test('embeddings have the asked dimensions, as floats and as base64', async () => {
  const as = (encoding_format) => client.embeddings.create({ model: 'acme/embed-1', input: [said + 'one', said + 'two'], dimensions: 16, encoding_format })
  const [floats, packed] = [await as('float'), await as(undefined)] // the SDK asks for base64 by itself
  for (const answer of [floats, packed]) {
    assert.equal(answer.data.length, 2)
    assert.equal(answer.data[1].embedding.length, 16)
    assert.ok(answer.usage.prompt_tokens > 0)
  }
  for (const [i, x] of packed.data[0].embedding.entries()) assert.ok(Math.abs(x - floats.data[0].embedding[i]) < 1e-6)
})

test('text completions work, whole and streamed', async () => {
  const params = { model, prompt: said + 'once', max_tokens: 7, provider: { only: ['bravo'] } }
  const answer = await client.completions.create(params)
  let text = ''
  for await (const chunk of await client.completions.create({ ...params, stream: true })) text += chunk.choices[0]?.text ?? ''
  assert.equal(text, answer.choices[0].text)
  assert.equal(answer.usage.completion_tokens, 7)
})

test('models are listed and found by name', async () => {
  const ids = []
  for await (const m of client.models.list()) ids.push(m.id)
  assert.ok(ids.includes(model) && ids.includes('acme/embed-1'), String(ids))
  assert.equal((await client.models.retrieve(model)).id, model)
})

const refusals = [
  ['a wrong value is the caller\'s own 400', { messages: user('x'), max_tokens: -5 }, 400, OpenAI.BadRequestError, (e) => e.param === 'max_tokens'],
  ['no messages are a 400', { messages: [] }, 400, OpenAI.BadRequestError, (e) => e.param === 'messages'],
  ['a wrong type in provider is a 400 that names it', { provider: { only: 5 } }, 400, OpenAI.BadRequestError, (e) => e.message.includes('provider.only')],
  ['an unknown model is a 404 with the nearest names', { model: 'acme/chatt-1' }, 404, OpenAI.NotFoundError, (e) => e.code === 'model_not_found' && e.message.includes(model)],
  ['offers that are all rate-limited are a 429 with Retry-After', { model: 'acme/limited-1' }, 429, OpenAI.RateLimitError, (e) => Number(e.headers.get('retry-after')) > 0],
  ['offers that all fail are a 502 with every attempt', { model: 'acme/failing-1' }, 502, OpenAI.InternalServerError, (e) => e.error.metadata.attempts.length > 0],
]
for (const [name, params, status, type, more] of refusals) {
  for (const stream of [false, true]) {
    test(`${name}${stream ? ', streamed' : ''}`, async () => {
      await assert.rejects(client.chat.completions.create({ model, messages: user('x'), stream, ...params }), (err) => {
        assert.ok(err instanceof type, err.constructor.name)
        assert.equal(err.status, status)
        assert.ok(more(err), JSON.stringify(err.error))
        return true
      })
    })
  }
}

test('a wrong key and no key are a 401', { skip: !keys && 'this souk asks for none' }, async () => {
  for (const refused of [connect({ apiKey: 'sk-wrong' }), connect({ defaultHeaders: { authorization: null } })]) {
    await assert.rejects(refused.chat.completions.create({ model, messages: user('x') }), (err) => err instanceof OpenAI.AuthenticationError && !err.message.includes('sk-wrong'))
    await assert.rejects(refused.models.list(), OpenAI.AuthenticationError)
  }
})

test('a stream that breaks after content raises the SDK\'s error', async () => {
  let text = 0
  await assert.rejects(async () => {
    for await (const chunk of await ask('cut', { model: 'acme/cut-1', stream: true })) {
      assert.equal(chunk.choices[0].finish_reason, null)
      if (chunk.choices[0].delta.content) text++
    }
  }, (err) => err instanceof OpenAI.APIError && err.code === 'stream_broken')
  assert.equal(text, 5)
})

test('an abort reaches the provider within 50 ms', async () => {
  const only = { provider: { only: ['alpha'] } }
  const took = { whole: [], waiting: [], middle: [] }
  for (const [kind, list] of Object.entries(took)) {
    for (let i = 0; i < 5; i++) {
      const before = await stats('alpha')
      const abort = new AbortController()
      const seen = async () => { abort.abort(); return await untilStats('alpha', (s) => s.aborted > before.aborted) }
      const options = { signal: abort.signal }
      if (kind === 'middle') {
        const stream = await client.chat.completions.create({ model, messages: user('[[sim:tokens=20000,rate=200]]'), stream: true, ...only }, options)
        let n = 0, waits
        for await (const _ of stream) if (++n === 8) waits = seen() // the SDK ends the loop without an error
        list.push(await waits)
      } else {
        const call = client.chat.completions.create({ model, messages: user('[[sim:first-token=30s]]'), stream: kind === 'waiting', ...only }, options)
        const refused = assert.rejects(call, OpenAI.APIUserAbortError)
        await untilStats('alpha', (s) => s.active === 1)
        list.push(await seen())
        await refused
      }
    }
    console.log(`node openai: abort ${kind}: the provider saw it after ${median(list).toFixed(1)} ms (median of 5), ${Math.max(...list).toFixed(1)} ms at most`)
    assert.ok(median(list) <= 50, String(list))
  }
  assert.equal((await read(ask('still there?', { stream: true }))).chunks, 24)
})

test('one client is used by many at once', async () => {
  await Promise.all(Array.from({ length: 60 }, async (_, i) => {
    const prompt = `many ${i} [[sim:tokens=${5 + i}]]`
    const text = i % 2 ? (await ask(prompt)).choices[0].message.content : (await read(ask(prompt, { stream: true }))).text
    assert.equal(text, await whole(text, said + prompt))
  }))
})

test('OpenRouter\'s base path answers the same', async () => {
  const router = connect({ baseURL: env('SOUK_E2E_URL') + '/api/v1' })
  const answer = await router.chat.completions.create({ model: 'fast', messages: user('by its path') })
  assert.equal(answer.choices[0].finish_reason, 'stop')
  const got = await read(router.chat.completions.create({ model, messages: user('by its path'), stream: true, stream_options: { include_usage: true } }))
  assert.deepEqual([got.chunks, got.usage.length], [24, 1])
  assert.ok((await router.models.list()).data.some((m) => m.id === model))
  const endpoints = await router.get(`/models/${model}/endpoints`)
  assert.equal(endpoints.data.endpoints.length, 3)
  await assert.rejects(router.chat.completions.create({ model: 'acme/none', messages: user('x') }), OpenAI.NotFoundError)
})
