let turn = 0;
let isCounting = false;

/**
 * The turn of the event loop, a number that grows. Requests that came in together are answered in one turn: what is
 * looked up on the disk for one of them is as new as it can be for all, since whoever waits for a change to be seen
 * sends his request in a later turn.
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
