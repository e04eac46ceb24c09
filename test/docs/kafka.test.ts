import { afterAll, beforeAll, describe, it } from 'vitest';
import { elt } from '../support/elt.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { readPages } from './pages.ts';
import { Session } from './session.ts';
import { isStep, takeBlock } from './take-block.ts';

/** Every command of docs/kafka.md, as it stands there, with a broker and the messages that the page shows. */
describe.skipIf(!hasKafka)('docs/kafka.md', () => {
    const broker = brokerForTests();
    let session: Session | undefined;
    const page = readPages().find(({ name }) => name === 'docs/kafka.md');
    const messages = (page?.blocks ?? []).find(({ language }) => language === 'json')?.lines ?? [];

    beforeAll(async () => {
        await elt(['--version']);
        await broker().createTopic('orders');
        await broker().send(
            'orders',
            messages.map((value) => ({ key: String((JSON.parse(value) as { id: number }).id), value })),
        );
        session = new Session(undefined, { ELT_SOURCE: broker().address('orders') });
    });
    afterAll(() => session?.dispose());

    it.each(
        (page?.blocks ?? []).filter(isStep).map((block) => [`line ${block.line}: ${block.lines[0]}`, block] as const),
    )('%s', (_, block) => {
        takeBlock(session as Session, block);
    });
});
