// OpenRouter's own provider for Vercel's AI SDK calls what it has. Run by scripts/witnesses.py, in the environment of the
// packages; prints one line of JSON a call, as reporting.py does.

import { readFileSync } from 'node:fs';
import * as ai from 'ai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { z } from 'zod';

const emulator = JSON.parse(process.env.WITNESS_EMULATOR);
const openrouter = createOpenRouter({
  apiKey: emulator.key,
  baseURL: emulator.base_url,
  compatibility: 'strict',
});
const GPT = 'openai/gpt-4o-mini';
const REASONING = ['openai/gpt-5.5', 'anthropic/claude-haiku-4.5', 'google/gemini-3-flash-preview', 'deepseek/deepseek-v3.2'];
const prompt = 'The weather in Paris?';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function call(operation, act) {
  try {
    await act();
    report({ operation, accepted: true, reason: '' });
  } catch (error) {
    report({ operation, accepted: false, reason: `${error.name}: ${error.message}`.slice(0, 600) });
  }
}

function need(value, what) {
  if (!value) throw new Error(`no ${what}`);
}

async function refused(operation, status, act) {
  await call(operation, async () => {
    try {
      await act();
    } catch (error) {
      const cause = error.lastError ?? error;
      if (ai.APICallError.isInstance(cause) && cause.statusCode === status) return;
      throw error;
    }
    throw new Error(`no error with status ${status}`);
  });
}

// What is asked twice: whole and streamed.
async function both(operation, settings, check) {
  const given = { model: openrouter.chat(GPT), prompt, maxRetries: 0, ...settings };
  await call(operation, async () => check(await ai.generateText(given)));
  await call(`${operation}, streamed`, async () => {
    let failure;
    const stream = ai.streamText({ ...given, onError: ({ error }) => (failure = error) });
    await stream.consumeStream();
    if (failure) throw failure;
    check({
      text: await stream.text,
      finishReason: await stream.finishReason,
      usage: await stream.usage,
      toolCalls: await stream.toolCalls,
      steps: await stream.steps,
      sources: await stream.sources,
      files: await stream.files,
      reasoningText: await stream.reasoningText,
      providerMetadata: await stream.providerMetadata,
    });
  });
}

const weather = ai.tool({
  description: 'Tells the weather.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const asked = { weather: ai.tool({ description: 'Tells the weather.', inputSchema: z.object({ city: z.string() }) }) };

await both('text', {}, (answer) => {
  need(answer.text, 'text');
  need(answer.finishReason === 'stop', 'finish reason');
  need(answer.usage.totalTokens > 0, 'usage');
});
await both('cost', { providerOptions: { openrouter: { usage: { include: true } } } }, (answer) =>
  need(answer.providerMetadata.openrouter.usage.cost > 0, 'cost'));
await both('messages', {
  prompt: undefined,
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: [{ type: 'text', text: 'What is it?' }, { type: 'file', mediaType: 'image/png', data: PIXEL }] },
  ],
}, (answer) => need(answer.text, 'text'));
await both('a tool call', { tools: asked }, (answer) => need(answer.toolCalls[0]?.input.city === 'Paris', 'city'));
await both('a tool loop', { tools: { weather }, stopWhen: ai.stepCountIs(3) }, (answer) => {
  need(answer.steps.length === 2, 'second step');
  need(answer.text.includes('sunny in Paris'), 'answer from the result');
});
await both('a forced tool', { tools: asked, toolChoice: { type: 'tool', toolName: 'weather' } }, (answer) =>
  need(answer.toolCalls.length === 1, 'call'));
await both('an object', { output: ai.Output.object({ schema: z.object({ city: z.string() }) }) }, (answer) =>
  need(JSON.parse(answer.text).city, 'city'));
await both('web search', { model: openrouter.chat(`${GPT}:online`) }, (answer) => need(answer.sources.length, 'sources'));
await both('few tokens', { maxOutputTokens: 2 }, (answer) => need(answer.finishReason === 'length', 'length'));
await both('a picture', { model: openrouter.chat('google/gemini-2.5-flash-image') }, (answer) =>
  need(answer.files[0]?.uint8Array.length, 'picture'));
for (const id of REASONING) {
  const settings = { model: openrouter.chat(id), providerOptions: { openrouter: { reasoning: { effort: 'low' } } } };
  await both(`reasoning (${id})`, settings, (answer) => need(answer.usage.outputTokenDetails.reasoningTokens > 0, 'reasoning'));
  await both(`a tool loop that thinks (${id})`, { ...settings, tools: { weather }, stopWhen: ai.stepCountIs(3) }, (answer) =>
    need(answer.text.includes('sunny in Paris'), 'answer from the result'));
}
await call('embeddings', async () => {
  const { embeddings } = await ai.embedMany({ model: openrouter.textEmbeddingModel('openai/text-embedding-3-small'), values: ['a', 'b'], maxRetries: 0 });
  need(embeddings.length === 2 && embeddings[0].length === 1536, 'vectors');
});
await call('an image', async () => {
  const { images } = await ai.generateImage({ model: openrouter.imageModel('google/gemini-2.5-flash-image'), prompt: 'A cat', maxRetries: 0 });
  need(images[0].uint8Array.length, 'picture');
});
await call('an evaluation', async () => {
  const answer = await ai.experimental_evaluate({
    model: openrouter.evaluationModel('emulator/decider'),
    state: 'Hello',
    questions: {
      safe: { type: 'boolean', instructions: 'Is it safe?' },
      kind: { type: 'choice', instructions: 'What is it?', criteria: { greeting: 'A greeting', farewell: 'A farewell' } },
      warmth: { type: 'score', instructions: 'How warm is it?', criteria: ['cold', 'mild', 'warm'] },
    },
    maxRetries: 0,
  });
  need(Object.keys(answer.answers).length === 3, 'answers');
});
await refused('a wrong key', 401, () =>
  ai.generateText({ model: createOpenRouter({ apiKey: 'sk-or-wrong', baseURL: emulator.base_url }).chat(GPT), prompt, maxRetries: 0 }));
await refused('an unknown model', 400, () => ai.generateText({ model: openrouter.chat('no/model'), prompt, maxRetries: 0 }));
await refused('a busy provider', 429, () => ai.generateText({ model: openrouter.chat(`${GPT}!rate_limited`), prompt, maxRetries: 0 }));
await both('a refusal', { model: openrouter.chat('emulator/refuser') }, (answer) => need(answer.finishReason, 'finish reason'));

const { version } = JSON.parse(readFileSync('node_modules/@openrouter/ai-sdk-provider/package.json', 'utf8'));
report({ version: `@openrouter/ai-sdk-provider ${version}` });
