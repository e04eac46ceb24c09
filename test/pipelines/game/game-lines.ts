import fc from 'fast-check';

/**
 * Lines of game events with every kind of dirt, dense enough that the rules meet each other, and with so many users that
 * a part of them does not reach all.
 */

const USERS = ['ann', 'bob', 'cleo', 'd\u00e4v', 'eve', 'finn', 'gus', 'hal'];
/** Midnight between the second and the third day. */
const MIDNIGHT = Date.parse('2010-05-09') / 1000;

const atMoment = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: MIDNIGHT - 12, max: MIDNIGHT + 12 }) },
    { weight: 1, arbitrary: fc.integer({ min: MIDNIGHT - 90_000, max: MIDNIGHT + 90_000 }) },
);

/** JSON text of a value: mostly a good one. */
function mostly(good: fc.Arbitrary<unknown>, bad: readonly string[]): fc.Arbitrary<string> {
    return fc.oneof(
        { weight: 30, arbitrary: good.map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.constantFrom(...bad) },
    );
}

const eventType = mostly(
    fc.oneof(
        { weight: 2, arbitrary: fc.constant('registration') },
        { weight: 4, arbitrary: fc.constantFrom('login', 'logout') },
        { weight: 2, arbitrary: fc.constant('transaction') },
    ),
    ['"match_started"', '""', 'null', '7', '"Login"'],
);

const eventData = fc
    .record({
        user: mostly(fc.constantFrom(...USERS), ['""', 'null', '5', '["ann"]']),
        country: mostly(fc.constantFrom('DE', 'RS'), ['""', 'null', '1']),
        name: mostly(fc.constantFrom('N', ''), ['null', '3']),
        device: mostly(fc.constantFrom('iOS', 'Android', 'Web'), ['"ios"', 'null', '""']),
        campaign: mostly(fc.constantFrom('', 'spring', null), ['4', 'true', '{}']),
        amount: mostly(fc.constantFrom(0.99, 1.99, 2.99, 4.99, 9.99), ['1.0', '"0.99"', 'null', '0', '99e-2']),
        currency: mostly(fc.constantFrom('EUR', 'USD'), ['"GBP"', 'null', '"usd"']),
        spaced: fc.boolean(),
        absent: fc.oneof({ weight: 12, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat({ max: 6 }) }),
    })
    .map(({ user, country, name, device, campaign, amount, currency, spaced, absent }) => {
        const members = [
            `"user_id": ${user}`,
            `"country": ${country}`,
            `"name": ${name}`,
            `"device_os": ${device}`,
            `"marketing_campaign": ${campaign}`,
            `"transaction_amount": ${amount}`,
            `"transaction_currency": ${currency}`,
        ];
        return `{${members.filter((_, index) => index !== absent).join(', ')}${spaced ? ' ' : ''}}`;
    });

const wholeLine = fc
    .record({
        id: mostly(fc.integer({ min: -1, max: 40 }), ['1.5', '"3"', 'null', '2.0', '1e0', 'true']),
        at: mostly(atMoment, ['null', '"1273363200"', '1273363200.0', '{}']),
        type: eventType,
        data: fc.oneof(
            { weight: 40, arbitrary: eventData },
            { weight: 1, arbitrary: fc.constantFrom('null', '{}', '[]', '"x"', '5') },
        ),
    })
    .map(({ id, at, type, data }) => {
        return `{"event_id": ${id}, "event_timestamp": ${at}, "event_type": ${type}, "event_data": ${data}}`;
    });

const line = fc.oneof(
    { weight: 30, arbitrary: wholeLine },
    // Cut short, or glued: no JSON any more.
    { weight: 1, arbitrary: wholeLine.map((text) => text.slice(0, text.length >> 1)) },
    { weight: 1, arbitrary: wholeLine.map((text) => `${text}${text}`) },
);

/** Lines, some of them twice. */
export const gameLines: fc.Arbitrary<readonly string[]> = fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 60, size: 'max' }), fc.array(fc.nat(), { maxLength: 6 }))
    .map(([lines, again]) => [...lines, ...again.map((index) => lines[index % lines.length] as string)]);

export const DAYS = ['2010-05-07', '2010-05-08', '2010-05-09', '2010-05-10'];
export const GAME_USERS = USERS;
export const COUNTRIES = ['DE', 'RS', 'XX'];
