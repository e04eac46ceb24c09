import fc from 'fast-check';
import { HEADER, lineOf, type Spent, spent } from '../pipelines/card_spend/card-rows.ts';
import { checkCards } from '../pipelines/card_spend/check-cards.ts';
import { type Sent, sentMessages } from '../pipelines/cash_flow/cash-messages.ts';
import { type Messages, TOPICS } from '../pipelines/cash_flow/cash-model.ts';
import { checkCash } from '../pipelines/cash_flow/check-cash.ts';
import { checkTables, RATE_LINES } from '../pipelines/game/check-game.ts';
import { gameLines } from '../pipelines/game/game-lines.ts';
import { gameModel } from '../pipelines/game/game-model.ts';
import type { RowPipeline } from '../support/row-pipeline.ts';

/** Files that land one group after the other, and what a pipeline must hold and answer after so many groups. */
export interface RowHistory {
    readonly groups: readonly (readonly { readonly name: string; readonly text: string }[])[];
    readonly check: (pipeline: RowPipeline, groups: number) => void;
}

export const ROW_PIPELINES = ['card_spend', 'game', 'cash_flow'] as const;
export type RowPipelineName = (typeof ROW_PIPELINES)[number];

/** Histories that are the same for each mutant, and on every machine. */
export function rowHistories(pipeline: RowPipelineName, seed: number, count: number): readonly RowHistory[] {
    const random = fc.sample(HISTORIES[pipeline], { seed, numRuns: count });
    return pipeline === 'game' ? [LATE_EVENTS, ...random.slice(1)] : random;
}

const perGroup = fc.integer({ min: 1, max: 9 });

const HISTORIES: Readonly<Record<RowPipelineName, fc.Arbitrary<RowHistory>>> = {
    card_spend: fc.tuple(fc.array(spent, { minLength: 3, maxLength: 25, size: 'max' }), perGroup).map(cards),
    game: fc.tuple(gameLines, perGroup).map(game),
    cash_flow: fc.tuple(sentMessages, perGroup).map(cash),
};

/**
 * Late files take things away: a logout comes before a purchase, and then the registration of one user turns out to
 * bear the event_id of another one's, so that a user, a session and a purchase are gone. Others stay.
 */
const LATE_EVENTS = game([
    [
        eventLine(1, 100, 'registration', 'ann'),
        eventLine(2, 100, 'registration', 'bob'),
        eventLine(3, 200, 'transaction', 'ann'),
        eventLine(4, 200, 'transaction', 'bob'),
        eventLine(5, 150, 'logout', 'ann'),
        eventLine(6, 300, 'login', 'ann'),
        eventLine(7, 400, 'transaction', 'ann'),
        eventLine(8, 500, 'login', 'bob'),
        eventLine(2, 50, 'registration', 'cleo'),
    ],
    1,
]);

function eventLine(id: number, at: number, type: string, user: string): string {
    const data = {
        user_id: user,
        country: 'DE',
        device_os: 'iOS',
        marketing_campaign: null,
        transaction_amount: 0.99,
        transaction_currency: 'EUR',
    };
    return `{"event_id": ${id}, "event_timestamp": ${at}, "event_type": "${type}", "event_data": ${JSON.stringify(data)}}`;
}

function cards([rows, size]: [readonly Spent[], number]): RowHistory {
    const groups = chunked(rows, size);
    return {
        groups: groups.map((group) => [
            { name: 'combined_transactions.csv', text: [HEADER, ...group.map(lineOf)].join('\n') },
        ]),
        check: (pipeline, count) => checkCards(pipeline, groups.slice(0, count).flat()),
    };
}

function game([lines, size]: [readonly string[], number]): RowHistory {
    const groups = chunked(lines, size * 4);
    return {
        groups: groups.map((group, index) => [
            { name: 'events.jsonl', text: group.join('\n') },
            // A rate comes once more, and is another one for a while.
            ...(index === 0 ? [{ name: 'exchange_rates.jsonl', text: RATE_LINES.replace('1.305', '1.2') }] : []),
            { name: 'exchange_rates.jsonl', text: RATE_LINES },
        ]),
        check: (pipeline, count) => checkTables(pipeline, gameModel(groups.slice(0, count).flat())),
    };
}

/**
 * In the end a change stream takes back the first message that created something: rows of files never do that. Its refund
 * comes with that, so that a cash-out that shares its id changes in the same run.
 */
function cash([sent, size]: readonly [readonly Sent[], number]): RowHistory {
    const takenBack = sent.find(({ topic }) => topic === 'cash_ins' || topic === 'cash_outs_created') as Sent;
    const id = takenBack.message.transaction_id;
    const isOfIt = ({ topic, message }: Sent, of: Topic): boolean => topic === of && message.transaction_id === id;
    const isLate = (one: Sent): boolean => isOfIt(one, 'cash_outs_refunded');
    const groups = chunked(
        sent.filter((one) => !isLate(one)),
        size,
    );
    const late = sent.filter(isLate);
    const messagesOf = (count: number): Messages => {
        const held =
            count > groups.length ? sent.filter((one) => !isOfIt(one, takenBack.topic)) : groups.slice(0, count).flat();
        const of = (topic: Topic) => held.filter((one) => one.topic === topic).map(({ message }) => message);
        return Object.fromEntries(TOPICS.map((topic) => [topic, of(topic)])) as unknown as Messages;
    };
    const identity = [{ name: 'transaction_id', type: 'uuid', value: id }];
    const deleted = { action: 'D', schema: 'public', table: takenBack.topic, identity, pk: [] };
    return {
        groups: [
            ...groups.map((group) => TOPICS.flatMap((topic) => file(group, topic))),
            [
                { name: 'taken-back.json', text: `{"action":"B"}\n${JSON.stringify(deleted)}\n{"action":"C"}\n` },
                ...file(late, 'cash_outs_refunded'),
            ],
        ],
        check: (pipeline, count) => checkCash(pipeline, messagesOf(count)),
    };
}

type Topic = (typeof TOPICS)[number];

/** The file with a group's messages of one topic, if there are any. */
function file(group: readonly Sent[], topic: Topic): { readonly name: string; readonly text: string }[] {
    const own = group.filter((one) => one.topic === topic).map(({ message }) => message);
    return own.length === 0 ? [] : [{ name: `${topic}.json`, text: JSON.stringify(own) }];
}

function chunked<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
    return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
        items.slice(index * size, (index + 1) * size),
    );
}
