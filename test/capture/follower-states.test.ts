import { expect, it } from 'vitest';
import * as ofTopics from '../../src/capture/kafka/offset-errors.ts';
import * as ofSlots from '../../src/capture/postgres/slot-errors.ts';
import { EltError } from '../../src/core/errors.ts';

/** A follower meets these after it has landed as well as before: none may say that nothing has landed. */

/** Stands for every fact that an error is made of. */
const ANY: unknown = new Proxy(() => undefined, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => 'x' : ANY),
});

it.each(Object.entries({ ...ofTopics, ...ofSlots }))('%s', (_, errorOf) => {
    const error = (errorOf as (...facts: readonly unknown[]) => unknown)(ANY, ANY, ANY);
    expect(error).toBeInstanceOf(EltError);
    expect((error as EltError).facts.state).toBe('what has landed is committed and stays as it is');
});
