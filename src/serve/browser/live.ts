import { eventsAddress } from './address.ts';

/** `paused`: the page is hidden; a browser has few connections per server, and other pages need them. */
type LiveState = 'live' | 'lost' | 'paused';

/** The callbacks of a listening page. */
interface Listener {
    /** The database has changed, or may have changed during a pause. */
    readonly onRun: () => void;
    readonly onState: (state: LiveState) => void;
}

const RETRY_MS = 3_000;

/** Listens to the server's events while the page is visible; after a pause the page reads its data again. */
export function listen(pipeline: string, { onRun, onState }: Listener): void {
    let source: EventSource | null = null;
    let mayHaveMissed = false;
    const connect = (): void => {
        if (source !== null || document.hidden) {
            return;
        }
        const opened = new EventSource(eventsAddress(pipeline));
        source = opened;
        opened.addEventListener('open', () => {
            onState('live');
            if (mayHaveMissed) {
                onRun();
            }
            mayHaveMissed = false;
        });
        opened.addEventListener('run', () => onRun());
        opened.addEventListener('error', () => {
            mayHaveMissed = true;
            onState('lost');
            // The browser gives up when the server refuses; retry, since the server may be started again.
            if (opened.readyState === EventSource.CLOSED && source === opened) {
                source = null;
                setTimeout(connect, RETRY_MS);
            }
        });
    };
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) {
            source?.close();
            source = null;
            mayHaveMissed = true;
            onState('paused');
        } else {
            connect();
        }
    });
    connect();
}
