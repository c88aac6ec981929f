// Calls souk with the OpenAI SDK and the Vercel AI SDK, several clients each, without retries, until its input ends; then
// prints what they met. The Go test beside it kills providers meanwhile.
import { readFileSync } from 'node:fs'
import OpenAI from 'openai'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import { author, env } from './lib.mjs'

const prompts = JSON.parse(readFileSync('prompts.json', 'utf8'))
const options = { baseURL: env('SOUK_E2E_URL') + '/v1', apiKey: env('SOUK_E2E_KEY') }

class Tally {
  calls = 0; streams = 0; failovers = 0; broken = 0; wrong = 0; why = []
  bad(text) {
    this.wrong++
    if (this.why.length < 5) this.why.push(String(text).slice(0, 1500))
  }
  attempts(headers) {
    const n = headers?.get ? headers.get('x-souk-attempts') : headers?.['x-souk-attempts']
    if (n && n !== '1') this.failovers++
  }
}

const right = (prompt, text) => text !== '' && prompt.of[author(text)] === text
const explain = (err) => `${err?.name} ${err?.status ?? err?.statusCode ?? ''} ${err?.message} ${err?.responseBody ?? ''}`

function openaiSDK() {
  const client = new OpenAI({ ...options, maxRetries: 0 })
  const ask = (prompt, more) => client.chat.completions.create({ model: prompt.model, messages: [{ role: 'user', content: prompt.text }], ...more })
  return {
    async call(t, prompt) {
      try {
        const { data, response } = await ask(prompt).withResponse()
        t.attempts(response.headers)
        const choice = data.choices[0]
        if (!right(prompt, choice.message.content) || choice.finish_reason !== 'stop' || data.usage.completion_tokens !== prompt.tokens) t.bad('a whole answer is ' + JSON.stringify(data))
      } catch (err) {
        t.attempts(err.headers)
        t.bad('a whole call failed: ' + explain(err))
      }
    },
    async stream(t, prompt) {
      let text = '', finish = null
      try {
        const { data, response } = await ask(prompt, { stream: true }).withResponse()
        t.attempts(response.headers)
        for await (const chunk of data) {
          text += chunk.choices[0]?.delta?.content ?? ''
          finish = chunk.choices[0]?.finish_reason ?? finish
        }
      } catch (err) {
        if (text === '') t.bad('a stream failed before its content: ' + explain(err))
        else if (!(err instanceof OpenAI.APIError)) t.bad('a broken stream raised ' + explain(err))
        else t.broken++
        return
      }
      if (!right(prompt, text) || finish !== 'stop') t.bad(`a stream that looks whole: finish reason ${finish}: ${text}`)
    },
  }
}

function aiSDK(model) {
  return {
    async call(t, prompt) {
      try {
        const answer = await generateText({ model: model(prompt.model), prompt: prompt.text, maxRetries: 0 })
        t.attempts(answer.response.headers)
        if (!right(prompt, answer.text) || answer.finishReason !== 'stop' || answer.usage.outputTokens !== prompt.tokens) t.bad(`a whole answer is ${answer.finishReason}, ${answer.text}`)
      } catch (err) {
        t.attempts(err.responseHeaders)
        t.bad('a whole call failed: ' + explain(err))
      }
    },
    async stream(t, prompt) {
      let text = '', finish = null, error = null
      const result = streamText({ model: model(prompt.model), prompt: prompt.text, maxRetries: 0, onError() {} })
      for await (const part of result.fullStream) {
        if (part.type === 'text-delta') text += part.text
        if (part.type === 'error') error = part.error
        if (part.type === 'finish-step') t.attempts(part.response.headers)
        if (part.type === 'finish') finish = part.finishReason
      }
      if (error !== null) {
        if (text === '') t.bad('a stream failed before its content: ' + explain(error))
        else t.broken++
      } else if (!right(prompt, text) || finish !== 'stop') {
        t.bad(`a stream that looks whole: no error, finish reason ${finish}: ${text}`)
      }
    },
  }
}

let stopped = false
process.stdin.resume().on('end', () => { stopped = true })

async function work(t, sdk, start) {
  for (let n = start * 5; !stopped; n++) {
    const prompt = prompts[n % prompts.length]
    if (start % 2 === 0) { t.calls++; await sdk.call(t, prompt) }
    else { t.streams++; await sdk.stream(t, prompt) }
  }
}

const sdks = {
  'node openai': openaiSDK(),
  'node @ai-sdk/openai': aiSDK(createOpenAI(options).chat),
  'node @ai-sdk/compatible': aiSDK(createOpenAICompatible({ name: 'souk', includeUsage: true, ...options }).chatModel),
}
const tallies = {}
const workers = []
console.log('calling')
for (const [name, sdk] of Object.entries(sdks)) {
  tallies[name] = new Tally()
  for (let i = 0; i < 4; i++) workers.push(work(tallies[name], sdk, i))
}
await Promise.all(workers)
console.log('report ' + JSON.stringify(tallies))
