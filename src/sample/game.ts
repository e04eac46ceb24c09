import { type RandomSource, randomSource } from '../core/random-source.ts';
import type { SampleOptions } from './payments/payments.ts';
import { randomUuid } from './random-values.ts';
import { sampleChunks } from './sample-chunks.ts';

/** Users who play at the same time; the generator keeps only these. */
const LIVE_USERS = 2_000;
/** Approximate number of events per user. */
const EVENTS_PER_USER = 15;
/** 2010-05-08 in UTC. */
const BEGINS = 1_273_276_800;

const COUNTRIES = ['DE', 'RS', 'IT', 'ES', 'BR', 'FR', 'US'];
const NAMES = ['Ana', 'Luka', 'Marta', 'Jonas', 'Mia', 'Petar'];
const CAMPAIGNS = ['null', '""', '"spring"', '"derby"', '"late"'];
const AMOUNTS = ['0.99', '1.99', '2.99', '4.99', '9.99'];

interface Player {
    readonly id: string;
    at: number;
    left: number;
    isRegistered: boolean;
    isIn: boolean;
}

/**
 * Events of the game as lines of JSON, in the order of arrival and not of time, with dirt in realistic shares: lines
 * that are not JSON, fields that violate the constraints, events sent twice or with an id that is taken, logins while
 * logged in. Memory does not grow with `records`.
 */
export function sampleGame({ records = 1000, seed = 1, shape = 'lines' }: SampleOptions = {}): Iterable<string> {
    return sampleChunks(lines(randomSource(seed), records), shape);
}

/** The exchange rates for these events. */
export function sampleExchangeRates(): Iterable<string> {
    return ['{"currency": "USD", "rate_to_usd": "1"}\n{"currency": "EUR", "rate_to_usd": "1.3"}\n'];
}

function* lines(random: RandomSource, records: number): Generator<string> {
    const players: Player[] = [];
    const live = Math.max(1, Math.min(LIVE_USERS, Math.ceil(records / EVENTS_PER_USER)));
    let last = '';
    for (let id = 1; id <= records; id++) {
        const place = random.below(live);
        const known = players[place];
        const player = known === undefined || known.left === 0 ? newPlayer(random, id) : known;
        players[place] = player;
        if (last !== '' && random.chance(30)) {
            yield last;
            continue;
        }
        // Some have the id of another user's event.
        const taken = random.chance(15) ? Math.max(1, id - random.below(5_000)) : id;
        last = nextLine(random, player, taken);
        yield random.chance(7) ? last.slice(0, 60 + random.below(40)) : last;
    }
}

function newPlayer(random: RandomSource, event: number): Player {
    const at = BEGINS + Math.floor(event / 4) + random.below(40_000);
    return {
        id: randomUuid(random),
        at,
        left: 1 + random.below(EVENTS_PER_USER * 2),
        isRegistered: false,
        isIn: false,
    };
}

/** The player's next event, mostly a valid one. */
function nextLine(random: RandomSource, player: Player, id: number): string {
    player.left--;
    player.at += 1 + random.below(30_000);
    const user = random.chance(8) ? '' : player.id;
    const eventId = random.chance(8) ? '"x"' : String(id);
    const at = random.chance(8) ? 'null' : String(player.at);
    const event = (type: string, data: string): string =>
        `{"event_id": ${eventId}, "event_timestamp": ${at}, "event_type": "${type}", "event_data": {"user_id": "${user}"${data}}}`;
    if (!player.isRegistered && random.chance(920)) {
        player.isRegistered = true;
        player.isIn = true;
        return event('registration', registration(random));
    }
    if (random.chance(200)) {
        const amount = random.chance(15) ? '1.0' : random.pick(AMOUNTS);
        const currency = random.chance(15) ? 'GBP' : random.chance(400) ? 'EUR' : 'USD';
        return event('transaction', `, "transaction_amount": ${amount}, "transaction_currency": "${currency}"`);
    }
    if (random.chance(10)) {
        return event(random.chance(500) ? 'match_started' : 'registration', registration(random));
    }
    const wantsIn = random.chance(150) ? player.isIn : !player.isIn;
    player.isIn = wantsIn;
    return event(wantsIn ? 'login' : 'logout', '');
}

function registration(random: RandomSource): string {
    const country = random.chance(10) ? '' : random.pick(COUNTRIES);
    const device = random.chance(15) ? 'ios' : random.pick(['iOS', 'Android', 'Web']);
    const campaign = random.pick(CAMPAIGNS);
    return `, "country": "${country}", "name": "${random.pick(NAMES)}", "device_os": "${device}", "marketing_campaign": ${campaign}`;
}
