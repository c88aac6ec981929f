// What a program with the Vercel AI SDK sees of souk, with its provider for OpenAI-compatible servers and with its provider
// for OpenAI itself.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamObject, streamText, tool } from 'ai'
import { z } from 'zod'
import { env, median, said, stats, untilStats, whole } from './lib.mjs'

const keys = env('SOUK_E2E_AUTH') === 'keys'
const at = { baseURL: env('SOUK_E2E_URL') + '/v1', apiKey: env('SOUK_E2E_KEY') }

const openai = (more) => {
  const provider = createOpenAI({ ...at, ...more })
  return { chat: (id) => provider.chat(id), embedding: (id) => provider.embeddingModel(id) }
}
const compatible = (more) => {
  const provider = createOpenAICompatible({ name: 'souk', includeUsage: true, supportsStructuredOutputs: true, ...at, ...more })
  return { chat: (id) => provider.chatModel(id), embedding: (id) => provider.embeddingModel(id) }
}

// read takes a stream to its end, errors included.
async function read(result) {
  const got = { text: '', chunks: 0, error: null, finish: null, aborted: false, calls: [] }
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') { got.text += part.text; got.chunks++ }
    if (part.type === 'tool-call') got.calls.push(part)
    if (part.type === 'error') got.error = part.error
    if (part.type === 'abort') got.aborted = true
    if (part.type === 'finish') { got.finish = part.finishReason; got.usage = part.totalUsage }
  }
  return got
}

for (const [name, connect] of Object.entries({ '@ai-sdk/openai': openai, '@ai-sdk/openai-compatible': compatible })) {
  const souk = connect()
  const model = souk.chat('acme/chat-1')
  const ask = (text, more) => ({ model, prompt: said + text, maxRetries: 0, ...more })
  const stream = (text, more) => read(streamText({ ...ask(text, more), onError() {} }))
  const weather = (asked) => tool({ description: 'the weather', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => { asked.push(city); return 'fine' } })

  describe(name, () => {
    test('a text has content, usage and souk\'s headers', async () => {
      const answer = await generateText(ask('whole [[sim:tokens=12]]'))
      assert.equal(answer.text, await whole(answer.text, said + 'whole [[sim:tokens=12]]'))
      assert.deepEqual([answer.finishReason, answer.usage.outputTokens], ['stop', 12])
      assert.equal(answer.response.headers['x-souk-attempts'], '1')
      assert.ok(Number(answer.response.headers['x-souk-cost-usd']) > 0)
    })

    test('a stream has the content of the whole answer, and usage', async () => {
      const got = await stream('streamed [[sim:tokens=30]]')
      assert.equal(got.text, await whole(got.text, said + 'streamed [[sim:tokens=30]]'))
      assert.deepEqual([got.error, got.finish, got.usage.outputTokens], [null, 'stop', 30])
    })

    test('a stream that the caller bounds ends with length', async () => {
      const got = await stream('bounded', { maxOutputTokens: 9 })
      assert.deepEqual([got.error, got.finish, got.usage.outputTokens], [null, 'length', 9])
    })

    test('a tool is called and its result is answered', async () => {
      const asked = []
      const answer = await generateText(ask('how is the weather?', { tools: { weather: weather(asked) }, stopWhen: stepCountIs(3) }))
      assert.deepEqual([asked.length, answer.steps.length, answer.finishReason], [1, 2, 'stop'])
      assert.ok(answer.text)
    })

    test('a tool is called and its result is answered in streams', async () => {
      const asked = []
      const got = await stream('how is the weather, streamed?', { tools: { weather: weather(asked) }, stopWhen: stepCountIs(3) })
      assert.deepEqual([got.error, asked.length, got.calls.length, got.finish], [null, 1, 1, 'stop'])
      assert.ok(got.text)
    })

    const person = z.object({ name: z.string(), age: z.number().int() })

    test('an object keeps its schema', async () => {
      const { object } = await generateObject(ask('a person', { schema: person }))
      assert.ok(person.safeParse(object).success)
    })

    test('an object without a schema is JSON', async () => {
      const { object } = await generateObject(ask('answer in JSON', { output: 'no-schema' }))
      assert.equal(typeof object, 'object')
    })

    test('a streamed object keeps its schema', async () => {
      const result = streamObject(ask('a person, streamed', { schema: jsonSchema({ type: 'object', required: ['city'], additionalProperties: false, properties: { city: { type: 'string' } } }) }))
      for await (const _ of result.partialObjectStream) { /* to its end */ }
      assert.equal(typeof (await result.object).city, 'string')
    })

    test('embeddings are vectors of one length', async () => {
      const { embeddings, usage } = await embedMany({ model: souk.embedding('acme/embed-1'), values: [said + 'one', said + 'two', said + 'three'], maxRetries: 0 })
      assert.equal(embeddings.length, 3)
      for (const e of embeddings) assert.ok(Math.abs(e.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3)
      assert.ok(usage.tokens > 0)
    })

    const refusals = [
      ['a wrong value is the caller\'s own 400', 'acme/chat-1', { maxOutputTokens: 2 ** 40 }, 400, (e) => e.data.error.param === 'max_tokens' || e.data.error.param === 'max_completion_tokens'],
      ['an unknown model is a 404 with the nearest names', 'acme/chatt-1', {}, 404, (e) => e.message.includes('acme/chat-1')],
      ['offers that are all rate-limited are a 429 with Retry-After', 'acme/limited-1', {}, 429, (e) => Number(e.responseHeaders['retry-after']) > 0 && e.isRetryable],
      ['offers that all fail are a 502', 'acme/failing-1', {}, 502, (e) => JSON.parse(e.responseBody).error.metadata.attempts.length > 0],
    ]
    for (const [what, id, more, status, says] of refusals) {
      test(what, async () => {
        const check = (err) => {
          assert.ok(APICallError.isInstance(err), String(err))
          assert.equal(err.statusCode, status)
          assert.ok(says(err), err.responseBody)
          return true
        }
        await assert.rejects(generateText(ask('x', { model: souk.chat(id), ...more })), check)
        const got = await stream('x', { model: souk.chat(id), ...more })
        assert.equal(got.text, '')
        check(got.error)
      })
    }

    test('a wrong key is a 401', { skip: !keys && 'this souk asks for none' }, async () => {
      await assert.rejects(generateText(ask('x', { model: connect({ apiKey: 'sk-wrong' }).chat('acme/chat-1') })), (err) => APICallError.isInstance(err) && err.statusCode === 401 && !err.responseBody.includes('sk-wrong'))
    })

    test('a stream that breaks after content has an error, and is no short answer', async () => {
      const got = await stream('cut', { model: souk.chat('acme/cut-1') })
      assert.ok(got.text, 'content before the break')
      assert.ok(got.error, `no error was raised; the text ends with finish reason ${got.finish}`)
      assert.equal(got.error.code, 'stream_broken')
      assert.equal(got.finish, 'error')
    })

    test('an abort reaches the provider within 50 ms', async () => {
      const before = await Promise.all(['alpha', 'bravo', 'charlie'].map(stats))
      const sum = (list) => list.reduce((n, s) => n + s.aborted, 0)
      let seen = sum(before)
      const took = []
      for (let i = 0; i < 5; i++) {
        const abort = new AbortController()
        let begin
        const result = streamText(ask('[[sim:tokens=20000,rate=200]]', { abortSignal: abort.signal, onError() {} }))
        let n = 0
        for await (const part of result.fullStream) {
          if (part.type === 'text-delta' && ++n === 8) { begin = performance.now(); abort.abort() }
        }
        for (let now = seen; now === seen;) now = sum(await Promise.all(['alpha', 'bravo', 'charlie'].map(stats)))
        took.push(performance.now() - begin)
        seen++
      }
      const waiting = []
      for (let i = 0; i < 5; i++) {
        const abort = new AbortController()
        const call = generateText(ask('[[sim:first-token=30s]]', { abortSignal: abort.signal }))
        const refused = assert.rejects(call, (err) => err.name === 'AbortError')
        let busy
        while (!busy) for (const p of ['alpha', 'bravo', 'charlie']) if ((await stats(p)).active > 0) busy = p
        const { aborted } = await stats(busy)
        abort.abort()
        waiting.push(await untilStats(busy, (s) => s.aborted > aborted))
        await refused
      }
      for (const [kind, list] of [['middle', took], ['whole', waiting]]) {
        console.log(`node ${name}: abort ${kind}: the provider saw it after ${median(list).toFixed(1)} ms (median of 5), ${Math.max(...list).toFixed(1)} ms at most`)
        assert.ok(median(list) <= 50, `${kind}: ${list}`)
      }
    })

    test('one client is used by many at once', async () => {
      await Promise.all(Array.from({ length: 40 }, async (_, i) => {
        const prompt = `many ${i} [[sim:tokens=${5 + i}]]`
        const text = i % 2 ? (await generateText(ask(prompt))).text : (await stream(prompt)).text
        assert.equal(text, await whole(text, said + prompt))
      }))
    })
  })
}
