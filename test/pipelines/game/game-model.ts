/**
 * The rules of the game's data (shared data, README.md), written once more without SQL: what the pipeline must give for
 * any lines in any order. Plain loops over lists, an event at a time.
 */

export interface GameResult {
    readonly unreadable: number;
    /** `reason: line`, sorted. */
    readonly discarded: readonly string[];
    readonly users: readonly User[];
    readonly sessions: readonly Session[];
    readonly transactions: readonly Purchase[];
    readonly lastDay: string | null;
}

export interface User {
    readonly user_id: string;
    readonly country: string;
    readonly name: string | null;
    readonly registration_timestamp: number;
    readonly device_os: string;
    readonly marketing_campaign: string | null;
}

export interface Session {
    readonly session_id: number;
    readonly user_id: string;
    readonly login_timestamp: number;
    logout_timestamp: number | null;
}

export interface Purchase {
    readonly transaction_id: number;
    readonly user_id: string;
    readonly transaction_timestamp: number;
    readonly amount: number;
    readonly currency: string;
}

interface Event {
    readonly line: string;
    readonly id: number;
    readonly at: number;
    readonly type: string;
    readonly user: string;
    readonly data: Record<string, unknown>;
}

export function gameModel(lines: readonly string[]): GameResult {
    const discarded: string[] = [];
    const valid: Event[] = [];
    let unreadable = 0;
    for (const line of lines) {
        const read = readLine(line);
        if (read === 'unreadable') {
            unreadable++;
        } else if (read === 'invalid') {
            discarded.push(`invalid: ${line}`);
        } else {
            valid.push(read);
        }
    }
    const lastAt = Math.max(...valid.map((event) => event.at));
    const kept = withoutDuplicates(valid, discarded);
    const users: User[] = [];
    const sessions: Session[] = [];
    const transactions: Purchase[] = [];
    for (const user of new Set(kept.map((event) => event.user))) {
        const own = kept.filter((event) => event.user === user).sort((a, b) => a.at - b.at || a.id - b.id);
        play(own, { users, sessions, transactions, discarded });
    }
    const lastDay = valid.length === 0 ? null : dayOf(lastAt);
    return { unreadable, discarded: discarded.sort(), users, sessions, transactions, lastDay };
}

function readLine(line: string): Event | 'unreadable' | 'invalid' {
    let event: Record<string, unknown>;
    try {
        event = JSON.parse(line) as Record<string, unknown>;
    } catch {
        return 'unreadable';
    }
    const { event_id: id, event_timestamp: at, event_type: type } = event;
    const data = event.event_data as Record<string, unknown> | null | undefined;
    // JavaScript cannot tell 1.0 from 1: the text does.
    const isWhole = (name: string): boolean => new RegExp(`"${name}": ?-?[0-9]+ ?[,}]`).test(line);
    if (!isWhole('event_id') || !isWhole('event_timestamp')) {
        return 'invalid';
    }
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
        return 'invalid';
    }
    if (typeof data.user_id !== 'string' || data.user_id === '') {
        return 'invalid';
    }
    if (!['registration', 'login', 'logout', 'transaction'].includes(type as string)) {
        return 'invalid';
    }
    if (type === 'registration') {
        const { country, device_os: device, marketing_campaign: campaign } = data;
        if (typeof country !== 'string' || country === '') {
            return 'invalid';
        }
        if (device !== 'iOS' && device !== 'Android' && device !== 'Web') {
            return 'invalid';
        }
        // What is absent is null.
        if (typeof campaign !== 'string' && campaign !== null && campaign !== undefined) {
            return 'invalid';
        }
    }
    if (type === 'transaction') {
        if (![0.99, 1.99, 2.99, 4.99, 9.99].includes(data.transaction_amount as number)) {
            return 'invalid';
        }
        if (data.transaction_currency !== 'EUR' && data.transaction_currency !== 'USD') {
            return 'invalid';
        }
    }
    return { line, id: id as number, at: at as number, type: type as string, user: data.user_id, data };
}

/** Of events that share an id the first by time, then by the bytes of the line. */
function withoutDuplicates(events: readonly Event[], discarded: string[]): Event[] {
    const kept: Event[] = [];
    for (const id of new Set(events.map((event) => event.id))) {
        const same = events
            .filter((event) => event.id === id)
            .sort((a, b) => a.at - b.at || Buffer.compare(Buffer.from(a.line), Buffer.from(b.line)));
        kept.push(same[0] as Event);
        for (const { line } of same.slice(1)) {
            discarded.push(`duplicate: ${line}`);
        }
    }
    return kept;
}

interface Played {
    readonly users: User[];
    readonly sessions: Session[];
    readonly transactions: Purchase[];
    readonly discarded: string[];
}

/** One user's events in order. */
function play(events: readonly Event[], played: Played): void {
    let isRegistered = false;
    let session: Session | null = null;
    const begin = (event: Event): Session => {
        const { id: session_id, user: user_id, at: login_timestamp } = event;
        const begun = { session_id, user_id, login_timestamp, logout_timestamp: null };
        played.sessions.push(begun);
        return begun;
    };
    for (const event of events) {
        const discard = (reason: string): number => played.discarded.push(`${reason}: ${event.line}`);
        if (!isRegistered && event.type !== 'registration') {
            discard('not registered');
        } else if (event.type === 'registration') {
            if (isRegistered) {
                discard('registered already');
                continue;
            }
            isRegistered = true;
            played.users.push(userOf(event));
            session = begin(event);
        } else if (event.type === 'login') {
            if (session === null) {
                session = begin(event);
            } else {
                discard('logged in already');
            }
        } else if (session === null) {
            discard('logged out');
        } else if (event.type === 'logout') {
            session.logout_timestamp = event.at;
            session = null;
        } else {
            played.transactions.push({
                transaction_id: event.id,
                user_id: event.user,
                transaction_timestamp: event.at,
                amount: event.data.transaction_amount as number,
                currency: event.data.transaction_currency as string,
            });
        }
    }
}

function userOf({ user, at, data }: Event): User {
    return {
        user_id: user,
        country: data.country as string,
        name: typeof data.name === 'string' ? data.name : null,
        registration_timestamp: at,
        device_os: data.device_os as string,
        marketing_campaign: (data.marketing_campaign ?? null) as string | null,
    };
}

/** The UTC day of a second. */
export function dayOf(second: number): string {
    return new Date(second * 1000).toISOString().slice(0, 10);
}
