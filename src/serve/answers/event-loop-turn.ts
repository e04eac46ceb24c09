let turn = 0;
let isCounting = false;

/**
 * The number of the current turn of the event loop. Requests that arrived together are answered in one turn, and may
 * share what was read from disk for one of them: a client that waits to see a change sends its request in a later turn.
 */
export function currentTurn(): number {
    if (!isCounting) {
        isCounting = true;
        setImmediate(() => {
            turn++;
            isCounting = false;
        });
    }
    return turn;
}
